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
_RESULT = re.compile(
    r"^id: \((.+)\)\n(?:(?:Labels|File|Channel): .*\n)*Scores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE
)

Tally = tuple[int, int, int, int]  # hits, substitutions, deletions, insertions


def sclite(reference: Path, hypothesis: Path) -> dict[str, Tally]:
    """What sclite counts for each utterance. Debian calls it `sctk sclite`."""
    command = ["sclite"] if shutil.which("sclite") else ["sctk", "sclite"]
    if shutil.which(command[0]) is None:
        pytest.skip("sclite is not installed (Debian: apt install sctk)")
    files = ["-r", str(reference), "trn", "-h", str(hypothesis), "trn"]
    ran = subprocess.run(
        [*command, *files, "-i", "rm", "-D", "-o", "pralign", "stdout"], capture_output=True, check=False
    )
    return tallies(ran.stdout.decode("utf-8"))


def tallies(alignments: str) -> dict[str, Tally]:
    counts = _RESULT.findall(alignments)
    return {identity: (int(c), int(s), int(d), int(i)) for identity, c, s, d, i in counts}


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


def test_nist_sentences() -> None:
    """NIST's own test data: 51 sentences, of which six hold alternations."""
    if not SCTK.is_dir():
        pytest.skip(f"NIST's sentences are not at {SCTK}")
    assert compare(SCTK / "csrnab.ref", SCTK / "csrnab.hyp", 51) == (1263, 131, 12, 26)


# A case of every kind of NIST's test sets, with what sclite counts for it.
KINDS: dict[tuple[str, str], Tally] = {
    ("a { b / c } d", "a c d"): (3, 0, 0, 0),
    ("a { b / c } d", "a x d"): (2, 1, 0, 0),
    ("a { b / c d e } f", "a d f"): (2, 1, 0, 0),  # a substitution costs less than two deletions
    ("a {b/c}d", "a b d"): (3, 0, 0, 0),
    ("{ and/or / x } y/z", "or y/z"): (2, 0, 0, 0),
    ("{ a / { b c / d } } e", "b c e"): (3, 0, 0, 0),
    ("{ a { b / @ } / c } { d / e }", "a e"): (2, 0, 0, 0),
    ("a { @ / b } d", "a d"): (2, 0, 0, 0),
    ("a { @ / b } d", "a b d"): (3, 0, 0, 0),
    ("{ @ / @ } a", "a"): (1, 0, 0, 0),
    ("{ a / } b", "b"): (1, 0, 1, 0),  # an empty alternative is none
    ("@", "a"): (0, 0, 0, 1),
    ("a b", "a @ b"): (2, 0, 0, 0),
    ("a (uh) b", "a b"): (3, 0, 0, 0),
    ("a (uh) b", "a UH b"): (3, 0, 0, 0),
    ("a (uh) b", "a x b"): (2, 1, 0, 0),
    ("a uh b", "a (uh) b"): (3, 0, 0, 0),
    ("a (b c) d", "a b c d"): (2, 2, 0, 0),  # brackets around two words are two words with a bracket each
    ("{ (x) / y z } a", "a"): (2, 0, 0, 0),
    ("a* b * c", "a b c"): (3, 0, 1, 0),
}


def write_pair(folder: Path, references: list[str], hypotheses: list[str]) -> None:
    for name, texts in (("r", references), ("h", hypotheses)):
        lines = [f"{text} (s_{number:04d})\n" for number, text in enumerate(texts)]
        (folder / name).write_text("".join(lines), "utf-8")


def test_every_kind_of_notation(tmp_path: Path) -> None:
    write_pair(tmp_path, [reference for reference, _ in KINDS], [hypothesis for _, hypothesis in KINDS])
    assert list(ours(tmp_path / "r", tmp_path / "h", "nist").values()) == list(KINDS.values())
    compare(tmp_path / "r", tmp_path / "h", len(KINDS))


