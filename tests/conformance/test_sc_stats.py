"""MAPSSWE is that of NIST's `sc_stats`, to every digit it prints.

Where the two part on purpose:

- sc_stats takes p from a printed table of the normal distribution, at |Z| cut off after two decimals, and so a little
  too large. Z itself is compared to the last digit, p by way of the same cut.
- Where the differences do not vary at all, sc_stats calls Z 0 and p 1, however large they are; here there is none.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from math import floor
from pathlib import Path
from statistics import NormalDist

import pytest

from harness.analysis.significance import Mapsswe, mapsswe
from harness.records import AlignedWord
from harness.words.align import NIST, align

Texts = Mapping[str, Sequence[str]]
_RESULT = re.compile(r"\(# segs: (\d+)\).*\(mean: (\S+)\) \(std dev: (\S+)\) \(Z Stat: (\S+)\)")
_P_VALUE = re.compile(r"\|\|\s*first\s*\|\s*\|\s*(?:first|second|~)\s+(<?\d\.\d{3})")


def sctk(program: str) -> list[str]:
    """Debian calls its programs `sctk sclite`, `sctk sc_stats`."""
    if shutil.which(program):
        return [program]
    if shutil.which("sctk"):
        return ["sctk", program]
    pytest.skip(f"{program} is not installed (Debian: apt install sctk)")


def sc_stats(folder: Path, references: Texts, first: Texts, second: Texts) -> tuple[int, str, str, str, str]:
    """Segments, mean, standard deviation, Z and p as sc_stats prints them."""
    for name, texts in (("reference", references), ("first", first), ("second", second)):
        lines = "".join(f"{' '.join(words)} ({identity})\n" for identity, words in texts.items())
        (folder / name).write_text(lines, encoding="utf-8")
    piped = b""
    for name in ("first", "second"):
        files = ["-r", "reference", "trn", "-h", name, "trn"]
        command = [*sctk("sclite"), *files, "-i", "rm", "-o", "sgml", "stdout"]
        piped += subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    for flags in (["-v"], ["-u"]):
        command = [*sctk("sc_stats"), "-p", "-t", "mapsswe", *flags, "-n", "found"]
        subprocess.run(command, cwd=folder, input=piped, capture_output=True, check=True)
    result = _RESULT.search((folder / "found.stats.mapsswe").read_text())
    p_value = _P_VALUE.search((folder / "found.stats.unified").read_text())
    assert result is not None
    assert p_value is not None
    return int(result[1]), result[2], result[3], result[4], p_value[1]


def ours(references: Texts, first: Texts, second: Texts) -> Mapsswe:
    def aligned(texts: Texts) -> list[tuple[AlignedWord, ...]]:
        return [align(references[identity], texts[identity], NIST) for identity in references]

    return mapsswe(aligned(first), aligned(second))


def printed(result: Mapsswe) -> tuple[int, str, str, str, str]:
    assert result.z is not None
    assert result.p_value is not None
    from_table = 2 * NormalDist().cdf(-floor(abs(result.z) * 100) / 100)
    assert result.p_value - 1e-12 <= from_table < result.p_value + 0.01
    p_value = "<0.001" if from_table < 0.001 else f"{from_table:.3f}"
    return result.segments, f"{result.mean:.3f}", f"{result.standard_deviation:.3f}", f"{result.z:.3f}", p_value


@pytest.fixture(scope="module")
def systems(outside_data: Path) -> tuple[Texts, Texts, Texts]:
    """LibriSpeech test-clean: references, and the hypotheses of two recognisers."""

    def read(name: str) -> dict[str, list[str]]:
        lines = (outside_data / "is21" / name).read_text(encoding="utf-8").splitlines()
        return {line.split("\t")[0]: line.split("\t")[1].split() for line in lines}

    return (
        read("test-clean.biasing_100.tsv"),
        read("test-clean.b1.rnnt_baseline.tsv"),
        read("test-clean.s5.s3+db-nnlm.biasing_100.tsv"),
    )


def test_two_public_systems(systems: tuple[Texts, Texts, Texts], tmp_path: Path) -> None:
    theirs = sc_stats(tmp_path, *systems)
    assert theirs == (1495, "0.588", "0.859", "26.468", "<0.001")
    assert printed(ours(*systems)) == theirs


@pytest.mark.parametrize("seed", range(6))
def test_mixtures_of_the_two_that_differ_little(systems: tuple[Texts, Texts, Texts], tmp_path: Path, seed: int) -> None:
    """Each utterance's two transcripts are dealt out at random, so p comes out anywhere between 0 and 1."""
    generator = random.Random(seed)
    kept = generator.sample(sorted(systems[0]), 400)
    swapped = {identity: generator.random() < 0.5 for identity in kept}
    references = {identity: systems[0][identity] for identity in kept}
    first = {identity: systems[1 + swapped[identity]][identity] for identity in kept}
    second = {identity: systems[2 - swapped[identity]][identity] for identity in kept}
    theirs = sc_stats(tmp_path, references, first, second)
    assert theirs[-1] != "<0.001"
    assert printed(ours(references, first, second)) == theirs


def test_random_texts_full_of_errors(tmp_path: Path) -> None:
    """Segments of every shape, with words left out and words added at both ends."""
    generator = random.Random(5)

    def with_errors(words: Sequence[str]) -> list[str]:
        kept = [generator.choice("abcdefgh") if generator.random() < 0.2 else word for word in words]
        words = [word for word in kept for _ in range(generator.choices((0, 1, 2), (1, 8, 1))[0])]
        return [*words, "z"] if generator.random() < 0.1 else words

    references = {f"s_{n:03d}": generator.choices("abcdefgh", k=generator.randint(1, 15)) for n in range(300)}
    first, second = ({identity: with_errors(words) for identity, words in references.items()} for _ in range(2))
    last = [align(references[identity], second[identity], NIST)[-1].operation for identity in references]
    assert last.count("insertion") > 10
    assert printed(ours(references, first, second)) == sc_stats(tmp_path, references, first, second)
    assert printed(ours(references, second, first)) == sc_stats(tmp_path, references, second, first)


def test_differences_that_never_vary(tmp_path: Path) -> None:
    references = {f"s_{n}": ["what", "did", "she", "study"] for n in range(8)}
    wrong = {identity: ["when", *words[1:]] for identity, words in references.items()}
    assert sc_stats(tmp_path, references, wrong, references) == (8, "1.000", "0.000", "0.000", "1.000")
    result = ours(references, wrong, references)
    assert (result.segments, result.mean, result.standard_deviation, result.z, result.p_value) == (
        8,
        1.0,
        0.0,
        None,
        None,
    )
