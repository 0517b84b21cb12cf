"""Engines that crash, hang, raise or stay away, in real worker processes: what each costs, and what a later run mends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import harness
from harness.errors import HarnessError, SpecError
from harness.records import Sample
from harness.runs import runner
from harness.runs.execution.circuit import Patience
from harness.runs.result import RunResult
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.faulty import install

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Bench:
    """A suite of eight recordings, and a place for faulty backends to write down what they are asked."""

    suite: Path
    folder: Path
    site: Path

    @property
    def log(self) -> Path:
        return self.folder / "calls.log"

    @property
    def trouble(self) -> Path:
        return self.folder / "trouble"

    def backend(self, fault: str, options: str = "", label: str = "faulty") -> str:
        self.trouble.touch()
        return f"faulty:{fault},label={label},log={self.log},trouble={self.trouble}{options}"

    def run(self, *backends: str, out: str = "run", jobs: int = 2, **options: object) -> RunResult:
        return harness.run(self.suite, backends=backends, out=self.folder / out, jobs=jobs, **options)

    def samples(self, label: str = "faulty", out: str = "run") -> dict[str, Sample]:
        return {s.utterance_id: s for s in RunStore(self.folder / out).read_samples([label]).values()}

    def asked(self) -> Counter[str]:
        """How often each recording was given to an engine."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return Counter(identity for line in lines if line != "load" for identity in line.split())


