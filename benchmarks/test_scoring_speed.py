"""Scoring files of transcripts against bare jiwer on lists in memory, and against sclite.

    pytest benchmarks/test_scoring_speed.py --benchmark-only -s

Pairs of 8 to 12 words, a tenth of them wrong. `harness score` reads both files, aligns them by jiwer, tells rare words
from common ones and counts them apart; jiwer alone gets the sentences; sclite, where it is installed, reads the same files.
What jiwer's records add to the alignment of rapidfuzz, which it stands on, is timed too. Times are compared, never asserted;
that all of them count the same is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import jiwer
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rapidfuzz.distance import Levenshtein
from wordfreq import top_n_list

from harness.analysis.scoring import score
from harness.words.align import corpus_edits

N_PAIRS, N_SCLITE = 100_000, 10_000
Pairs = tuple[list[str], list[str]]
Tokens = tuple[list[list[str]], list[list[str]]]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    random, words = np.random.default_rng(5), np.array(top_n_list("en", 20_000, ascii_only=True))
    words = words[[word.isalpha() for word in words]]
    references, hypotheses = [], []
    for length in random.integers(8, 13, N_PAIRS):
        reference = random.choice(words, length)
        hypothesis = np.where(random.random(length) < 0.1, random.choice(words, length), reference)
        references.append(" ".join(reference))
        hypotheses.append(" ".join(hypothesis[random.random(length) > 0.02]))
    return references, hypotheses


@pytest.fixture(scope="module")
def tokens(pairs: Pairs) -> Tokens:
    references, hypotheses = ([text.split() for text in texts] for texts in pairs)
    return references, hypotheses


@pytest.fixture(scope="module")
def files(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pairs")
    for name, texts in zip(("ref.trn", "hyp.trn"), pairs, strict=True):
        (folder / name).write_text("".join(f"{text} (s-{i})\n" for i, text in enumerate(texts)))
    return folder / "ref.trn", folder / "hyp.trn"


@pytest.mark.benchmark(group=f"{N_PAIRS:,} pairs, unit costs")
def test_harness(benchmark: BenchmarkFixture, files: tuple[Path, Path], pairs: Pairs) -> None:
    words = benchmark.pedantic(lambda: score(*files, format="trn"), rounds=3).words
    theirs = jiwer.process_words(*pairs)
    assert (words.hits, words.errors) == (theirs.hits, theirs.substitutions + theirs.deletions + theirs.insertions)


@pytest.mark.benchmark(group=f"{N_PAIRS:,} pairs, unit costs")
def test_jiwer(benchmark: BenchmarkFixture, pairs: Pairs) -> None:
    assert benchmark.pedantic(lambda: jiwer.process_words(*pairs), rounds=3).hits > 0


@pytest.mark.benchmark(group=f"alignment of {N_PAIRS:,} pairs of lists of words")
def test_edits_by_jiwer(benchmark: BenchmarkFixture, tokens: Tokens) -> None:
    assert benchmark.pedantic(lambda: sum(map(len, corpus_edits(*tokens))), rounds=3) > 0


@pytest.mark.benchmark(group=f"alignment of {N_PAIRS:,} pairs of lists of words")
def test_edits_by_rapidfuzz_alone(benchmark: BenchmarkFixture, tokens: Tokens) -> None:
    def n_errors() -> int:
        return sum(len(list(map(tuple, Levenshtein.editops(*pair)))) for pair in zip(*tokens, strict=True))

    assert benchmark.pedantic(n_errors, rounds=3) == sum(map(len, corpus_edits(*tokens)))


@pytest.fixture(scope="module")
def few(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("few")
    for path in files:
        (folder / path.name).write_text("".join(path.read_text().splitlines(keepends=True)[:N_SCLITE]))
    return folder / "ref.trn", folder / "hyp.trn"


@pytest.mark.benchmark(group=f"{N_SCLITE:,} pairs, NIST costs")
def test_harness_nist(benchmark: BenchmarkFixture, few: tuple[Path, Path]) -> None:
    words = benchmark.pedantic(lambda: score(*few, format="trn", costs="nist"), rounds=3).words
    assert words.reference > 0


@pytest.mark.benchmark(group=f"{N_SCLITE:,} pairs, NIST costs")
def test_sclite(benchmark: BenchmarkFixture, few: tuple[Path, Path]) -> None:
    if shutil.which("sctk") is None:
        pytest.skip("sclite (Debian's sctk) is not installed")
    command = ["sctk", "sclite", "-r", few[0], "trn", "-h", few[1], "trn", "-i", "rm", "-o", "rsum", "stdout"]
    done = benchmark.pedantic(lambda: subprocess.run(command, capture_output=True, text=True, check=True), rounds=3)
    sums = re.search(r"\| Sum +\| +(\d+) +(\d+) +\| +(\d+) +(\d+) +(\d+) +(\d+)", done.stdout)
    assert sums is not None
    ours = score(*few, format="trn", costs="nist").words
    _, words, hits, substitutions, deletions, insertions = map(int, sums.groups())
    assert (words, hits, substitutions, deletions, insertions) == (
        ours.reference, ours.hits, ours.substitutions, ours.deletions, ours.insertions,
    )  # fmt: skip
