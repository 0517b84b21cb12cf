"""The runs for golden reports have the figures that they were constructed to have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.runs.storage.store import RunStore
from tests.asr.speech import voiced_suite
from tests.asr.test_openai_api import serving
from tests.conftest import GoldenRun, WriteSuite
from tests.loopback import send
from tests.report.golden_runs import RUNS
from tests.scripted import Unreachable


@dataclass(frozen=True)
class Summary:
    """summary.json of a run, for questions about it."""

    content: Mapping[str, Any]
    n_words: int

    @classmethod
    def read(cls, folder: Path) -> Summary:
        questions = [
            json.loads(line) for line in (folder.parent / "suite" / "questions.jsonl").read_text().splitlines()
        ]
        n_words = sum(len(question["text"].split()) for question in questions)
        return cls(json.loads((folder / "summary.json").read_text()), n_words)

    def row(self, backend: str, metric: str, source: str | None = None, **other: str) -> Mapping[str, Any]:
        asked = {
            "condition": "clean",
            "retriever": None,
            **other,
            "backend": backend,
            "metric": metric,
            "source": source,
        }
        (row,) = [r for r in self.content["rows"] if r["group"] == "all" and asked.items() <= r.items()]
        return row

    def n(self, backend: str, metric: str, source: str | None = None, retriever: str = "bm25", **other: str) -> int:
        """How many utterances: a share of yes/no outcomes times their number."""
        row = self.row(backend, metric, source, retriever=retriever, **other)
        return whole(row["value"] * row["n_planned"])

    def n_errors(self, backend: str, **other: str) -> int:
        """Substituted, deleted and inserted words."""
        return whole(self.row(backend, "wer", "hypothesis", **other)["value"] * self.n_words)

    def comparison(
        self, a: str, b: str, metric: str, retriever: str | None = None, condition: str = "clean"
    ) -> Mapping[str, Any]:
        asked = {"a": a, "b": b, "metric": metric, "retriever": retriever, "condition": condition}
        (comparison,) = [c for c in self.content["comparisons"] if asked.items() <= c.items()]
        return comparison


def whole(number: float) -> int:
    assert number == pytest.approx(round(number), abs=1e-5)
    return round(number)


def n_of_reference(folder: Path, backend: str) -> tuple[int, int, int]:
    """Questions, rare words and entity mentions, as the samples of a backend's first condition have them."""
    samples = [s for s in RunStore(folder).read_samples([backend]).values() if s.condition == "clean"]
    return len(samples), sum(len(s.rare_words) for s in samples), sum(len(s.entities) for s in samples)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_made_once_and_says_what_it_is(golden_run: GoldenRun, name: str) -> None:
    folder = golden_run(name)
    assert golden_run(name) == folder
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == ("partial" if name == "dead_backend" else "complete")
    assert record["entity_sources"] == ({"rule": 40} if name == "guessed_names" else {"suite": len_questions(folder)})


def len_questions(folder: Path) -> int:
    return len((folder.parent / "suite" / "questions.jsonl").read_text().splitlines())


# backend, condition -> hits lost with bm25 and with phonetic, word errors, towns right of 48 and those in other letters, rare-word
# false alarms
TWO_BY_TWO = {
    ("tiny", "clean"): (24, 12, 72, 24, 12, 18),
    ("tiny", "quiet"): (32, 16, 84, 16, 16, 22),
    ("tiny+own10", "clean"): (6, 6, 52, 42, 0, 10),
    ("tiny+own10", "quiet"): (8, 8, 56, 40, 0, 10),
    ("tiny+oracle", "clean"): (0, 0, 36, 48, 0, 6),
    ("tiny+oracle", "quiet"): (0, 0, 36, 48, 0, 6),
    ("base", "clean"): (8, 4, 19, 39, 5, 5),
    ("base", "quiet"): (16, 8, 30, 32, 8, 8),
}


def test_two_conditions_and_two_retrievers_with_figures_of_their_own(golden_run: GoldenRun) -> None:
    folder = golden_run("two_by_two")
    summary = Summary.read(folder)
    assert n_of_reference(folder, "tiny") == (48, 96, 48)
    for (backend, condition), (lost, lost_phonetic, n_errors, n_towns, n_alike, n_alarms) in TWO_BY_TWO.items():
        on = {"condition": condition}
        assert summary.n(backend, "hit@1", "reference", **on) == 46
        assert summary.n(backend, "hit@1", "reference", "phonetic", **on) == 45
        assert summary.n(backend, "lost", **on) == lost
        assert summary.n(backend, "lost", None, "phonetic", **on) == lost_phonetic
        assert summary.n_errors(backend, **on) == n_errors
        assert whole(summary.row(backend, "entity_recall", "hypothesis", **on)["value"] * 48) == n_towns + n_alike
        variants = summary.row(backend, "notation_share", "hypothesis", **on)
        assert whole(variants["value"] * variants["n"]) == n_alike
        assert summary.row(backend, "false_rare_insertions", "hypothesis", **on)["value"] == n_alarms
        gained = 1 if (backend, condition) == ("base", "clean") else 0
        assert summary.n(backend, "gained", **on) == gained
        assert summary.n(backend, "hit@1", "hypothesis", **on) == 46 - lost + gained
        assert summary.n(backend, "hit@5", "hypothesis", **on) == 46 - lost + gained
    rare_errors = {"clean": 12 + 12 + 6, "quiet": 16 + 16 + 6}  # towns of both kinds, then `castle` and `flows`
    for condition, n in rare_errors.items():
        assert whole(summary.row("tiny", "rare_wer", "hypothesis", condition=condition)["value"] * 96) == n


