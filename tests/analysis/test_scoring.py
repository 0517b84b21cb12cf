"""`score` on files: every format says the same, and what is wrong in a file is said with its place."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.analysis import scoring
from harness.analysis.error_rates import Counts
from harness.analysis.scoring import Score, score, score_files
from harness.cli import main
from harness.errors import Notice, TranscriptError, UsageError
from harness.report.screen import Screen
from harness.report.terminal import print_score
from harness.words.align import NIST, UNIT, expected_seconds
from harness.words.text.normalise import NORMALISER_VERSION

PAIRS = {
    "u1": ("Who was Medawar's brother?", "who was met a wars brother"),
    "u2": ("In 1945", "in nineteen forty five"),
    "u3": ("", "medawar"),
}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def row(format: str, identity: str, text: str) -> str:
    return {
        "text": text,
        "trn": f"{text} ({identity})",
        "tsv": f"{identity}\t{text}",
        "jsonl": json.dumps({"id": identity, "text": text, "speaker": "x"}),
    }[format]


def score_pairs(folder: Path, format: str, ending: str = "\n", **options: str) -> Score:
    files = [
        write(folder / name, "".join(row(format, key, pair[side]) + ending for key, pair in PAIRS.items()))
        for side, name in enumerate(("reference", "hypothesis"))
    ]
    return score(*files, format=format, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["text", "trn", "tsv", "jsonl"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_formats_agree(tmp_path: Path, format: str, ending: str) -> None:
    found = score_pairs(tmp_path, format, ending, normaliser="default")
    # who was medawar 's brother -> who was met a wars brother: two substitutions and an insertion of a common word
    assert found.to_dict() == {
        "words": {"reference": 9, "hits": 7, "substitutions": 2, "deletions": 0, "insertions": 2, "rate": 4 / 9},
        "common": {"reference": 8, "hits": 7, "substitutions": 1, "deletions": 0, "insertions": 1, "rate": 2 / 8},
        "rare": {"reference": 1, "hits": 0, "substitutions": 1, "deletions": 0, "insertions": 1, "rate": 2.0},
        "false_rare_insertions": 1,
        "notation": {"error_regions": 2, "variants": 0},
        "utterances": {"scored": 3, "missing": 0, "empty_reference": 1},
        "not_speech": {"utterances": 0, "removed": {}},
        "normaliser": f"default {NORMALISER_VERSION}",
        "language": "en",
    }
    assert [utterance.words.errors for utterance in found.utterances()] == [3, 0, 1]


def test_texts_are_scored_as_lines_of_files(tmp_path: Path) -> None:
    references, hypotheses = zip(*PAIRS.values(), strict=True)
    by_list = score(references, hypotheses)
    assert by_list.to_dict() == score_pairs(tmp_path, "text").to_dict()
    assert [utterance.id for utterance in by_list.utterances()] == ["1", "2", "3"]
    each = [score(*pair) for pair in PAIRS.values()]
    assert sum((one.words for one in each), Counts()) == by_list.words
    assert [one.words.rate for one in each] == [utterance.words.rate for utterance in by_list.utterances()]


def test_options_hold_for_texts() -> None:
    assert score("A b", "a b").words.rate == 0
    assert score("A b", "a b", normaliser="none").words.rate == 1 / 2
    assert score("a b", "c", costs="nist").words == score("a b", "c").words
    assert score("the house", "the horse", rare_words=["House"]).rare.rate == 1
    assert score("", "").words.rate is None
    assert score([], []).to_dict()["utterances"] == {"scored": 0, "missing": 0, "empty_reference": 0}


def test_a_string_is_never_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "ref.txt", "the house\n")
    write(tmp_path / "hyp.txt", "the horse\n")
    assert score(Path("ref.txt"), Path("hyp.txt"), format="text").words.errors == 1
    assert score_files("ref.txt", "hyp.txt", format="text").words.errors == 1
    with pytest.raises(UsageError, match=r"'ref.txt' and 'hyp.txt' are files, but a string is a text .* `score_files`"):
        score("ref.txt", "hyp.txt")
    assert score(["ref.txt"], ["hyp.txt"]).words.errors > 0  # in a list there are only texts
    assert score("ref.txt", "horse").words.errors > 0


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        (("a", ["a"]), "the reference is one text and the hypothesis a list of 1: give two texts, or two lists"),
        ((["a", "b"], ["a"]), "the reference is a list of 2 and the hypothesis a list of 1"),
        ((["a", "b"], ["a", None]), "the hypothesis at index 1 is None: expected a text"),
        ((Path("x"), "a"), "the reference is PosixPath.'x'.: expected a text, or two `Path`s"),
        ((None, "a"), "the reference is None: expected a text"),
    ],
)
def test_what_is_no_pair_of_texts_is_refused(pair: tuple[Any, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        score(*pair)


def test_options_that_do_not_fit_texts_are_refused() -> None:
    with pytest.raises(UsageError, match="'trn' is a format of files, and these are texts"):
        score("a", "b", format="trn")
    with pytest.raises(UsageError, match=r"rare_words is the text 'words.txt': give a list of words, or the `Path`"):
        score("a", "b", rare_words="words.txt")


def test_a_score_prints_its_counts() -> None:
    assert repr(score("the house", "the horse")).startswith("Score(words=Counts(hits=1, substitutions=1, deletions=0")


def test_without_normaliser_words_stay_as_they_are(tmp_path: Path) -> None:
    assert score_pairs(tmp_path, "tsv", normaliser="none").words.hits == 1  # was
    assert score_pairs(tmp_path, "trn").words.hits == 3  # who was in


def test_the_words_of_the_alternative_that_fits_are_counted_by_class(tmp_path: Path) -> None:
    reference = write(tmp_path / "r.trn", "in { ljubljana / the city } now (a)\n{ @ / Goonj } (b)\n(uh) yes (c)\n")
    hypothesis = write(tmp_path / "h.trn", "in the city now (a)\n(b)\nyes (c)\n")
    scored = score(reference, hypothesis)
    assert (scored.words, scored.rare) == (Counts(6, 0, 0, 0), Counts(0, 0, 0, 0))
    assert scored.n_empty_references == 1  # `@` fits the empty hypothesis
    wrong = score(reference, write(tmp_path / "h.trn", "in ljubljana now (a)\ngoonj (b)\nuh yes goonj (c)\n"))
    assert (wrong.common, wrong.rare) == (Counts(4, 0, 0, 0), Counts(2, 0, 0, 1))
    assert (wrong.false_rare_insertions, wrong.n_empty_references) == (1, 0)
    spoken = score(
        write(tmp_path / "r.trn", "{ Zürich's / . } lake (a)\n"),
        write(tmp_path / "h.trn", "lake (a)\n"),
        normaliser="default",
    )
    assert spoken.words == Counts(1, 0, 0, 0)


def test_missing_hypotheses_are_deletions(tmp_path: Path) -> None:
    reference = write(tmp_path / "r", "a\tthe house\nb\tmedawar\n")
    found = score(reference, write(tmp_path / "h", "a\tthe house\n"), format="tsv")
    assert found.rare.deletions == 1
    assert found.words.rate == pytest.approx(1 / 3)
    assert found.to_dict()["utterances"] == {"scored": 1, "missing": 1, "empty_reference": 0}
    assert [utterance.missing for utterance in found.utterances()] == [False, True]


def test_list_of_rare_words_replaces_the_frequency_rule(tmp_path: Path) -> None:
    words = write(tmp_path / "words", "House's\n\n")
    pair = write(tmp_path / "r", "the house 's medawar\n"), write(tmp_path / "h", "the horse\n")
    found = score(*pair, format="text", rare_words=words)
    assert found.rare.reference == 1
    assert found.rare.errors == 1
    with pytest.raises(UsageError, match="is21"):
        score(write(tmp_path / "i", 'a\tb\t["b"]\n'), write(tmp_path / "j", "a\tb\n"), format="is21", rare_words=words)


def test_biased_words_are_each_utterance_s_own(tmp_path: Path) -> None:
    reference = write(tmp_path / "r", 'a\tx y\t["y"]\t["y", "z"]\nb\ty\t[]\n')
    found = score(reference, write(tmp_path / "h", "b\ty y\na\tx z z\n"), format="is21")
    assert found.rare.reference == found.rare.substitutions == 1
    assert found.common.insertions == 2
    assert found.false_rare_insertions == 0


@pytest.mark.parametrize(
    ("format", "reference", "hypothesis", "message"),
    [
        ("tsv", "a\tx\n", "a\tx\nb\ty\n", r"h:2: id: 'b' is not in the reference"),
        ("tsv", "a\tx\na\ty\n", "a\tx\n", r"r:2: id: 'a' is on line 1 already"),
        ("tsv", "a x\n", "a\tx\n", r"r:1: no column is known to be the id; the first line has a x"),
        ("tsv", "\tx\n", "a\tx\n", r"r:1: id: empty"),
        ("tsv", "\n", "", r"r: no utterances"),
        ("tsv", "a\tx\n", b"a\t\xff\n", r"h:1: byte 3 of the line is not UTF-8"),
        ("text", "x\ny\n", "x\n", r"h: 1 lines, but the reference .* has 2"),
        ("trn", "x (a)\n", ";; note\nx\n", r"h:2: expected words and then the id"),
        ("trn", "{ x / y (a)\n", "x (a)\n", r"r:1: text: a brace is left open"),
        ("trn", "x (a)\n", "{ x / y } (a)\n", r"h:1: text: alternations .* are for references"),
        ("jsonl", '{"id": "a"}\n', "", r"r:1: no column is known to be the text; the first line has id"),
        ("jsonl", "nonsense\n", "", r"r:1: expected .*malformed"),
        ("is21", "a\tx\tx y\n", "a\tx\n", r"r:1: rare words: expected a JSON list"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, format: str, reference: str, hypothesis: str, message: str
) -> None:
    with pytest.raises(TranscriptError, match=message):
        score(write(tmp_path / "r", reference), write(tmp_path / "h", hypothesis), format=format)


def test_a_recording_that_the_stm_lacks_is_named(tmp_path: Path) -> None:
    reference = write(tmp_path / "r.stm", "rec_a 1 s 0 2 x y\nrec_a 1 s 2 4 z\nrec_c 2 s 0 1 x\n")
    inside = "rec_a 1 0 1 x\n"
    for line, name in (("rec_b 1 0 1 y", r"rec_b \(channel 1\)"), ("rec_c 1 0 1 x", r"rec_c \(channel 1\)")):
        with pytest.raises(TranscriptError, match=rf"h.ctm:2: id: '{name}' is not in the reference .*r.stm"):
            score(reference, write(tmp_path / "h.ctm", f"{inside}{line}\n"))
    assert score(reference, write(tmp_path / "h.ctm", inside)).words == Counts(1, 0, 3, 0)


FORMAT_NAMES = "text, trn, ctm, stm, kaldi, csv, tsv, jsonl, json, whisper, is21"


@pytest.mark.parametrize(
    ("reference", "hypothesis", "format"),
    [
        ("who was medawar\n\nwhere is he\n", "who was\n\nwhere is\n", "text"),
        ("where is he (maybe)\nwho was medawar\n", "where is (maybe)\nwho medawar\n", "text"),
        ("x2 he here\n", "he here\n", "text"),
        ("who was medawar (u1)\n;; x\nwhere is he (u2)\n", "where is (u2)\nwho was (u1)\n", "trn"),
        ("u1 who was medawar\nu2 where is he\n", "u2 where is\nu1 who was\n", "kaldi"),
        ("1 who was medawar\n1 where is he\n", "1 who was\n1 where is\n", "text"),
    ],
)
def test_two_text_files_just_work(tmp_path: Path, reference: str, hypothesis: str, format: str) -> None:
    scored = score(write(tmp_path / "a.txt", reference), write(tmp_path / "b.TXT", hypothesis))
    assert (scored.format, scored.words.deletions, scored.missing) == (format, 2, frozenset())
    assert scored.words.substitutions == 0


def test_every_format_is_named_where_none_is_told(tmp_path: Path) -> None:
    named, unknown = write(tmp_path / "a.trn", "x (a)\n"), write(tmp_path / "b.out", "x\n")
    with pytest.raises(TranscriptError, match=rf"b.out: its format cannot be told .* --format, one of {FORMAT_NAMES}$"):
        score(named, unknown)
    text = write(tmp_path / "b.txt", "x\n")
    with pytest.raises(
        TranscriptError, match=rf"b.txt: looks like text, and the reference .*a.trn like trn.* {FORMAT_NAMES}$"
    ):
        score(named, text)
    with pytest.raises(
        TranscriptError, match=r"b.txt: 1 lines, but the reference .*c.txt has 2.* --format .*: trn, ctm, .*is21$"
    ):
        score(write(tmp_path / "c.txt", "x\ny\n"), text)


def test_a_long_pair_is_told_of_before_it_is_aligned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.trn").write_text(f"{'a ' * 3_000}(long)\na b (short)\n", "utf-8")
    (tmp_path / "h.trn").write_text(f"{'a ' * 2_000}(long)\na b (short)\n", "utf-8")
    monkeypatch.setattr(scoring, "_LONG", 0.05)
    with pytest.warns(Notice, match=r"^long: 3,000 words against 2,000 will take about 0 s to align$") as told:
        score_files(tmp_path / "r.trn", tmp_path / "h.trn", costs="nist")
    assert len(told) == 1
    score_files(tmp_path / "r.trn", tmp_path / "h.trn", costs="unit")  # a fifth of the time
    printed = CliRunner().invoke(main, ["score", str(tmp_path / "r.trn"), str(tmp_path / "h.trn"), "--costs", "nist"])
    assert printed.stderr == "harness: long: 3,000 words against 2,000 will take about 0 s to align\n"
    assert "3002" in printed.stdout


def test_how_long_a_pair_takes() -> None:
    assert expected_seconds(100_000, 100_000, NIST) == pytest.approx(150)
    assert expected_seconds(100_000, 100_000, UNIT) == pytest.approx(30)
    assert expected_seconds(0, 100_000, NIST) == 0


def test_absent_file_and_unknown_names(tmp_path: Path) -> None:
    here = write(tmp_path / "r", "x\n")
    with pytest.raises(TranscriptError, match="No such file"):
        score(here, tmp_path / "absent", format="text")
    with pytest.raises(UsageError, match="Did you mean 'jsonl'"):
        score(here, here, format="jsonll")
    with pytest.raises(UsageError, match="unknown costs 'nits'"):
        score(here, here, format="text", costs="nits")
    with pytest.raises(UsageError, match="unknown normaliser"):
        score(here, here, format="text", normaliser="wisper")


def test_the_table_shows_its_headings_whole_in_eighty_columns(tmp_path: Path) -> None:
    files = [str(write(tmp_path / name, "in nineteen forty five\n" * 100_000)) for name in ("a.txt", "b.txt")]
    shown = CliRunner().invoke(main, ["score", *files], env={"COLUMNS": "80"}).output
    headings = next(line for line in shown.splitlines() if "reference" in line)
    assert headings.split() == [
        "words",
        "reference",
        "hits",
        "substitutions",
        "deletions",
        "insertions",
        "error",
        "rate",
    ]


def test_characters_lead_where_words_are_not_spaced() -> None:
    pytest.importorskip("MeCab", reason="the extra japanese is not installed")
    japanese = score("首都はどこですか", "首部はどこですか", language="ja")
    assert japanese.characters is not None
    assert (japanese.characters.errors, japanese.characters.reference) == (1, 8)
    assert list(japanese.to_dict())[:2] == ["characters", "words"]
    console = Screen(file=StringIO(), width=120)
    print_score(console, japanese)
    assert re.search(r"characters +8 +7 +1 +0 +0 +12\.50 % *\n *all ", console.file.getvalue())
    english = score("where is goonj", "where is goons")
    assert english.characters is None
    assert "characters" not in english.to_dict()
