"""Unit costs count and align as jiwer does, words and characters, on texts full of ties."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from harness.analysis.error_rates import ErrorCounts, count_errors
from harness.analysis.scoring import score
from harness.words.align import align
from harness.words.rarity import Rarity

jiwer = pytest.importorskip("jiwer")
_OPERATIONS = {"equal": "hit", "substitute": "substitution", "delete": "deletion", "insert": "insertion"}


def random_texts(n: int, vocabulary: list[str]) -> list[str]:
    rng = random.Random(n)
    return [" ".join(rng.choices(vocabulary, k=rng.randint(1, 12))) for _ in range(n)]


VOCABULARY = ["a", "b", "to", "two", "too", "medawar"]
REFERENCES = random_texts(3000, VOCABULARY)
HYPOTHESES = random_texts(3001, VOCABULARY)[:3000]


def test_word_counts_of_files(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("\n".join(REFERENCES), "utf-8")
    (tmp_path / "h").write_text("\n".join(HYPOTHESES), "utf-8")
    theirs = jiwer.process_words(REFERENCES, HYPOTHESES)
    ours = score(tmp_path / "r", tmp_path / "h", format="text").words
    assert (ours.hits, ours.substitutions) == (theirs.hits, theirs.substitutions)
    assert (ours.deletions, ours.insertions) == (theirs.deletions, theirs.insertions)
    assert ours.rate == pytest.approx(theirs.wer, rel=1e-12)


def test_alignments() -> None:
    theirs = jiwer.process_words(REFERENCES, HYPOTHESES)
    for reference, hypothesis, chunks in zip(REFERENCES, HYPOTHESES, theirs.alignments, strict=True):
        expected = [
            _OPERATIONS[chunk.type]
            for chunk in chunks
            for _ in range(max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx))
        ]
        assert [step.operation for step in align(reference.split(), hypothesis.split())] == expected


def test_character_counts() -> None:
    pairs = list(zip(REFERENCES[:500], HYPOTHESES[:500], strict=True))
    theirs = jiwer.process_characters(REFERENCES[:500], HYPOTHESES[:500])
    ours = sum(
        (count_errors(r.split(), align(r.split(), h.split()), Rarity("en")) for r, h in pairs), ErrorCounts()
    ).characters
    assert (ours.hits, ours.substitutions) == (theirs.hits, theirs.substitutions)
    assert (ours.deletions, ours.insertions) == (theirs.deletions, theirs.insertions)
    assert ours.rate == pytest.approx(theirs.cer, rel=1e-12)