def test_what_is_lost_by_notation_alone_returns_with_it_and_phonetic_never_loses_it(golden_run: GoldenRun) -> None:
    summary = Summary.read(golden_run("two_by_two"))
    for condition, n_lost in {"clean": 24, "quiet": 32}.items():
        for metric in ("class_repair_notation", "loss_share_notation"):
            row = summary.row("tiny", metric, retriever="bm25", condition=condition)
            assert (row["n"], row["value"]) == (n_lost, 0.5)
            assert summary.row("tiny", metric, retriever="phonetic", condition=condition)["value"] == 0


def test_what_one_retriever_recovers_of_the_other(golden_run: GoldenRun) -> None:
    agreement = Summary.read(golden_run("two_by_two")).content["agreement"]
    (tiny,) = [
        a for a in agreement if (a["backend"], a["condition"], a["a"], a["b"]) == ("tiny", "clean", "bm25", "phonetic")
    ]
    assert (tiny["lost_a"], tiny["rescued"]["value"]) == (24, 0.5)
    assert whole(tiny["harmed_reference"]["value"] * 46) == 2


def test_backends_are_compared_with_the_first_and_lists_with_their_engine(golden_run: GoldenRun) -> None:
    summary = Summary.read(golden_run("two_by_two"))
    assert {(c["a"], c["b"]) for c in summary.content["comparisons"]} == {
        ("tiny", "tiny+own10"), ("tiny", "tiny+oracle"), ("tiny", "base"),
    }  # fmt: skip
    better = summary.comparison("tiny", "base", "hit@1", "bm25")
    assert (better["test"], better["family"], whole(better["delta"] * 48)) == ("mcnemar", "primary", 17)
    assert better["p_holm"] < 0.001
    quiet = summary.comparison("tiny", "base", "hit@1", "bm25", "quiet")
    assert whole(quiet["delta"] * 48) == 16
    phonetic = summary.comparison("tiny", "base", "hit@1", "phonetic")
    assert (phonetic["family"], whole(phonetic["delta"] * 48)) == ("retrieval:phonetic", 8)


def test_times_of_a_run_do_not_depend_on_the_machine(golden_run: GoldenRun) -> None:
    rows = Summary.read(golden_run("two_by_two")).content["rows"]
    assert {row["value"] for row in rows if row["metric"].startswith("latency")} == {0.05}
    assert not [row for row in rows if row["metric"] == "processor_rtf"]


def test_a_tie_in_hits_with_another_wer(golden_run: GoldenRun) -> None:
    summary = Summary.read(golden_run("tie"))
    for backend, n_errors in (("tiny", 62), ("base", 18)):
        assert summary.n(backend, "hit@1", "reference") == 60
        assert (summary.n(backend, "lost"), summary.n(backend, "gained"), summary.n_errors(backend)) == (6, 0, n_errors)
    wer, hit = summary.comparison("tiny", "base", "wer"), summary.comparison("tiny", "base", "hit@1", "bm25")
    assert (wer["test"], wer["delta"] < 0, wer["p_holm"] < 0.001) == ("mapsswe", True, True)
    assert (hit["delta"], hit["p_value"], hit["ci_low"], hit["ci_high"]) == (0, 1, 0, 0)
    lost_by = {
        backend: {
            s.question_id
            for s in RunStore(golden_run("tie")).read_samples([backend]).values()
            if s.retrieval["bm25"].fate == "lost"
        }
        for backend in ("tiny", "base")
    }
    assert lost_by["tiny"] == lost_by["base"] == {f"q{number:02}" for number in range(0, 60, 10)}


def test_a_run_without_snippets(golden_run: GoldenRun) -> None:
    folder = golden_run("no_snippets")
    summary = Summary.read(folder)
    assert (n_of_reference(folder, "tiny"), summary.n_words) == ((60, 50, 50), 460)
    assert not [row for row in summary.content["rows"] if row["retriever"]]
    for backend, rare_wer, n_errors in (("tiny", 0.36, 66), ("base", 0.18, 23)):
        assert summary.row(backend, "rare_wer", "hypothesis")["value"] == rare_wer
        assert summary.n_errors(backend) == n_errors
    assert summary.comparison("tiny", "base", "wer")["p_holm"] < 0.001


