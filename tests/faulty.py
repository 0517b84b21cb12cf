"""A recogniser that fails for real, as its model's name says, and writes down every call.

`faulty:segfault,on=medawar.a,log=FILE,trouble=FILE`: the fault happens for the recordings named in `on` (separated by
spaces, `*` for all), as long as the file `trouble` is there. `once` removes that file first, so that the next try passes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from harness.asr.protocol import Capabilities, Measured
from harness.errors import HarnessError
from harness.records import Clip, Failure, Transcript
from tests.conftest import HYPOTHESES


class Faulty:
    package = None
    capabilities = Capabilities(
        nbest=False, word_times=False, confidence=False, bias=False, batch=True, needs_audio=True
    )

    def __init__(self, spec, context) -> None:
        self.fault, self.options, self.label = spec.model or "none", dict(spec.options), spec.label
        self.batch_size = int(self.options.get("batch", 1))
        self.loaded = False

    def identity(self) -> dict[str, str]:
        weights = {"weights": Path(str(path)).read_text()} if (path := self.options.get("weights")) else {}
        return {"engine": "faulty", "label": self.label, **weights}

    def warm_up(self) -> None:
        if self.loaded:
            return
        time.sleep(float(self.options.get("load", 0)))
        self.note("load")
        if self.fault == "unloadable" and self.troubled():
            raise HarnessError(f"{self.label}: the checkpoint is not there: name a file that is")
        self.loaded = True

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        self.note(" ".join(clip.utterance_id for clip in clips))
        found = [self.one(clip) for clip in clips]
        if "measured" in self.options:
            self.measured = [Measured(float(self.options["measured"]), {"seconds": 2}) for _ in clips]
        return found[:-1] if self.fault == "short" and self.troubled() else found

    def one(self, clip: Clip) -> Transcript | Failure:
        time.sleep(float(self.options.get("nap", 0)))
        on = str(self.options.get("on", "*")).split()
        if (clip.utterance_id in on or on == ["*"]) and self.troubled():
            if self.options.get("once"):
                self.trouble().unlink()
            if failure := self.act():
                return failure
        return Transcript(HYPOTHESES[clip.utterance_id.split(".")[0]])

    def act(self) -> Failure | None:
        match self.fault:
            case "segfault":
                ctypes.string_at(0)
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "exits":
                os._exit(7)
            case "hangs":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    time.sleep(60)
            case "raises":
                raise ValueError("a tensor of the wrong shape\nwith a second line")
            case "down":
                return Failure("recognise", "Unavailable", "no connection (Connection refused)")
            case "rejects":
                return Failure("recognise", "Rejected", "status 400")
        return None

    def trouble(self) -> Path:
        return Path(str(self.options.get("trouble", "/nowhere")))

    def troubled(self) -> bool:
        return self.trouble().exists()

    def note(self, line: str) -> None:
        with Path(str(self.options["log"])).open("a") as file:
            file.write(f"{line}\n")


def install(site: Path, name: str = "faulty", target: str = "tests.faulty:Faulty") -> Path:
    """A folder that, on the module path, makes a backend known as another package's."""
    info = site / f"{name}_backend-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-backend\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[harness.backends]\n{name} = {target}\n")
    return site