@pytest.fixture
def bench(write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    site = install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(runner, "Patience", partial(Patience, first_pause=0.05))
    return Bench(voiced_suite(write_suite), tmp_path, site)


FAULTS = {
    "segfault": ("WorkerDied", "the worker process was ended by SIGSEGV", 2),
    "killed": ("WorkerDied", "the worker process was ended by SIGKILL", 2),
    "exits": ("WorkerDied", "the worker process ended with exit status 7", 2),
    "hangs": ("Timeout", "no transcript after 1.5 s; the worker was replaced", 2),
    "raises": ("ValueError", "ValueError: a tensor of the wrong shape with a second line", 1),
    "rejects": ("Rejected", "status 400", 1),
    "short": ("BadOutput", "the backend gave nothing for one recording: expected a Transcript or a Failure", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_one_recording_costs_that_sample_and_a_later_run_fills_the_hole(bench: Bench, fault: str) -> None:
    type_, message, tries = FAULTS[fault]
    if fault == "short":
        for path in sorted(bench.suite.glob("*.wav"))[1:]:
            path.unlink()
        lines = (bench.suite / "utterances.jsonl").read_text().splitlines()
        (bench.suite / "utterances.jsonl").write_text(lines[0] + "\n")
    backend = bench.backend(fault, ",on=medawar.a")
    result = bench.run(backend, timeout=1.5)
    assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 1)
    samples = bench.samples()
    assert len(samples) == result.planned
    failed = samples["medawar.a"].error
    assert failed is not None
    assert (failed.stage, failed.type) == ("recognise", type_)
    assert failed.message == message + (f" (the sample was tried {tries} times)" if tries > 1 else "")
    assert bench.asked() == Counter(dict.fromkeys(samples, 1) | {"medawar.a": tries})
    wer = next(row for row in result.summary.rows if (row.metric, row.group) == ("wer", "all"))
    assert (wer.n_planned, wer.n_error) == (result.planned, 1)
    assert result.record.work["faulty"].retried == (tries > 1)

    bench.trouble.unlink()
    again = bench.run(backend, timeout=1.5)
    assert (again.exit_status, again.record.status) == (0, "complete")
    assert bench.asked() == Counter(dict.fromkeys(samples, 1) | {"medawar.a": tries + 1})


@pytest.mark.parametrize("fault", ["segfault", "killed", "hangs", "down"])
def test_what_passes_is_tried_again_and_counted(bench: Bench, fault: str) -> None:
    result = bench.run(bench.backend(fault, ",on=paris.b,once=1"), timeout=1.5)
    assert (result.exit_status, result.record.status) == (0, "complete")
    assert bench.asked() == Counter(dict.fromkeys(bench.samples(), 1) | {"paris.b": 2})
    work = result.record.work["faulty"]
    assert (work.recognised, work.retried, work.recovered, work.failed) == (8, 1, 1, 0)


def test_retries_are_as_many_as_asked_for(bench: Bench) -> None:
    bench.run(bench.backend("down", ",on=okapi.a"), retries=0, out="none")
    assert bench.asked()["okapi.a"] == 1
    bench.run(bench.backend("down", ",on=okapi.a"), retries=3, out="three")
    assert bench.asked()["okapi.a"] == 5
    with pytest.raises(SpecError, match="retries: is 11; expected 0 to 10"):
        bench.run(bench.backend("none"), retries=11)
    with pytest.raises(SpecError, match="timeout: is -1"):
        bench.run(bench.backend("none"), timeout=-1)


def test_patience_makes_no_other_run(bench: Bench) -> None:
    backend = bench.backend("down", ",on=okapi.a")
    assert bench.run(backend, retries=0).exit_status == 3
    bench.trouble.unlink()
    assert bench.run(backend, retries=2, timeout=9).exit_status == 0


# ---- batches


def test_batches_hold_neighbours_of_one_condition(bench: Bench) -> None:
    backend = bench.backend("none", ",batch=3")
    result = bench.run(backend, jobs=1, conditions=["clean", "gain,db=-6"])
    assert result.exit_status == 0
    sizes = [len(line.split()) for line in bench.log.read_text().splitlines() if line != "load"]
    assert sizes == [3, 3, 2, 3, 3, 2]
    single = bench.run(bench.backend("none", label="single"), jobs=1, out="single", conditions=["clean"])
    assert single.exit_status == 0
    texts = {key: s.transcript for key, s in bench.samples("single", "single").items()}
    found = RunStore(bench.folder / "run").read_samples(["faulty"]).values()
    assert all(s.transcript == texts[s.utterance_id] for s in found)


@pytest.mark.parametrize(("fault", "tries"), [("segfault", 3), ("raises", 2), ("rejects", 1), ("hangs", 3)])
def test_one_bad_recording_never_costs_its_neighbours(bench: Bench, fault: str, tries: int) -> None:
    result = bench.run(bench.backend(fault, ",on=ljubljana.a,batch=4"), jobs=1, timeout=0.5)
    assert (result.exit_status, result.errors) == (3, 1)
    samples = bench.samples()
    assert samples["ljubljana.a"].status == "error"
    assert sum(sample.status == "ok" for sample in samples.values()) == 7
    assert bench.asked()["ljubljana.a"] == tries
    assert max(bench.asked().values()) <= max(2, tries)


def test_the_time_of_a_batch_is_shared_by_length(bench: Bench) -> None:
    bench.run(bench.backend("none", ",batch=8,nap=0.05"), jobs=1)
    times = [sample.timings["recognise"] for sample in bench.samples().values()]
    assert max(times) - min(times) < 1e-9  # equally long recordings
    assert 0.05 <= times[0] < 0.2


# ---- backends that are down


def test_a_backend_that_is_down_is_left_alone_and_the_others_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "Patience", partial(Patience, threshold=2, first_pause=3.0, last_probes=1))
    down, good = bench.backend("down", label="down"), bench.backend("none", label="good")
    result = bench.run(down, good, jobs=1)
    assert (result.exit_status, result.record.status, result.errors) == (3, "partial", 8)
    assert all(sample.status == "ok" for sample in bench.samples("good").values())
    types = Counter(sample.error.type for sample in bench.samples("down").values() if sample.error)
    assert types["CircuitOpen"] + types["Unavailable"] == 8
    assert bench.asked().total() - 8 < 8  # the first two, what was on its way, and a probe now and then
    refused = next(s.error for s in bench.samples("down").values() if s.error and s.error.type == "CircuitOpen")
    assert "Connection refused" in refused.message
    assert "times in a row" in refused.message
    assert result.record.work["down"].circuit_opened == 1

    bench.trouble.unlink()
    before = bench.asked()
    assert bench.run(down, good, jobs=1).exit_status == 0
    assert (bench.asked() - before).total() == 8


def test_a_backend_that_comes_back_is_used_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Patience", partial(Patience, threshold=2, first_pause=0.2))
    backend = bench.backend("down", ",nap=0.05")

    def mend(done: int, planned: int, sample: Sample) -> None:
        bench.trouble.unlink(missing_ok=True)

    good = bench.backend("none", ",nap=0.02", label="good")
    result = bench.run(backend, good, jobs=1, progress=mend)
    assert (result.exit_status, result.errors) == (0, 0)
    work = result.record.work["faulty"]
    assert work.circuit_opened >= 1
    assert work.recovered >= 1


def test_a_backend_that_does_not_load_costs_its_own_samples_only(bench: Bench) -> None:
    result = bench.run(bench.backend("unloadable", label="broken"), bench.backend("none", label="good"))
    assert (result.exit_status, result.errors, result.record.status) == (3, 8, "partial")
    messages = [sample.error.message for sample in bench.samples("broken").values() if sample.error]
    assert len(messages) == 8
    assert all("the checkpoint is not there: name a file that is" in message for message in messages)
    loads = bench.log.read_text().splitlines().count("load")
    assert loads <= 4 + 2  # two batches of each worker, and the other backend: not once for each sample
    assert bench.asked().total() == 8


def test_where_no_backend_loads_the_run_stops_and_says_why(bench: Bench) -> None:
    backend = bench.backend("unloadable")
    with pytest.raises(
        HarnessError, match=r"no backend could be loaded.*faulty: .*the checkpoint is not there"
    ) as caught:
        bench.run(backend)
    assert caught.value.exit_status == 2
    bench.trouble.unlink()
    assert bench.run(backend).exit_status == 0


# ---- times


def test_loading_is_no_recognition_time(bench: Bench) -> None:
    result = bench.run(bench.backend("none", ",load=1.5,nap=0.02"), jobs=1)
    times = [sample.timings["recognise"] for sample in bench.samples().values()]
    assert all(0.02 <= time < 1.0 for time in times)
    load = result.record.work["faulty"].load_seconds
    assert load is not None
    assert load >= 1.5
    metrics = {row.metric: row for row in result.summary.rows if row.group == "all"}
    assert metrics["latency_p50"].value == pytest.approx(sorted(times)[3])
    assert metrics["latency_p99"].value == pytest.approx(max(times))
    report = harness.report(result.folder).read_text()
    assert f"| {sorted(times)[3]:.3f} s [" in report
    assert f"| {load:.2f} s |" in report


def test_what_a_backend_measured_itself_counts(bench: Bench) -> None:
    result = bench.run(bench.backend("none", ",nap=0.05,measured=0.001"))
    assert {sample.timings["recognise"] for sample in bench.samples().values()} == {0.001}
    assert result.record.work["faulty"].usage == {"seconds": 16}


def test_the_machine_is_recorded(bench: Bench) -> None:
    host = bench.run(bench.backend("none")).record.host
    assert host["cores"] == os.cpu_count()
    assert host["processor"]
    assert int(host["memory_bytes"]) > 10**8
    assert "torch" not in sys.modules or "gpu" not in host


# ---- the cache


def test_a_cache_that_cannot_be_written_is_done_without(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench.folder / "file").touch()
    monkeypatch.setenv("HARNESS_CACHE", str(bench.folder / "file" / "cache"))  # also root cannot make a folder there
    result = bench.run(bench.backend("none"))
    assert (result.exit_status, result.record.work["faulty"].recognised) == (0, 8)
    notes = [note for note in result.record.notes if "transcripts could not be kept in the cache" in note]
    assert len(notes) == 1
    assert "HARNESS_CACHE" in notes[0]


def test_two_runs_at_once_share_the_work(bench: Bench) -> None:
    backend = bench.backend("none", ",nap=0.1")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(bench.site), str(ROOT)])}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "harness", "run", str(bench.suite), "--backend", backend, "--jobs", "2", "--json",
             "--out", str(bench.folder / name)],
            env=environment, stdout=subprocess.PIPE,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    outputs = [process.communicate(timeout=600)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert bench.asked() == Counter(dict.fromkeys(bench.samples(out="one"), 1))
    first, second = (json.loads(text) for text in outputs)
    assert first == second  # times too: each transcript was made once


def test_waiting_for_workers_takes_no_processor_time(bench: Bench) -> None:
    """The parent shares the cores with its workers: one that turns round while it waits takes a core from them."""
    three = ("clean", "telephone", "gain")
    bench.run(bench.backend("none"), out="warm", jobs=1, conditions=three)  # imports and dictionaries
    begun, cpu = time.monotonic(), time.process_time()
    bench.run(bench.backend("none", ",nap=0.3", label="slow"), jobs=1, conditions=three)
    assert time.monotonic() - begun > 24 * 0.3
    assert time.process_time() - cpu < 0.25 * 24 * 0.3
