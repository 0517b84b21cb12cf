"""A run that is killed while it is judged anew is the old run or the new one."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import harness
from harness.runs.storage.stored_run import StoredRun
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests

pytestmark = pytest.mark.slow
BACKENDS = ["replay:vendor", "replay:perfect"]


def start(suite: Path, folder: Path) -> subprocess.Popen[bytes]:
    backends = [word for backend in BACKENDS for word in ("--backend", backend)]
    command = [sys.executable, "-m", "harness", "run", str(suite), *backends, "--out", str(folder), "--rescore"]
    with folder.with_suffix(".log").open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def alignments(folder: Path) -> dict[str, object]:
    return {key: sample.alignment for key, sample in StoredRun.read(folder).samples.items()}


def test_a_kill_leaves_the_old_run_or_the_new_one(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    old = harness.run(suite, backends=BACKENDS, out=tmp_path / "old").folder
    new = alignments(old)
    for path in (without_digests(old) / "samples").iterdir():  # by rules that found no word
        samples = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps({**sample, "alignment": []}) + "\n" for sample in samples))
    folder = tmp_path / "run"
    shutil.copytree(old, folder)
    begun = time.monotonic()
    whole = start(suite, folder)
    assert whole.wait(timeout=120) == 0, folder.with_suffix(".log").read_text()
    took = time.monotonic() - begun
    assert alignments(folder) == new

    moments, seen = random.Random(20_240_229), []
    for _ in range(8):
        shutil.rmtree(folder)
        shutil.copytree(old, folder)
        process = start(suite, folder)
        time.sleep(moments.uniform(0.3, 1.0) * took)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        seen.append(alignments(folder))
        record, run = StoredRun.read(folder).record, StoredRun.read(folder)
        assert (record.rescored_at is not None) == (seen[-1] == new)
        assert run.summary.rows
        assert start(suite, folder).wait(timeout=120) == 0
        assert alignments(folder) == new
        assert not list(folder.glob(".replacement*"))
    assert all(read in (alignments(old), new) for read in seen)
