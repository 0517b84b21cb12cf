"""A run that is killed again and again ends like one that never was."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.analysis.latency import LEVELS
from harness.suites.shipped import find_suite

pytestmark = pytest.mark.slow
COMMAND = [
    sys.executable,
    "-m",
    "harness",
    "run",
    "demo",
    "--backend",
    "pocketsphinx,preset=fast",
    "--limit",
    "16",
    "--jobs",
    "2",
]


def start(folder: Path, cache: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HARNESS_CACHE": str(cache)}
    log = folder.with_suffix(".log")
    with log.open("ab") as output:
        return subprocess.Popen(
            [*COMMAND, "--out", str(folder)], env=environment, stdout=output, stderr=output, start_new_session=True
        )


def without_times(folder: Path) -> dict[str, object]:
    summary = json.loads((folder / "summary.json").read_text())
    times = {"real_time_factor", "processor_rtf", *LEVELS}
    summary["rows"] = [row for row in summary["rows"] if row["metric"] not in times]
    samples = {
        path.name: [{**json.loads(line), "timings": None, "digest": None} for line in path.read_text().splitlines()]
        for path in sorted((folder / "samples").iterdir())
    }
    return {"summary": summary, "samples": samples, "plan": (folder / "plan.jsonl").read_text()}


def entries(cache: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in cache.rglob("*.json") if "transcripts" in path.parts}


def workers_of(group: int) -> list[str]:
    found = subprocess.run(["ps", "-o", "pid=", "-g", str(group)], capture_output=True, text=True, check=False)
    return found.stdout.split()


def test_five_kills_change_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    find_suite("demo")
    whole = start(tmp_path / "whole", tmp_path / "cache-whole")
    begun = time.monotonic()
    assert whole.wait(timeout=300) == 0, (tmp_path / "whole.log").read_text()
    took = time.monotonic() - begun

    moments = random.Random(20_240_229)
    finished: dict[str, int] = {}
    for _ in range(5):
        process = start(tmp_path / "killed", tmp_path / "cache")
        time.sleep(moments.uniform(0.15, 0.95) * took)
        os.kill(process.pid, signal.SIGKILL)  # the parent alone: its workers must notice by themselves
        process.wait()
        for _ in range(100):
            if not workers_of(process.pid):
                break
            time.sleep(0.1)
        assert not workers_of(process.pid), "workers outlive the run that was killed"
        now = entries(tmp_path / "cache")
        assert {name: now[name] for name in finished} == finished, "a finished transcript was made again"
        finished = now
    last = start(tmp_path / "killed", tmp_path / "cache")
    assert last.wait(timeout=300) == 0, (tmp_path / "killed.log").read_text()
    now = entries(tmp_path / "cache")
    assert {name: now[name] for name in finished} == finished
    assert finished, "no kill came late enough to leave something finished"
    assert without_times(tmp_path / "killed") == without_times(tmp_path / "whole")


def test_worker_count_changes_nothing(tmp_path: Path) -> None:
    folders = []
    for jobs in ("1", "3"):
        folder = tmp_path / jobs
        process = subprocess.run(
            [*COMMAND[:-1], jobs, "--out", str(folder)], env={**os.environ, "HARNESS_CACHE": str(tmp_path / f"cache{jobs}")},
            capture_output=True, check=False,
        )  # fmt: skip
        assert process.returncode == 0, process.stderr.decode()
        folders.append(folder)
    assert without_times(folders[0]) == without_times(folders[1])
