"""Commands of the harness that end at a chosen moment of their work, not of the clock.

A `Commander` is one process that has imported the harness; for every command it forks a child, which takes a tenth of the time
of a new one. What meets the child is a `Blow`:

- a signal before its n-th step: a file opened for writing, renamed or removed, a folder made, under a given folder;
- or the n-th byte of a file, where the kernel kills it (SIGXFSZ) or refuses the rest as a full disk does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 300  # seconds for a command
_STEPS = {
    "os.mkdir": (0, 2),
    "os.rename": (1, 3),
    "os.remove": (0, 1),
    "os.rmdir": (0, 1),
}  # event: where its path is, and its folder
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Blow:
    """`signals` are sent before step number `step` and the steps that follow, one at each; `bytes` bounds every file."""

    step: int | None = None
    signals: tuple[int, ...] = (signal.SIGKILL,)
    bytes: int | None = None
    kills: bool = True  # at `bytes`


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status as `subprocess` counts, the steps that it took where it lived to count them."""

    status: int
    output: str
    steps: int | None


class Commander:
    """Starts commands of the harness one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.commander"], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self, *words: object, under: Path, blow: Blow | None = None, cache: Path | None = None) -> Ended:
        """Run `harness WORDS` in the folder `under`; steps are counted where they concern files in it."""
        order = {
            "words": [str(word) for word in words],
            "under": str(under.resolve()),
            "blow": asdict(blow or Blow()),
            "cache": str(cache) if cache else None,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=LIMIT)


@contextmanager
def commander(cache: Path) -> Iterator[Commander]:
    """A `Commander` whose commands share the cache in the folder `cache`."""
    started = Commander({**os.environ, "HARNESS_CACHE": str(cache)})
    try:
        yield started
    finally:
        started.close()


# ---- in the process that forks


def _serve() -> None:
    import harness.cli
    import harness.report.html
    import harness.report.terminal
    import harness.runs.collect
    import harness.runs.runner
    import harness.suites.speak  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(asdict(_obey(json.loads(line)))), flush=True)


def _obey(order: dict[str, object]) -> Ended:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _work(order, write)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        content = pipe.read().decode("utf-8", "replace")  # to the end of the child, and of all that it started
    _, status = os.waitpid(child, 0)
    output, _, steps = content.rpartition("\0")
    return Ended(os.waitstatus_to_exitcode(status), output or content, int(steps) if output and steps else None)


def _work(order: dict[str, object], pipe: int) -> None:
    """Become the command. Does not return."""
    for number in (1, 2):
        os.dup2(pipe, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.alarm(LIMIT)
    os.chdir(str(order["under"]))
    words, blow = order["words"], Blow(**order["blow"])  # type: ignore[arg-type]
    if order["cache"]:
        os.environ["HARNESS_CACHE"] = str(order["cache"])
    steps = _count_steps(str(order["under"]), blow)
    if blow.bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (blow.bytes, resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if blow.kills else signal.SIG_IGN)
    from harness.cli import main

    sys.argv = ["harness", *words]  # type: ignore[misc]
    status = 1
    try:
        main(args=words, prog_name="harness")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(pipe, f"\0{steps[0]}".encode())
        os._exit(status)


def _count_steps(under: str, blow: Blow) -> list[int]:
    taken, signals = [0], list(blow.signals)

    def hear(event: str, arguments: Sequence[Any]) -> None:
        path = _written(event, arguments)
        if path is None or not path.startswith(under) or path.endswith(".lock"):
            return
        taken[0] += 1
        if blow.step is not None and taken[0] >= blow.step and signals:
            os.kill(os.getpid(), signals.pop(0))

    sys.addaudithook(hear)
    return taken


def _written(event: str, arguments: Sequence[Any]) -> str | None:
    """The path that this event of Python's file functions is about to change."""
    if event == "open":
        path, _, flags = arguments
        return str(Path.cwd() / path) if isinstance(path, str) and flags & _WRITES else None
    if event not in _STEPS:
        return None
    path, folder = (arguments[place] for place in _STEPS[event])
    base = Path(f"/proc/self/fd/{folder}").readlink() if folder >= 0 else Path.cwd()
    return str(base / os.fsdecode(path))


if __name__ == "__main__":
    _serve()