def test_a_run_with_a_dead_backend(golden_run: GoldenRun) -> None:
    folder = golden_run("dead_backend")
    summary = Summary.read(folder)
    for backend, lost, n_errors in (("tiny", 10, 20), ("base", 3, 6), ("dead", 30, 240)):
        assert summary.n(backend, "hit@1", "reference") == 30
        assert (summary.n(backend, "lost"), summary.n_errors(backend)) == (lost, n_errors)
        assert summary.row(backend, "wer", "hypothesis")["n_error"] == (30 if backend == "dead" else 0)
    assert {(c["a"], c["b"]) for c in summary.content["comparisons"]} == {("tiny", "base")}
    assert summary.comparison("tiny", "base", "hit@1", "bm25")["p_holm"] > 0.05
    failures = Counter(s.error for s in RunStore(folder).read_samples(["dead"]).values())
    assert failures == {Unreachable.failure: 30}


def test_the_dead_backend_fails_as_a_server_without_the_model_makes_one_fail(
    write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    suite = voiced_suite(write_suite)

    def refuse(handler: BaseHTTPRequestHandler, _: int) -> None:
        send(handler, b"no such model", 404)

    with serving(refuse) as server:
        result = harness.run(suite, backends=[f"openai-api:m,url={server.url}"], out=tmp_path / "run", jobs=1, limit=1)
    failures = {s.error for s in RunStore(result.folder).read_samples(["openai-api:m"]).values()}
    (failure,) = failures
    assert failure is not None
    message = failure.message.replace(server.url, "http://127.0.0.1:8000")
    assert (failure.stage, failure.type, message) == (
        Unreachable.failure.stage, Unreachable.failure.type, Unreachable.failure.message,
    )  # fmt: skip


def test_a_reference_that_finds_next_to_nothing(golden_run: GoldenRun) -> None:
    summary = Summary.read(golden_run("reference_finds_nothing"))
    for backend, n_errors, lost_at_5 in (("tiny", 30, 10), ("base", 12, 4)):
        assert [summary.n(backend, f"hit@{k}", "reference") for k in (1, 5, 10)] == [2, 40, 40]
        assert [summary.n(backend, f"hit@{k}", "hypothesis") for k in (1, 5, 10)] == [2, 40 - lost_at_5, 40 - lost_at_5]
        assert (summary.n(backend, "lost"), summary.n_errors(backend)) == (0, n_errors)


# backend -> answers lost, by retrieval errors, by reader errors; hits lost; word errors
ANSWERS = {"tiny": (12, 8, 4, 8, 20), "base": (6, 4, 2, 4, 10)}


@pytest.mark.parametrize("name", ["answers", "answers_by_hits"])
def test_answers_lost_by_retrieval_and_by_the_reader(golden_run: GoldenRun, name: str) -> None:
    summary = Summary.read(golden_run(name))
    for backend, (lost, by_retrieval, by_reader, hits_lost, n_errors) in ANSWERS.items():
        assert (summary.n(backend, "exact_match", "reference"), summary.n(backend, "hit@5", "reference")) == (36, 40)
        assert summary.n(backend, "answers_lost") == lost
        assert summary.n(backend, "retrieval_error_rate") == by_retrieval
        assert summary.n(backend, "reader_error_rate") == by_reader
        assert summary.n(backend, "hit@5", "hypothesis") == 40 - hits_lost
        assert summary.n_errors(backend) == n_errors
        assert summary.n(backend, "lost") == (lost if name == "answers" else hits_lost)


def test_a_reader_that_is_seldom_right(golden_run: GoldenRun) -> None:
    summary = Summary.read(golden_run("weak_reader"))
    for backend, lost, by_retrieval, by_reader in (("tiny", 3, 2, 1), ("base", 2, 1, 1)):
        assert summary.n(backend, "exact_match", "reference") == 8
        assert summary.n(backend, "lost") == lost
        assert summary.n(backend, "retrieval_error_rate") == by_retrieval
        assert summary.n(backend, "reader_error_rate") == by_reader


def test_typos_of_the_reference_among_guessed_names(golden_run: GoldenRun) -> None:
    folder = golden_run("guessed_names")
    summary = Summary.read(folder)
    assert n_of_reference(folder, "tiny") == (40, 52, 52)
    assert summary.content["possible_typos"] == {"mamel": "mammal", "caracter": "character"}
    for backend, lost, n_errors in (("tiny", 11, 28), ("base", 7, 20)):
        assert summary.n(backend, "hit@1", "reference") == 40
        assert (summary.n(backend, "lost"), summary.n_errors(backend)) == (lost, n_errors)
        typos = {
            w["word"]: w
            for w in summary.content["words"]
            if w["backend"] == backend and w["word"] in ("mamel", "caracter")
        }
        assert {word: row["recoverable"] for word, row in typos.items()} == {"mamel": 2, "caracter": 1}
        assert [(row["n_reference"], row["n_correct"]) for row in typos.values()] == [(6, 0), (6, 0)]
        assert {word: [r[0] for r in row["recognised_as"]] for word, row in typos.items()} == {
            "mamel": ["mammal"], "caracter": ["character"],
        }  # fmt: skip
