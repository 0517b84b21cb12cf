"""`score` on hypotheses with tokens, time stamps and tags in them, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.analysis.scoring import Score, score, score_files
from harness.cli import main
from tests.words.text.test_nonspeech import PERFECT

REFERENCE = "Who wrote Middlemarch?"
TAGGED = "<|en|> [00:00.000 --> 00:02.000] who wrote (coughs) middlemarch [BLANK_AUDIO]"
ALL = {"special_tokens": 1, "time_stamps": 1, "sound_tags": 1, "bracketed_tags": 1}


def score_in(folder: Path, format: str, reference: str, hypothesis: str, **options: bool | str) -> Score:
    rows = {
        "text": "{}\n",
        "kaldi": "u1 {}\n",
        "trn": "{} (u1)\n",
        "stm": "u1 1 s 0 9 {}\n",
        "tsv": "u1\t{}\n",
    }
    files = []
    for name, text in (("ref", reference), ("hyp", hypothesis)):
        row = json.dumps({"id": "u1", "text": text}) if format == "jsonl" else rows[format].format(text)
        (folder / name).write_text(row)
        files.append(folder / name)
    return score_files(*files, format=format, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "removed"), PERFECT.items())
def test_perfect_texts_with_tags_have_no_errors(text: str, removed: dict[str, int]) -> None:
    counted = score([REFERENCE, REFERENCE], [text, REFERENCE])
    assert (counted.words.hits, counted.words.errors, counted.false_rare_insertions) == (6, 0, 0)
    assert counted.to_dict()["not_speech"] == {"utterances": 1, "removed": removed}


@pytest.mark.parametrize("format", ["text", "kaldi", "tsv", "jsonl"])
def test_every_format_is_cleaned(tmp_path: Path, format: str) -> None:
    counted = score_in(tmp_path, format, REFERENCE, TAGGED)
    assert (counted.words.errors, counted.not_speech, counted.n_cleaned) == (0, ALL, 1)


@pytest.mark.parametrize("format", ["trn", "stm"])
def test_in_nists_formats_brackets_and_asterisks_keep_their_meaning(tmp_path: Path, format: str) -> None:
    counted = score_in(tmp_path, format, "who wrote middlemarch", "who <|en|> wrote* middlemarch [noise] (%hesitation)")
    assert counted.words.insertions == 1  # %hesitation
    assert counted.words.hits == 3  # the asterisk marks a mispronounced word
    assert counted.not_speech == {"special_tokens": 1, "bracketed_tags": 1}


def test_a_tag_that_the_reference_has_is_scored_as_a_word(tmp_path: Path) -> None:
    same = score_in(tmp_path, "trn", "[laughter] okay <noise>", "[laughter] okay <noise>")
    assert (same.words.hits, same.words.errors, same.not_speech) == (3, 0, {})
    other = score_in(tmp_path, "trn", "[laughter] okay", "[noise] okay")
    assert (other.words.hits, other.words.substitutions) == (1, 1)


def test_words_as_they_stand_are_left_alone() -> None:
    assert score("who wrote", "<|en|> who wrote", normaliser="none").words.insertions == 1
    assert score("who wrote", "who (laughs) wrote", keep_sound_tags=True).words.insertions == 1
    assert score(["who"], ["who (laughs) <unk>"], keep_sound_tags=True).not_speech == {"special_tokens": 1}


def test_the_command_says_what_was_removed(tmp_path: Path) -> None:
    (tmp_path / "ref.txt").write_text(f"{REFERENCE}\n{REFERENCE}\n")
    (tmp_path / "hyp.txt").write_text(f"{TAGGED}\n{REFERENCE}\n")
    arguments = ["score", str(tmp_path / "ref.txt"), str(tmp_path / "hyp.txt")]
    printed = " ".join(CliRunner().invoke(main, arguments, catch_exceptions=False).output.split())
    assert (
        "From 1 of 2 hypotheses, what is not speech was removed before scoring: special tokens 1, time stamps 1, bracketed "
        "tags 1, sound tags 1."
    ) in printed
    as_json = CliRunner().invoke(main, [*arguments, "--json", "-", "--keep-sound-tags"]).output
    assert json.loads(as_json)["not_speech"] == {"utterances": 1, "removed": {k: 1 for k in ALL if k != "sound_tags"}}
    assert json.loads(as_json)["words"]["insertions"] == 1
    plain = CliRunner().invoke(main, ["score", *arguments[1:2], *arguments[1:2]]).output
    assert "not speech" not in plain
