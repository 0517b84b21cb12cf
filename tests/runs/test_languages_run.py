"""Runs of suites in other languages: their own rare words, and no word of English data."""

from __future__ import annotations

from pathlib import Path

import pytest
import wordfreq
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.errors import MissingDependency, TranscriptError, UsageError
from harness.report.model import Report
from harness.runs.result import RunResult
from harness.suites.describe import describe_suite
from harness.suites.load import load_suite
from harness.suites.validate import validate_suite
from harness.words import rarity
from harness.words.entities import mentions
from harness.words.text.normalise import tokenise
from tests.conftest import WriteSuite
from tests.runs.toy_suites import FRENCH, GERMAN, JAPANESE, TOYS, Toy

LANGUAGES = [pytest.param(toy, id=toy.language) for toy in TOYS]


@pytest.fixture(autouse=True)
def no_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a sentinel in place of wordfreq's English list: whoever asks it fails."""

    def guarded(name: str, place: int) -> None:
        asked = getattr(wordfreq, name)

        def ask(*given: str, **named: float) -> object:
            assert not given[place].startswith("en"), f"the English list was asked: {given}"
            return asked(*given, **named)

        monkeypatch.setattr(wordfreq, name, ask)

    rarity._zipf.cache_clear()
    for name, place in (("zipf_frequency", 1), ("iter_wordlist", 0), ("get_frequency_list", 0)):
        guarded(name, place)


def written(toy: Toy, write_suite: WriteSuite, language: str = "") -> Path:
    return write_suite("toy", *toy.records(), language or toy.language)


def run(suite: Path, out: Path, **options: object) -> RunResult:
    return harness.run(suite, backends=["replay:vendor", "replay:perfect"], out=out, jobs=1, **options)  # type: ignore[arg-type]


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [*map(str, arguments)])
    return result.exit_code, result.output


def test_the_sentinel_notices_english() -> None:
    with pytest.raises(AssertionError, match="the English list was asked"):
        rarity.zipf("hauptstadt", "en-GB")


@pytest.mark.parametrize("toy", LANGUAGES)
def test_the_rare_words_are_the_names(toy: Toy, write_suite: WriteSuite, tmp_path: Path) -> None:
    if toy is JAPANESE:
        pytest.importorskip("ipadic", reason="the extra [japanese] is not installed")
    suite = written(toy, write_suite)
    result = run(suite, tmp_path / "run")
    samples = result.stored.samples.values()
    wrong = [sample for sample in samples if sample.backend == "replay:vendor"]
    assert {word.text for sample in wrong for word in sample.rare_words} == set(toy.rare)
    assert all(word.fate != "hit" for sample in wrong for word in sample.rare_words)
    assert not {word.text for sample in samples for word in sample.rare_words} & set(toy.common)
    assert all(entity.text in toy.rare for sample in samples for entity in sample.entities)
    rates = {(row.backend, row.metric): row.value for row in result.summary.rows if row.group == "all"}
    assert rates["replay:vendor", "rare_wer"] == 1
    assert rates["replay:perfect", "wer"] == rates["replay:perfect", "cer"] == 0
    assert result.summary.possible_typos == {}


@pytest.mark.parametrize("toy", LANGUAGES)
def test_everything_that_reads_a_suite_or_a_run_does_without_english(
    toy: Toy, write_suite: WriteSuite, tmp_path: Path
) -> None:
    if toy is JAPANESE:
        pytest.importorskip("ipadic", reason="the extra [japanese] is not installed")
    suite = written(toy, write_suite)
    told = [problem.message for problem in validate_suite(suite) if problem.kind == "language without data"]
    assert told == (["numbers: no words for 'ja': digits stay digits"] if toy is JAPANESE else [])
    described = describe_suite(load_suite(suite))
    assert described.rare_words == len(toy.rare)
    assert described.possible_typos == {}
    result = run(suite, tmp_path / "run", retrievers=["bm25", "rank-bm25"])
    assert Report.read(result.folder).language == toy.language
    for form in ("html", "md", "csv"):
        status, output = call("report", result.folder, "--format", form, "--out", tmp_path / f"out.{form}")
        assert status == 0, output
    assert call("compare", result.folder)[0] == 0
    references, hypotheses = tmp_path / "ref.txt", tmp_path / "hyp.txt"
    texts, _, heard_wrong = toy.records()
    references.write_text("".join(f"{question['text']}\n" for question in texts), encoding="utf-8")
    hypotheses.write_text("".join(f"{text}\n" for text in heard_wrong.values()), encoding="utf-8")
    score = harness.score(references, hypotheses, language=toy.language)
    assert score.rare.reference == len(toy.rare)
    assert score.rare.hits == 0
    assert 0 < (score.common.rate or 0) < 0.5 or score.common.rate == 0