def with_choices(rng: random.Random, depth: int = 0) -> str:
    """A reference of a few words, alternations up to three deep, `@` and optional words."""
    pieces: list[str] = []
    for _ in range(rng.randint(1, 3 if depth else 9)):
        kind = rng.random()
        if kind < 0.25 and depth < 3:
            alternatives = [with_choices(rng, depth + 1) for _ in range(rng.randint(1, 3))]
            pieces.append("{ " + " / ".join(alternatives) + " }")
        else:
            word = rng.choice("abcde")
            pieces.append("@" if kind < 0.3 else f"({word})" if kind < 0.4 else word)
    return " ".join(pieces)


def test_references_that_leave_a_choice(tmp_path: Path) -> None:
    rng = random.Random(1)
    references = [with_choices(rng) for _ in range(500)]
    assert sum("{" in reference for reference in references) > 300
    write_pair(tmp_path, references, [" ".join(rng.choices("abcde", k=rng.randint(0, 10))) for _ in references])
    compare(tmp_path / "r", tmp_path / "h", 500)


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


def test_the_words_of_recordings_fall_into_segments_as_sclite_has_it(tmp_path: Path) -> None:
    """An stm against a ctm: alternations, gaps, segments that touch or are not to be scored, words across borders."""
    rng = random.Random(9)
    segments: list[tuple[str, float, float, str]] = []
    words: list[tuple[str, float, float, str]] = []
    for recording in ("rec_a", "rec_b", "rec_c"):
        at = 0.0
        for _ in range(60):
            begin, end = round(at + rng.choice([0.0, 0.3, 1.0]), 2), round(at + rng.uniform(1.2, 4.0), 2)
            ignored = rng.random() < 0.1
            text = "IGNORE_TIME_SEGMENT_IN_SCORING" if ignored else with_choices(rng)
            segments.append((recording, begin, end, text))
            at = end
        # No middle lies on a border: sclite counts in single precision, and a tie falls to either side.
        starts = sorted(round(rng.uniform(0.0, at + 1.0), 2) + 0.003 for _ in range(300))
        words += [(recording, start, round(rng.uniform(0.05, 0.6), 2), rng.choice("abcdef")) for start in starts]
    # One speaker for each segment, so that sclite's names of them say which segment it is.
    stm = [f"{name} 1 s{n:03d} {begin} {end} {text}\n" for n, (name, begin, end, text) in enumerate(segments)]
    (tmp_path / "r.stm").write_text("".join(stm), "utf-8")
    ctm = [f"{name} 1 {start:.3f} {length} {word} 0.5\n" for name, start, length, word in words]
    (tmp_path / "h.ctm").write_text("".join(ctm), "utf-8")
    command = ["sclite"] if shutil.which("sclite") else ["sctk", "sclite"]
    if shutil.which(command[0]) is None:
        pytest.skip("sclite is not installed (Debian: apt install sctk)")
    files = [
        "-r",
        str(tmp_path / "r.stm"),
        "stm",
        "-h",
        str(tmp_path / "h.ctm"),
        "ctm",
        "-D",
        "-o",
        "pralign",
        "stdout",
    ]
    ran = subprocess.run([*command, *files], capture_output=True, check=False, cwd=tmp_path)
    theirs = {name.removesuffix("-000"): tally for name, tally in tallies(ran.stdout.decode("utf-8")).items()}
    assert len(theirs) > 150
    scored = score(tmp_path / "r.stm", tmp_path / "h.ctm", costs="nist")
    speaker_of = {
        f"{name}-1_{round(b * 100):06d}-{round(e * 100):06d}": f"s{n:03d}" for n, (name, b, e, _) in enumerate(segments)
    }
    words = {speaker_of[utterance.id]: utterance.words for utterance in scored.utterances()}
    assert {name: (w.hits, w.substitutions, w.deletions, w.insertions) for name, w in words.items()} == theirs
