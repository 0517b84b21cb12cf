"""Recognisers decode in the suite's language, and those that do not understand it are refused before the run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import harness
from harness.asr.language import check_whisper_knows, decoding_language, whisper_language
from harness.asr.protocol import parse_backend
from harness.errors import UsageError
from tests.asr.speech import build, noise, voiced_suite
from tests.conftest import WriteSuite

ECHO = [sys.executable, "-c", "'import sys; print(sys.argv[2])'"]


@pytest.mark.parametrize(
    ("option", "suite", "code"),
    [
        (None, "en", "en"),
        (None, "pt-BR", "pt"),
        (None, "ZH-Hant-TW", "zh"),
        ("de", "pt-BR", "de"),
        ("auto", "pt-BR", None),
    ],
)
def test_the_suites_language_unless_the_option_says_otherwise(option: str | None, suite: str, code: str | None) -> None:
    assert decoding_language(option, suite) == code


@pytest.mark.parametrize(
    ("option", "suite", "english_only", "code"),
    [
        (None, "es-MX", False, "es"),
        (None, "nb-NO", False, "no"),
        (None, "fil", False, "tl"),
        ("nb", "en", False, "nb"),  # what a person writes is not changed
        ("auto", "es", False, None),
        (None, "en-GB", True, None),
        ("en", "en", True, "en"),
        ("en", "es", True, "en"),  # asked for by name
        ("auto", "es", True, None),
    ],
)
def test_whispers_codes(option: str | None, suite: str, english_only: bool, code: str | None) -> None:
    assert whisper_language(parse_backend("whisper:m"), option, suite, english_only=english_only) == code


@pytest.mark.parametrize(
    ("backend", "instead"),
    [
        ("whisper:tiny.en", "whisper:base"),
        ("faster-whisper:small.en", "faster-whisper:base"),
        ("transformers:openai/whisper-tiny.en", "transformers:openai/whisper-base"),
    ],
)
def test_a_model_of_english_names_what_to_use_instead(backend: str, instead: str) -> None:
    spec = parse_backend(backend)
    with pytest.raises(UsageError) as caught:
        whisper_language(spec, None, "fi", english_only=True)
    assert str(caught.value) == (
        f"backend {spec.label!r}: {spec.model} understands English only, and the suite is in 'fi': use {instead} or another "
        f"multilingual model"
    )


def test_languages_that_whisper_lacks() -> None:
    check_whisper_knows(parse_backend("whisper:base"), "Spanish", {"es", "spanish"}, "en")
    with pytest.raises(UsageError, match="the suite is in 'ga-IE', a language that Whisper was not trained on"):
        check_whisper_knows(parse_backend("whisper:base"), "ga", {"es"}, "ga-IE")
    with pytest.raises(UsageError, match="language is 'spansh', a language that"):
        check_whisper_knows(parse_backend("whisper:base,language=spansh"), "spansh", {"spanish"}, "es")


@pytest.mark.parametrize("language", ["es", "de-AT"])
def test_pocketsphinx_is_refused_before_the_run(write_suite: WriteSuite, tmp_path: Path, language: str) -> None:
    suite = voiced_suite(write_suite)
    header = suite / "suite.toml"
    lines = [line for line in header.read_text().splitlines() if not line.startswith("language")]
    header.write_text("\n".join([f'language = "{language}"', *lines]))
    with pytest.raises(UsageError) as caught:
        harness.run(suite, backends=["pocketsphinx"], out=tmp_path / "run")
    assert str(caught.value) == (
        f"backend 'pocketsphinx': pocketsphinx's built-in model understands English only, and the suite is in {language!r}: "
        f"use a multilingual recogniser, such as faster-whisper:base"
    )
    assert not (tmp_path / "run").exists()


def test_a_command_is_told_the_language_where_it_asks_for_it() -> None:
    asking, plain = f"{' '.join(ECHO)} {{audio}} {{language}}", f"{' '.join(ECHO)} {{audio}} x"
    spanish, english = (build(f"command,run={asking}", language=language) for language in ("es-MX", "en"))
    assert [backend.transcribe([noise()])[0].text for backend in (spanish, english)] == ["es", "en"]
    assert spanish.identity() != english.identity()
    assert build(f"command,run={asking}", language="es-AR").identity() == spanish.identity()
    assert spanish.notes == english.notes == build(f"command,run={plain}").notes == ()
    (note,) = build(f"command,run={plain}", language="es").notes
    assert note.startswith("the command has no {language}, so the program is not told that the speech is in 'es'")
    assert build(f"command,run={plain}", language="es").identity() == build(f"command,run={plain}").identity()


def test_a_server_is_told_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    sent = {
        option: dict(build(f"openai-api:m,url=http://h{option}", language="pt-BR")._fields("u1")).get("language")
        for option in ("", ",language=es", ",language=auto")
    }
    assert sent == {"": "pt", ",language=es": "es", ",language=auto": None}