def test_a_language_without_a_list_is_refused_before_the_run(write_suite: WriteSuite, tmp_path: Path) -> None:
    """Basque, which wordfreq itself would answer for with Spanish."""
    suite = written(FRENCH, write_suite, "eu")
    with pytest.raises(UsageError, match=r"^rarity: no list for 'eu': use --rare-words FILE$"):
        run(suite, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    status, output = call("suite", "validate", suite)
    assert "rarity: no list for 'eu': use --rare-words FILE" in output
    assert status == 0
    assert describe_suite(load_suite(suite)).rare_words is None


def test_a_list_of_rare_words_stands_in(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite, words = written(GERMAN, write_suite, "eu"), tmp_path / "names.txt"
    words.write_text("Ljubljana\nSzeged\n", encoding="utf-8")
    result = run(suite, tmp_path / "run", rare_words=words)
    rare = [word for sample in result.stored.samples.values() for word in sample.rare_words]
    assert {(word.text, word.zipf, word.band) for word in rare} == {
        ("ljubljana", None, "no list"), ("szeged", None, "no list"),
    }  # fmt: skip
    assert any("no list for 'eu'" in note for note in result.record.notes)
    assert {dose.not_fitted for dose in result.summary.dose_response} == {"there is no frequency list for 'eu'"}
    assert result.stored.rarity.words == {"ljubljana", "szeged"}
    assert call("report", result.folder, "--format", "md", "--out", tmp_path / "out.md")[0] == 0
    assert "is a word of the list names" in (tmp_path / "out.md").read_text(encoding="utf-8")
    words.write_text("Ljubljana\n", encoding="utf-8")
    with pytest.raises(harness.errors.RunError, match="not what it was"):
        _ = Report.read(result.folder).runs[0].rarity


def test_a_list_of_rare_words_that_is_empty_is_refused(write_suite: WriteSuite, tmp_path: Path) -> None:
    words = tmp_path / "names.txt"
    words.write_text("\n", encoding="utf-8")
    with pytest.raises(TranscriptError, match="no words"):
        run(written(GERMAN, write_suite), tmp_path / "run", rare_words=words)


def test_a_language_that_cannot_be_cut_into_words_is_refused(write_suite: WriteSuite, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'th' is written without spaces"):
        run(written(JAPANESE, write_suite, "th"), tmp_path / "run")


def test_a_language_whose_extra_is_missing_names_it(
    write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.words.languages.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install 'spoken-qa-harness\[japanese\]'"):
        run(written(JAPANESE, write_suite), tmp_path / "run")


@pytest.mark.parametrize("toy", LANGUAGES)
def test_the_reader_says_whose_question_words_it_knows(toy: Toy, write_suite: WriteSuite, tmp_path: Path) -> None:
    if toy is JAPANESE:
        pytest.importorskip("ipadic", reason="the extra [japanese] is not installed")
    result = run(written(toy, write_suite), tmp_path / "run")
    notes = [note for note in result.record.notes if note.startswith("extractive: it knows")]
    assert bool(notes) is (toy.language != "es")
    assert (result.record.answerer or {})["language"] == toy.language
    perfect = [sample for sample in result.stored.samples.values() if sample.backend == "replay:perfect"]
    right = sum(sample.retrieval["bm25"].hypothesis_metrics["exact_match"] for sample in perfect)
    assert right >= len(perfect) / 2


def test_names_of_german_questions_are_not_told_by_their_capitals() -> None:
    question = harness.records.Question("q", "Wie heißt die Hauptstadt der Region um Tegucigalpa?")
    tokens = tokenise(question.text, "de")
    assert [tokens[start:end] for start, end in mentions(question, "de").spans] == [["tegucigalpa"]]
