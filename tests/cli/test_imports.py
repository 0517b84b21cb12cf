"""`suite import` as a person meets it: an account, the next command, and one line for a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from harness.cli import main


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["suite", "import", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


FORMATS = ["squad", "is21", "sd-qa", "beir", "hf", "fluent-speech-commands", "speech-to-intent"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_shows_an_example(format: str) -> None:
    status, out = call(format, "--help")
    assert status == 0
    assert f"harness suite import {format}" in out.split("Example:")[1]
    assert "--licence" in out


@pytest.mark.parametrize("format", [*FORMATS, "audio-folder", "transcripts"])
def test_every_format_takes_the_language_and_states_its_default(format: str) -> None:
    _, out = call(format, "--help")
    option = " ".join(out.partition("--language")[2].split()).replace("pt- BR", "pt-BR")  # lines break at hyphens, too
    default = "(that of the dialects)" if format == "sd-qa" else "en"
    assert option.startswith(
        f"TAG The language of the questions and snippets, such as es or pt-BR. [default: {default}]"
    )


def test_the_language_stands_in_the_suite(tmp_path: Path) -> None:
    (tmp_path / "ref.tsv").write_text('1-1-1\tel ajolote\t["ajolote"]\n')
    for given, language in (([], "en"), (["--language", "es-MX"], "es-MX")):
        folder = tmp_path / language
        status, out = call("is21", tmp_path / "ref.tsv", *given, "--out", folder)
        assert status == 0, out
        assert f'language = "{language}"' in (folder / "suite.toml").read_text()


@pytest.mark.parametrize(("language", "run"), [("en", " --backend pocketsphinx"), ("fi", "")])
def test_an_english_recogniser_is_named_for_english_alone(tmp_path: Path, language: str, run: str) -> None:
    (tmp_path / "calls").mkdir()
    soundfile.write(tmp_path / "calls" / "a.wav", np.sin(np.arange(3200.0)), 16_000)
    (tmp_path / "calls" / "questions.tsv").write_text("audio\ttext\na.wav\tMissä on Inari?\n")
    status, out = call("audio-folder", tmp_path / "calls", "--language", language, "--out", tmp_path / "s")
    assert status == 0, out
    assert out.splitlines()[-1] == f"run it: harness run {tmp_path / 's'}{run}"


def test_an_account_is_given(tmp_path: Path) -> None:
    (tmp_path / "ref.tsv").write_text('1-1-1\tthe okapi\t["okapi"]\n')
    (tmp_path / "hyp.tsv").write_text("1-1-1\tthe copy\n")
    status, out = call(
        "is21", tmp_path / "ref.tsv", "--transcripts", f"sys={tmp_path / 'hyp.tsv'}", "--out", tmp_path / "s"
    )
    assert status == 0, out
    assert "1 questions, 0 snippets, 1 utterances, 1 sets of transcripts (sys)" in out
    assert "licence: lists: MIT" in out
    assert "please cite: Le et al." in out
    assert "checked: 0 errors" in out
    assert f"run it: harness run {tmp_path / 's'} --backend replay:sys" in out
    status, out = call("is21", tmp_path / "ref.tsv", "--licence", "mine", "--name", "n", "--out", tmp_path / "t")
    assert "licence: mine" in out
    assert 'name = "n"' in (tmp_path / "t" / "suite.toml").read_text()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "content", [None, b"", b"\x00\x01\x02binary" * 100, b"hello\nworld\n", json.dumps({"a": 1}).encode()]
)
def test_a_wrong_file_gives_one_line(tmp_path: Path, format: str, content: bytes | None) -> None:
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)
    status, out = call(format, path, "--out", tmp_path / "suite")
    assert status == 2
    assert out.startswith("harness: ")
    assert str(path) in out
    assert len(out.splitlines()) == 1, out
    assert not (tmp_path / "suite").exists()


@pytest.mark.parametrize("entry", ["file.json", "=file.json", "name="])
def test_transcripts_need_a_name(tmp_path: Path, entry: str) -> None:
    status, out = call("squad", tmp_path / "x.json", "--transcripts", entry, "--out", tmp_path / "s")
    assert status == 2
    assert "expected NAME=FILE" in out
