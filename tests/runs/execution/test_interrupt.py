"""Ctrl-C, as a terminal sends it: to the whole process group; and SIGTERM, as containers and schedulers send it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.runs.execution.interrupt import Interrupts, deferred
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return voiced_suite(write_suite)


def start(suite: Path, folder: Path, backend: str) -> subprocess.Popen[str]:
    site = folder / "site"
    if not site.exists():
        install(site)
    command = [
        sys.executable,
        "-m",
        "harness",
        "run",
        str(suite),
        "--backend",
        backend,
        "--jobs",
        "2",
        "--out",
        str(folder / "run"),
    ]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def wait_for(path: Path, lines: int, process: subprocess.Popen[str]) -> None:
    for _ in range(12_000):
        if path.exists() and len(path.read_text().splitlines()) >= lines:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError(f"{path} never had {lines} lines")


def left_over(group: int) -> list[str]:
    for _ in range(40):
        found = subprocess.run(
            ["ps", "-o", "pid=,stat=,args=", "-g", str(group)], capture_output=True, text=True, check=False
        )
        alive = [line for line in found.stdout.splitlines() if " Z" not in line]
        if not alive:
            return []
        time.sleep(0.1)
    return alive


def to_the_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def terminated(process: subprocess.Popen[str]) -> None:
    process.terminate()


def group_terminated(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGTERM)


@pytest.mark.parametrize(("stop", "status"), [(to_the_group, 130), (terminated, 143), (group_terminated, 143)])
def test_what_is_finished_is_kept_and_it_says_how_to_go_on(
    suite: Path, tmp_path: Path, stop: Callable[[subprocess.Popen[str]], None], status: int
) -> None:
    log = tmp_path / "calls.log"
    backend = f"faulty:none,log={log},nap=0.4,label=slow"
    process = start(suite, tmp_path, backend)
    samples = tmp_path / "run" / "samples" / "slow.jsonl"
    wait_for(samples, 2, process)
    stop(process)
    _, output = process.communicate(timeout=120)
    assert process.returncode == status
    assert "Traceback" not in output
    assert not left_over(process.pid)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "cancelled"
    content = samples.read_text()
    assert content.endswith("\n")
    finished = [json.loads(line)["utterance_id"] for line in content.splitlines()]
    assert 2 <= len(finished) < 8

    (command,) = re.findall(r"^  (harness run .*)$", output, re.MULTILINE)
    assert command == f"harness run {suite} --backend {backend} --jobs 2 --out {tmp_path / 'run'}"
    again = start(suite, tmp_path, backend)
    _, output = again.communicate(timeout=600)
    assert again.returncode == 0, output
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["status"] == "complete"
    asked = [line for line in log.read_text().splitlines() if line != "load"]
    assert all(asked.count(identity) == 1 for identity in finished)
    assert len((tmp_path / "run" / "samples" / "slow.jsonl").read_text().splitlines()) == 8


def test_a_second_ctrl_c_leaves_at_once(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "trouble").touch()
    log = tmp_path / "calls.log"
    process = start(suite, tmp_path, f"faulty:hangs,log={log},trouble={tmp_path / 'trouble'}")
    wait_for(log, 4, process)  # both workers hang, deaf to SIGTERM
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.5)  # two signals at once would be one, and after two seconds the first has done its work
    os.killpg(process.pid, signal.SIGINT)
    _, output = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Stopped." not in output
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "started"
    assert not left_over(process.pid)


def test_one_ctrl_c_also_ends_workers_that_hang(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "trouble").touch()
    log = tmp_path / "calls.log"
    process = start(suite, tmp_path, f"faulty:hangs,log={log},trouble={tmp_path / 'trouble'}")
    wait_for(log, 4, process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert not left_over(process.pid)


def test_a_program_that_a_backend_started_is_ended_too(suite: Path, tmp_path: Path) -> None:
    script = tmp_path / "asr.py"
    marks = tmp_path / "marks"
    script.write_text(f"import os, time\nopen({str(marks)!r}, 'a').write(f'{{os.getpid()}}\\n')\ntime.sleep(600)\n")
    process = start(suite, tmp_path, f"command,run={sys.executable} {script} {{audio}}")
    wait_for(marks, 2, process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 130
    for _ in range(50):
        alive = [pid for pid in marks.read_text().split() if Path(f"/proc/{pid}/status").exists()]
        if not alive:
            break
        time.sleep(0.1)
    assert not alive, "a program outlives the run"


def test_sigterm_before_the_first_sample_leaves_no_worker_and_no_traceback(suite: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    process = start(suite, tmp_path, f"faulty:none,log={log},nap=0.4")
    wait_for(log, 1, process)  # a worker is loading
    process.terminate()
    _, output = process.communicate(timeout=120)
    assert process.returncode == 143
    assert "Traceback" not in output
    assert not left_over(process.pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_a_block_that_defers_it(number: signal.Signals) -> None:
    done = []

    def work() -> None:
        with Interrupts().watched():
            with deferred():
                signal.raise_signal(number)
                done.append("the block")
            done.append("what follows")

    with pytest.raises(KeyboardInterrupt) as caught:
        work()
    assert done == ["the block"]
    assert caught.value.args == (number,)
