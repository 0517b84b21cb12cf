"""What a run took, tries and billed usage too, is known after a kill at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

import harness
from harness.errors import RunError
from harness.runs.storage.record import BackendWork
from harness.runs.storage.store import RunStore
from harness.runs.storage.work_ledger import NAME, WorkLedger, read_ledger
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install

ROOT = Path(__file__).resolve().parents[3]


def test_what_is_appended_is_the_sum_of_all_calls(tmp_path: Path) -> None:
    before = {"a": BackendWork(recognised=2, usage={"seconds": 3.5}, load_seconds=2.0)}
    ledger, done = WorkLedger(tmp_path, before), {"a": BackendWork(), "b": BackendWork()}
    ledger.add(done)
    assert not (tmp_path / NAME).exists()  # nothing was done
    done["a"].recognised, done["a"].usage = 1, {"seconds": 2.0}
    ledger.add({"a": done["a"]})
    done["a"].failed, done["a"].retried, done["a"].usage = 1, 1, {"seconds": 2.5, "tokens": 7}
    done["b"].cached, done["b"].load_seconds = 4, 1.5
    ledger.add(done)
    ledger.add(done)
    assert len((tmp_path / NAME).read_bytes().splitlines()) == 4
    assert read_ledger(tmp_path) == ledger.total(done) == {
        "a": BackendWork(recognised=3, failed=1, retried=1, load_seconds=2.0, usage={"seconds": 6.0, "tokens": 7}),
        "b": BackendWork(cached=4, load_seconds=1.5),
    }  # fmt: skip


def test_a_torn_line_is_left_out_and_a_changed_one_refused(tmp_path: Path) -> None:
    ledger = WorkLedger(tmp_path, {})
    ledger.add({"a": BackendWork(recognised=1)})
    ledger.add({"a": BackendWork(recognised=2)})
    path = tmp_path / NAME
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    assert read_ledger(tmp_path) == {"a": BackendWork(recognised=1)}
    for broken in (
        content.replace(b":1,", b":9,", 1),
        b"\0" * 9 + b"\n" + content,
        content.replace(b"digest", b"digesu"),
    ):
        path.write_bytes(broken)
        with pytest.raises(RunError, match=r"work\.jsonl:1: does not .*Delete that line"):
            read_ledger(tmp_path)


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_work_and_billed_usage_survive_kills(write_suite: WriteSuite, tmp_path: Path, kills: int) -> None:
    """Each recording fails once and is billed two seconds a time; whatever is killed in between."""
    suite, site, out = voiced_suite(write_suite), install(tmp_path / "site"), tmp_path / "run"
    log = tmp_path / "calls.log"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    command = [
        sys.executable, "-m", "harness", "run", str(suite), "--jobs", "1", "--out", str(out),
        "--backend", f"faulty:none,log={log},label=f,nap=0.2,measured=0.1",
    ]  # fmt: skip
    path = out / "samples" / "f.jsonl"
    for kill in range(1, kills + 1):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not (path.exists() and path.read_bytes().count(b"\n") >= kill) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        finished = path.read_bytes().count(b"\n")
        work = read_ledger(out)["f"]
        assert finished <= work.recognised + work.cached <= finished + kill, "not appended with the samples"
        assert RunStore(out).read_run().work == {} if kill == 1 else True
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    work = RunStore(out).read_run().work["f"]
    assert 8 <= work.recognised + work.cached <= 8 + kills  # a kill between a sample and its work counts that one twice
    asked = [line for line in log.read_text().splitlines() if line != "load"]
    assert work.usage["seconds"] == pytest.approx(2 * work.recognised)
    assert len(asked) - kills <= work.recognised <= len(asked)
    assert not (out / NAME).exists()
    again = harness.load_run(out)
    assert asdict(again.record.work["f"]) == json.loads((out / "run.json").read_bytes())["work"]["f"]
