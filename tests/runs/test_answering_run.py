"""Answers from spec to summary: who sees what, what was lost to what, and what an answerer that fails costs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

import harness
from harness.answering.protocol import ANSWERERS, AnswererSpec, Reading
from harness.cli import main
from harness.errors import RunError, SpecError, UnknownName, UsageError
from harness.records import Answer, Failure
from harness.retrieval import phonetic
from harness.runs.storage.store import RunStore
from tests.conftest import HYPOTHESES, QUESTIONS, WriteSuite

SPEC = 'suite = "{suite}"\noutcome = "{outcome}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n[answerer]\nname = "{name}"\n'


class Scripted:
    """Answers from a table, by question; fails where the table says `None`. Everything it was shown is kept."""

    is_judge: ClassVar[bool] = False
    package: ClassVar[str | None] = None
    depth = 2
    shown: ClassVar[list[Reading]] = []
    table: ClassVar[dict[str, str | None]] = {}

    def __init__(self, spec: AnswererSpec, language: str) -> None:
        self.spec = spec

    def identity(self) -> Mapping[str, str]:
        return {"answerer": "scripted"}

    def warm_up(self) -> None:
        """Nothing to load."""

    def answer(self, readings: Sequence[Reading]) -> list[Answer]:
        self.shown.extend(readings)
        return [self._answer(reading) for reading in readings]

    def _answer(self, reading: Reading) -> Answer:
        text = self.table.get(reading.question, "")
        if text is None:
            return Answer("", error=Failure("answer", "Unavailable", "nobody there"))
        return Answer(text, (reading.snippets[0].id,) if text else ())


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> type[Scripted]:
    monkeypatch.setitem(ANSWERERS._builtin, "scripted", f"{__name__}:Scripted")
    monkeypatch.setattr(Scripted, "shown", [])
    monkeypatch.setattr(Scripted, "table", {})
    return Scripted


def rows(folder: Path) -> dict[tuple[str, str | None], float]:
    summary = json.loads((folder / "summary.json").read_text())
    return {(r["metric"], r["source"]): r["value"] for r in summary["rows"] if r["group"] == "all"}


def test_answers_are_scored_and_their_loss_is_shared_out(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]
) -> None:
    scripted.table |= {
        "what did peter medawar study": "graft rejection",
        "what did peter mad dog or study": "dogs",  # finds the page all the same, since Peter stands in it
        "which river flows through ljubljana": "The Ljubljanica!",
        "which river flows through the blue piano": "the Danube",
        "which river flows through paris": "river Seine",  # from reference and hypothesis alike
        "where does the okapi live": "",
    }
    folder = harness.run(
        write_suite(), backends=["replay:vendor"], answerer="scripted", retrievers=["bm25"], out=tmp_path / "run"
    ).folder
    found = rows(folder)
    assert found["exact_match", "reference"] == 2 / 4
    assert found["exact_match", "hypothesis"] == 0.0
    assert found["f1", "reference"] == pytest.approx((1 + 1 + 2 / 3 + 0) / 4)
    assert found["refusal_rate", "hypothesis"] == 1 / 4
    assert found["answer_error_rate", "hypothesis"] == 0.0
    assert found["answers_lost", None] == 2 / 4
    assert found["answers_gained", None] == 0.0
    sample = RunStore(folder).read_samples(["replay:vendor"])["medawar.a|clean|replay:vendor"].retrieval["bm25"]
    assert sample.reference_answer == Answer("graft rejection", ("s1",))
    in_reach = "s1" in sample.hypothesis.snippet_ids[:2]
    assert in_reach == bool(sample.hypothesis_metrics["answer_in_reach"])
    # Ljubljana was recognised as the blue piano, and its page is not among the first two.
    assert found["reader_error_rate", None] == in_reach / 4
    assert found["retrieval_error_rate", None] == (2 - in_reach) / 4


def test_a_reader_sees_words_and_snippets_and_nothing_else(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]
) -> None:
    suite = write_suite()
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=suite, outcome="answer", name="scripted"))
    harness.run(spec, out=tmp_path / "run")
    assert scripted.shown
    texts = {line["text"] for line in map(json.loads, (suite / "snippets.jsonl").read_text().splitlines())}
    for reading in scripted.shown:
        assert reading.accepted == ()
        assert len(reading.snippets) <= 2
        assert {snippet.text for snippet in reading.snippets} <= texts
        assert reading.question == " ".join(reading.question.lower().split())
    asked = [(r.question, tuple(s.id for s in r.snippets)) for r in scripted.shown]
    assert len(asked) == len(set(asked)), "the same question over the same snippets is asked once"


def test_the_judge_sees_the_accepted_answers_and_bounds_every_reader(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    judge, reader = (
        harness.run(suite, backends=["replay:vendor"], answerer=name, out=tmp_path / name)
        for name in ("has_answer", "extractive")
    )
    assert judge.record.answerer is not None
    assert judge.record.answerer["sees_accepted_answers"] == "yes"
    assert (
        "is shown the accepted answers: it judges whether one stands in what bm25 found"
        in harness.report(judge.folder).read_text()
    )
    for source in ("reference", "hypothesis"):
        assert rows(judge.folder)["exact_match", source] >= rows(reader.folder)["exact_match", source]
    assert rows(judge.folder)["exact_match", "reference"] == 1.0


def test_the_outcome_answer_is_judged_throughout(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(
        SPEC.format(suite=write_suite(), outcome="answer", name="has_answer,top_k".partition(",")[0]) + "top_k = 1\n"
    )
    folder = harness.run(spec, out=tmp_path / "run").folder
    samples = RunStore(folder).read_samples(["replay:vendor"])
    lost = samples["medawar.a|clean|replay:vendor"].retrieval["bm25"]
    assert (lost.fate, lost.restored_by) == ("lost", (0,))
    assert lost.counterfactual is not None
    assert (lost.counterfactual.outcome, lost.counterfactual.shapley) == ("answer", (1.0,))
    for sample in samples.values():
        for found in sample.retrieval.values():
            before, after = found.reference_metrics["exact_match"], found.hypothesis_metrics["exact_match"]
            assert found.fate == {(1, 1): "kept", (1, 0): "lost", (0, 1): "gained", (0, 0): "never"}[before, after]
            if found.counterfactual is not None:
                assert (found.counterfactual.from_reference, found.counterfactual.from_hypothesis) == (before, after)


def test_f1_as_the_outcome(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=write_suite(), outcome="f1", name="extractive"))
    folder = harness.run(spec, out=tmp_path / "run").folder
    for sample in RunStore(folder).read_samples(["replay:vendor"]).values():
        found = sample.retrieval["bm25"]
        if found.counterfactual is not None:
            assert found.counterfactual.from_reference == found.reference_metrics["f1"]
            assert found.counterfactual.from_hypothesis == found.hypothesis_metrics["f1"]


def test_an_answer_that_fails_costs_itself_and_is_tried_again(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]
) -> None:
    suite = write_suite()
    scripted.table |= {
        "which river flows through ljubljana": "Ljubljanica",
        "which river flows through the blue piano": None,
        "where does the okapi live": "Congo",
    }
    first = harness.run(suite, backends=["replay:vendor"], answerer="scripted", out=tmp_path / "run")
    assert (first.exit_status, first.record.status, first.errors) == (3, "partial", 2)
    assert rows(first.folder)["answer_error_rate", "hypothesis"] == 1 / 4
    assert rows(first.folder)["exact_match", "hypothesis"] == 1 / 4
    failed = RunStore(first.folder).read_samples(["replay:vendor"])["ljubljana.a|clean|replay:vendor"]
    assert failed.status == "ok"
    assert failed.retrieval["bm25"].hypothesis_answer == Answer(
        "", error=Failure("answer", "Unavailable", "nobody there")
    )
    assert "nobody there" in harness.report(first.folder).read_text()
    scripted.table["which river flows through the blue piano"] = "Ljubljanica"
    seen: list[str] = []
    again = harness.run(
        suite,
        backends=["replay:vendor"],
        answerer="scripted",
        out=tmp_path / "run",
        progress=lambda *a: seen.append(a[2].key),
    )
    assert (again.exit_status, again.record.status) == (0, "complete")
    assert sorted(seen) == ["ljubljana.a|clean|replay:vendor", "ljubljana.b|clean|replay:vendor"]
    assert rows(again.folder)["exact_match", "hypothesis"] == 2 / 4


def test_a_repair_that_could_not_be_judged_is_tried_again(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]
) -> None:
    suite, spec = (
        write_suite(hypotheses=HYPOTHESES | {"medawar": "what must peter mad dog or study"}),
        tmp_path / "spec.toml",
    )
    spec.write_text(SPEC.format(suite=suite, outcome="answer", name="scripted"))
    variant = "what did peter mad dog or study"
    scripted.table |= {"what did peter medawar study": "graft rejection", variant: None}
    assert harness.run(spec, out=tmp_path / "run").exit_status == 3
    key = "medawar.a|clean|replay:vendor"
    found = RunStore(tmp_path / "run").read_samples(["replay:vendor"])[key].retrieval["bm25"].counterfactual
    assert found is not None
    assert found.n_failed == 1
    scripted.table[variant] = "graft rejection"
    assert harness.run(spec, out=tmp_path / "run").exit_status == 0
    found = RunStore(tmp_path / "run").read_samples(["replay:vendor"])[key].retrieval["bm25"].counterfactual
    assert found is not None
    assert (found.n_failed, found.from_hypothesis, found.from_reference) == (0, 0.0, 1.0)


def test_what_is_finished_is_not_read_again(write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]) -> None:
    suite = write_suite()
    folder = harness.run(suite, backends=["replay:vendor"], answerer="scripted", out=tmp_path / "run").folder
    before = {path: path.read_bytes() for path in folder.rglob("*.json*") if path.name != "run.json"}
    scripted.shown.clear()
    harness.run(suite, backends=["replay:vendor"], answerer="scripted", out=folder)
    assert not scripted.shown
    assert before == {path: path.read_bytes() for path in folder.rglob("*.json*") if path.name != "run.json"}


def test_workers_change_nothing(write_suite: WriteSuite, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=write_suite(), outcome="answer", name="extractive"))
    for jobs in (1, 3):
        harness.run(spec, out=tmp_path / f"run{jobs}", jobs=jobs)
    one, three = (tmp_path / f"run{jobs}" / "summary.json" for jobs in (1, 3))
    assert one.read_bytes() == three.read_bytes()


def test_a_recording_without_a_transcript_loses_its_answer_to_retrieval(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    suite = write_suite()
    path = suite / "transcripts" / "perfect.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[1:]))
    found = rows(harness.run(suite, backends=["replay:perfect"], answerer="has_answer", out=tmp_path / "run").folder)
    assert (found["answers_lost", None], found["retrieval_error_rate", None]) == (1 / 8, 1 / 8)
    assert found["exact_match", "hypothesis"] == 7 / 8


def test_nobody_answers_where_nothing_could_be_judged(write_suite: WriteSuite, tmp_path: Path) -> None:
    questions = [{key: value for key, value in question.items() if key != "answers"} for question in QUESTIONS]
    bare = write_suite("bare", questions=questions)
    result = harness.run(bare, backends=["replay:vendor"], out=tmp_path / "bare-run")
    assert result.record.answerer is None
    assert ("exact_match", "reference") not in rows(result.folder)
    none = harness.run(write_suite(), backends=["replay:vendor"], answerer="none", out=tmp_path / "none-run")
    assert none.record.answerer is None
    assert ("exact_match", "reference") not in rows(none.folder)
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.format(suite=bare, outcome="answer", name="extractive"))
    with pytest.raises(SpecError, match="no accepted answers"):
        harness.run(spec, out=tmp_path / "never")
    spec.write_text(SPEC.format(suite=bare, outcome="answer", name="none"))
    with pytest.raises(SpecError, match="nobody answers"):
        harness.run(spec, out=tmp_path / "never")


def test_relevance_by_the_accepted_answers_where_the_suite_names_no_snippets(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted]
) -> None:
    questions = [{key: value for key, value in question.items() if key != "snippet_ids"} for question in QUESTIONS]
    scripted.table["where does the okapi live"] = "the Congo"
    folder = harness.run(
        write_suite(questions=questions), backends=["replay:vendor"], answerer="scripted", out=tmp_path / "run"
    ).folder
    found = rows(folder)
    assert found["answer_in_reach", "reference"] == 1.0
    assert found["answer_support", "reference"] == 1 / 4


def test_mistakes_are_told_before_any_work(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    with pytest.raises(UnknownName, match="Did you mean 'extractive'"):
        harness.run(suite, backends=["replay:vendor"], answerer="extractiv")
    with pytest.raises(UsageError, match="Known options: top_k"):
        harness.run(suite, backends=["replay:vendor"], answerer="extractive,k=3")
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\n[answerer]\nmodel = "x"\n')
    with pytest.raises(SpecError, match=r"answerer.name: is missing; every \[answerer\]"):
        harness.run(spec)
    assert not list(tmp_path.glob("results*"))


def test_another_version_of_the_answerer_is_refused(
    write_suite: WriteSuite, tmp_path: Path, scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite()
    harness.run(suite, backends=["replay:vendor"], answerer="scripted", out=tmp_path / "run")
    monkeypatch.setattr(scripted, "identity", lambda self: {"answerer": "scripted", "version": "2"})
    with pytest.raises(RunError, match=r"another version of the answerer.*--out"):
        harness.run(suite, backends=["replay:vendor"], answerer="scripted", out=tmp_path / "run")


def test_another_pronunciation_of_a_retriever_s_words_is_refused(
    write_suite: WriteSuite, tmp_path: Path, with_espeak: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_suite()
    first = harness.run(suite, backends=["replay:vendor"], retrievers=["phonetic"], out=tmp_path / "run")
    assert "espeak-ng" in first.record.packages
    phonetic.phone_analyser.cache_clear()
    monkeypatch.setenv("HARNESS_PRONUNCIATION", "rules")
    with pytest.raises(RunError, match=r"another version of a retriever.*--out"):
        harness.run(suite, backends=["replay:vendor"], retrievers=["phonetic"], out=tmp_path / "run")


def test_what_a_person_sees(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    arguments = [
        "run",
        str(suite),
        "--backend",
        "replay:vendor",
        "--backend",
        "replay:perfect",
        "--answerer",
        "has_answer,top_k=1",
    ]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "run")])
    assert done.exit_code == 0, done.output
    assert "Answers with bm25" in done.output
    assert "has_answer is shown the accepted answers: it judges whether" in " ".join(done.output.split())
    page = (tmp_path / "run" / "report.md").read_text()
    assert (
        "| backend | EM ref (8 utterances) | EM ASR (8 utterances) | answers lost (8 utterances) | retrieval errors"
        in page
    )
    assert (
        "of 4 answers lost 4 are retrieval errors (no snippet that bears the answer was retrieved) and 0 are reader"
        in page
    )
    assert not re.search(r"Reach (is|\d)", page), "a judge is no reader, and has no reach"
    assert "it judges whether one stands in what bm25 found, and is no reader." in page
    assert "answer from ref: graft rejection; from ASR: (no answer)" in page
    assert "--answerer has_answer,top_k=1" in page
    compared = CliRunner().invoke(main, ["compare", str(tmp_path / "run")])
    assert "EM ASR, bm25" in compared.output
    assert "F1 ASR, bm25" in compared.output
