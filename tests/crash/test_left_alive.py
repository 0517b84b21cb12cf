"""However a run ends, nothing that it started goes on: no worker, no program of a backend, and no temporary folder is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite

PATIENCE = 60  # seconds; the machine may be busy


def parent_killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def stopped_twice(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    time.sleep(0.03)  # two at once would be one
    process.send_signal(signal.SIGINT)


def ended_twice(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [parent_killed, stopped_twice, ended_twice])
def test_a_program_and_the_programs_that_it_started_end_with_the_run(
    write_suite: WriteSuite, tmp_path: Path, end: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    suite, marks, temporary = voiced_suite(write_suite), tmp_path / "marks", tmp_path / "tmp"
    temporary.mkdir()
    script = tmp_path / "asr.py"
    script.write_text(
        "import os, subprocess, sys, time\n"
        f"open({str(marks)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "if len(sys.argv) > 1:\n"
        "    subprocess.Popen([sys.executable, sys.argv[0]])\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", suite, "--backend", f"command,run={sys.executable} {script} {{audio}}",
         "--jobs", "2", "--out", tmp_path / "run"],
        env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert within_patience(lambda: marks.exists() and len(marks.read_text().split()) == 4)
    end(process)
    process.wait(PATIENCE)
    started = marks.read_text().split()
    assert within_patience(lambda: not any(Path(f"/proc/{number}/cmdline").exists() for number in started)), (
        "programs go on"
    )
    assert within_patience(lambda: not workers_of(process.pid)), "workers go on"
    assert within_patience(lambda: not list(temporary.glob("harness-*"))), "recordings are left"


def within_patience(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def workers_of(group: int) -> list[str]:
    shown = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False)
    return [state for state in shown.stdout.split() if not state.startswith("Z")]
