"""The counts of `score --format trn --costs nist` are sclite's, utterance by utterance."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.analysis.scoring import score

SCTK = Path(__file__).parents[2] / ".." / "shared" / "data" / "sctk"
_RESULT = re.compile(r"^id: \((.+)\)\nScores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)

Tally = tuple[int, int, int, int]  # hits, substitutions, deletions, insertions


def sclite(reference: Path, hypothesis: Path) -> dict[str, Tally]:
    """What sclite counts for each utterance. Debian calls it `sctk sclite`."""
    command = ["sclite"] if shutil.which("sclite") else ["sctk", "sclite"]
    if shutil.which(command[0]) is None:
        pytest.skip("sclite is not installed (Debian: apt install sctk)")
    files = ["-r", str(reference), "trn", "-h", str(hypothesis), "trn"]
    ran = subprocess.run([*command, *files, "-i", "rm", "-o", "pralign", "stdout"], capture_output=True, check=False)
    found = _RESULT.findall(ran.stdout.decode("utf-8"))
    return {identity: (int(c), int(s), int(d), int(i)) for identity, c, s, d, i in found}


def ours(reference: Path, hypothesis: Path, costs: str) -> dict[str, Tally]:
    scored = score(reference, hypothesis, format="trn", costs=costs)
    words = {utterance.id: utterance.words for utterance in scored.utterances()}
    return {name: (w.hits, w.substitutions, w.deletions, w.insertions) for name, w in words.items()}


def compare(reference: Path, hypothesis: Path, n_expected: int) -> Tally:
    theirs = sclite(reference, hypothesis)
    assert len(theirs) == n_expected
    assert ours(reference, hypothesis, "nist") == theirs
    fewest = ours(reference, hypothesis, "unit")
    assert all(sum(fewest[name][1:]) <= sum(theirs[name][1:]) for name in theirs)
    hits, substitutions, deletions, insertions = map(sum, zip(*theirs.values(), strict=True))
    return hits, substitutions, deletions, insertions


def test_nist_sentences(tmp_path: Path) -> None:
    """NIST's own test data, without the six sentences that hold alternations."""
    if not SCTK.is_dir():
        pytest.skip(f"NIST's sentences are not at {SCTK}")
    references = [line for line in (SCTK / "csrnab.ref").read_text("utf-8").splitlines(True) if "{" not in line]
    kept = {line.rpartition("(")[2].lower() for line in references}
    hypotheses = (SCTK / "csrnab.hyp").read_text("utf-8").splitlines(True)
    (tmp_path / "r").write_text("".join(references), "utf-8")
    (tmp_path / "h").write_text("".join(x for x in hypotheses if x.rpartition("(")[2].lower() in kept), "utf-8")
    assert compare(tmp_path / "r", tmp_path / "h", 45)[0] > 1000


def test_random_pairs_full_of_ties(tmp_path: Path) -> None:
    rng = random.Random(20260)

    def text(shortest: int) -> str:
        return " ".join(rng.choices("abcdefgh", k=rng.randint(shortest, 12)))

    names = [f"s_{number:04d}" for number in range(1000)]
    (tmp_path / "r").write_text("".join(f"{text(1)} ({name})\n" for name in names), "utf-8")
    (tmp_path / "h").write_text("".join(f"{text(0)} ({name})\n" for name in names), "utf-8")
    compare(tmp_path / "r", tmp_path / "h", 1000)
    # The order of ties shows in the counts: read backwards, which turns the order round, some pairs count otherwise.
    for file in ("r", "h"):
        lines = (line.split() for line in (tmp_path / file).read_text("utf-8").splitlines())
        backwards = "".join(" ".join([*words[-2::-1], words[-1]]) + "\n" for words in lines)
        (tmp_path / f"{file}_backwards").write_text(backwards, "utf-8")
    forwards = ours(tmp_path / "r", tmp_path / "h", "nist")
    assert ours(tmp_path / "r_backwards", tmp_path / "h_backwards", "nist") != forwards
