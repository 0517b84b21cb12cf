"""A run by OpenAI's rules: its figures are of their words, and which rules they were stands beside them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest

import harness
from harness.analysis.scoring import score
from harness.errors import RunError, SpecError, UnknownName
from harness.report.comparison import print_comparison
from harness.report.markdown import page_lines
from harness.report.model import Report
from harness.report.screen import Screen
from harness.report.terminal import print_run
from harness.runs.compare import compare
from harness.runs.storage.stored_run import StoredRun
from tests.conftest import SNIPPETS, WriteSuite

whisper_normalizer = pytest.importorskip("whisper_normalizer", reason="needs the extra whisper-normalizer")
NAME = f"whisper {whisper_normalizer.__version__}"


def question(identity: str, text: str, *mentions: str) -> dict[str, object]:
    entities = [{"text": m, "start": text.index(m), "end": text.index(m) + len(m), "label": "X"} for m in mentions]
    return {"id": identity, "text": text, "answers": ["x"], "snippet_ids": ["s1"], "entities": entities}


QUESTIONS = (
    question("medawar", "What didn't Peter Medawar's twenty-one students study?", "Peter Medawar"),
    question("band", "Who led them (The Okapis) in Ljubljana?", "The Okapis", "Ljubljana"),
)
HYPOTHESES = {
    "medawar": "what did not peter mad dog or is 21 students study",
    "band": "who led them in the blue piano",
}
BACKENDS = ["replay:vendor", "replay:perfect"]


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    return write_suite(questions=QUESTIONS, snippets=SNIPPETS, hypotheses=HYPOTHESES)


@pytest.fixture
def run(suite: Path, tmp_path: Path) -> Path:
    return harness.run(suite, backends=BACKENDS, normaliser="whisper", out=tmp_path / "whisper").folder


def values(run: Path) -> dict[tuple[str, str], float | None]:
    rows = StoredRun.read(run).summary.rows
    return {(row.backend, row.metric): row.value for row in rows if row.group == "all" and row.source != "reference"}


def test_the_figures_are_of_their_words(run: Path) -> None:
    figures = values(run)
    references = [str(q["text"]) for q in QUESTIONS]
    expected = score(references, list(HYPOTHESES.values()), normaliser="whisper").words.rate
    assert figures["replay:vendor", "wer"] == pytest.approx(expected)
    assert figures["replay:perfect", "wer"] == 0
    assert figures["replay:perfect", "entity_recall"] == 1
    assert figures["replay:vendor", "entity_recall"] == 0


def test_samples_hold_their_words_and_the_mentions_among_them(run: Path) -> None:
    sample = StoredRun.read(run).samples["medawar.a|clean|replay:vendor"]
    assert sample.reference == "what did not peter medawar is 21 students study"
    assert [(e.text, e.start, e.end) for e in sample.entities] == [("peter medawar", 3, 5)]
    assert [word.text for word in sample.rare_words] == ["medawar"]  # 21 is no rare word


def test_a_mention_that_their_rules_remove_is_counted_and_said(run: Path) -> None:
    sample = StoredRun.read(run).samples["band.a|clean|replay:vendor"]
    assert [e.text for e in sample.entities] == ["ljubljana"]
    notes = " ".join(StoredRun.read(run).record.notes)
    assert f"normaliser {NAME}: 1 entity mentions of the questions are not told apart among its words" in notes


def test_the_costly_words_stand_as_the_question_writes_them(run: Path) -> None:
    words = {word.word: word.phrases for word in StoredRun.read(run).summary.words}
    assert words["medawar"] == ("Peter Medawar",)


def test_it_is_named_wherever_figures_stand(run: Path) -> None:
    assert json.loads((run / "run.json").read_text())["digests"]["normaliser"] == NAME
    assert json.loads((run / "summary.json").read_text())["normaliser"] == NAME
    report, console = Report.read(run), Screen(file=StringIO(), width=200)
    print_run(console, report)
    print_comparison(console, compare(run))
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().count(f"Normaliser: {NAME}.") == 2
    page = "\n".join(page_lines(report))
    assert f"Words are compared by the normaliser {NAME}." in page
    assert f"are compared by the normaliser {NAME}: OpenAI's rules" in page
    frame = harness.load_run(run).to_frame("rows")
    assert set(frame["normaliser"]) == {NAME}
    assert "--normaliser whisper" in StoredRun.read(run).record.command


def test_runs_by_other_rules_are_not_compared(run: Path, suite: Path, tmp_path: Path) -> None:
    other = harness.run(suite, backends=BACKENDS, out=tmp_path / "default").folder
    with pytest.raises(RunError, match=rf"another normaliser \({NAME}\) than .* \(default \d+\)"):
        compare(other, run)


def test_a_run_is_judged_by_other_rules_without_recognising(run: Path, suite: Path, tmp_path: Path) -> None:
    folder = harness.run(suite, backends=BACKENDS, out=tmp_path / "default").folder
    harness.run(suite, backends=BACKENDS, normaliser="whisper", out=folder, rescore=True)
    written = sorted(path.relative_to(folder) for path in folder.rglob("*.json*") if path.name != "run.json")
    assert [(folder / path).read_bytes() for path in written] == [(run / path).read_bytes() for path in written]
    assert (StoredRun.read(folder).record.rescored_from or "").startswith("default ")


def test_a_spec_names_it(suite: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(f'suite = "{suite}"\nnormaliser = "whisper"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n')
    assert harness.run(spec, out=tmp_path / "run").record.normaliser == NAME
    spec.write_text(f'suite = "{suite}"\nnormaliser = "wisper"\n')
    with pytest.raises((UnknownName, SpecError), match="Did you mean 'whisper'"):
        harness.run(spec, out=tmp_path / "other")
