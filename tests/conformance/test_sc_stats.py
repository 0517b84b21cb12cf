"""MAPSSWE is that of NIST's `sc_stats`, to every digit it prints.

Where the two part on purpose:

- Words inserted after the last reference word by the second system alone are not seen by sc_stats (`mtchprs.c` leaves
  its loop when the first system's words are used up), so that its answer depends on the order of the systems. Here
  they are errors like any others. The utterances of the public systems hold none; a test of its own shows the case.
- Where the differences do not vary at all, sc_stats calls Z 0 and p 1, however large they are; here there is none.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.analysis.significance import Mapsswe, mapsswe, segment_errors
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


def printed(found: Mapsswe) -> tuple[int, str, str, str, str]:
    assert found.z is not None
    assert found.p_value is not None
    p_value = "<0.001" if found.p_value < 0.001 else f"{found.p_value:.3f}"
    return found.segments, f"{found.mean:.3f}", f"{found.standard_deviation:.3f}", f"{found.z:.3f}", p_value


@pytest.fixture(scope="module")
def systems(outside_data: Path) -> tuple[Texts, Texts, Texts]:
    """LibriSpeech test-clean: what was said, and what two recognisers heard."""

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
    """Segments of every shape; words that the second system adds at the very end are taken away (see above)."""
    generator = random.Random(5)

    def heard(words: Sequence[str]) -> list[str]:
        kept = [generator.choice("abcdefgh") if generator.random() < 0.2 else word for word in words]
        return [word for word in kept for _ in range(generator.choices((0, 1, 2), (1, 8, 1))[0])]

    references = {f"s_{n:03d}": generator.choices("abcdefgh", k=generator.randint(1, 15)) for n in range(300)}
    first = {identity: heard(words) for identity, words in references.items()}
    second = {
        identity: _without_last_insertions(references[identity], heard(references[identity])) for identity in references
    }
    assert printed(ours(references, first, second)) == sc_stats(tmp_path, references, first, second)


def test_words_added_at_the_end_count_for_both_systems(tmp_path: Path) -> None:
    """The installed sc_stats sees such words of the first system only: its segments change when the two change places."""
    references = {f"s_{n}": "what did she study".split() for n in range(8)}
    exact_but_one = {**references, "s_0": "what did he study".split()}
    longer = {identity: [*words, *["there"] * (1 + n % 2)] for n, (identity, words) in enumerate(references.items())}
    assert ours(references, longer, exact_but_one).segments == ours(references, exact_but_one, longer).segments == 9
    assert sc_stats(tmp_path, references, longer, exact_but_one)[0] == 9
    with pytest.raises(AssertionError):  # one segment is left, and no spread
        sc_stats(tmp_path, references, exact_but_one, longer)
    assert list(segment_errors(align(["a"], ["a"]), align(["a"], ["a", "b"]))) == [(0, 1)]


def _without_last_insertions(reference: Sequence[str], hypothesis: list[str]) -> list[str]:
    while align(reference, hypothesis, NIST)[-1].operation == "insertion":
        hypothesis = hypothesis[:-1]
    return hypothesis
