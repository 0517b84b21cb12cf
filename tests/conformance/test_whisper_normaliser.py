"""Rates by `--normaliser whisper` are those of jiwer on the output of whisper-normalizer, which other people report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import jiwer
import pytest

from harness.analysis.scoring import score
from harness.runs.storage.stored_run import StoredRun

english = pytest.importorskip("whisper_normalizer.english", reason="needs the extra whisper-normalizer")
REFERENCE = Path(__file__).resolve().parents[2] / "results" / "reference"


def questions(path: Path) -> dict[str, str]:
    data = json.loads(path.read_text())["data"]
    return {q["id"]: q["question"] for article in data for p in article["paragraphs"] for q in p["qas"]}


def assert_equal_to_jiwer(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    normal = english.EnglishTextNormalizer()
    theirs = jiwer.process_words([normal(text) for text in references], [normal(text) for text in hypotheses])
    ours = score(references, hypotheses, normaliser="whisper").words
    assert ours.rate == pytest.approx(theirs.wer, abs=1e-15)
    assert (ours.hits, ours.substitutions, ours.deletions, ours.insertions) == (
        theirs.hits, theirs.substitutions, theirs.deletions, theirs.insertions
    )  # fmt: skip
    return theirs.wer


def test_questions_that_people_asked_aloud(outside_data: Path) -> None:
    written, recognised = (
        questions(outside_data / "noiseqa" / f"xquad-{name}.json") for name in ("context-en-question-en", "asr-natural")
    )
    rate = assert_equal_to_jiwer(list(written.values()), [recognised[identity] for identity in written])
    assert 0.1 < rate < 0.3


def of_stored_runs() -> Iterator[tuple[str, str]]:
    run = StoredRun.read(REFERENCE / "demo")
    texts = {question.id: question.text for question in run.evidence.questions}
    for sample in run.samples.values():
        if sample.transcript is not None:
            yield texts[sample.question_id], sample.transcript.text


def test_what_recognisers_made_of_the_shipped_suite() -> None:
    references, hypotheses = zip(*of_stored_runs(), strict=True)
    assert_equal_to_jiwer(references, hypotheses)


def test_the_rules_matter_where_texts_differ_in_notation() -> None:
    reference, hypothesis = (
        "Mr. Smith can't pay twenty-five dollars, um, can he?",
        "mister smith can not pay $25 can he",
    )
    assert score(reference, hypothesis, normaliser="whisper").words.errors == 0
    assert score(reference, hypothesis).words.errors > 0
