from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.asr.protocol import BACKENDS, Backend, parse_backend
from harness.errors import UnknownName, UsageError
from harness.records import BackendSpec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("pocketsphinx", BackendSpec("pocketsphinx", "pocketsphinx")),
        ("whisper:tiny.en", BackendSpec("whisper", "whisper:tiny.en", model="tiny.en")),
        (
            "pocketsphinx,preset=fast,bias=entities",
            BackendSpec("pocketsphinx", "pocketsphinx-fast+oracle", bias="entities", options={"preset": "fast"}),
        ),
        (
            "whisper:tiny.en,bias=own,distractors=100",
            BackendSpec("whisper", "whisper:tiny.en+own100", "tiny.en", "own", distractors=100),
        ),
        (
            "pocketsphinx,bias=own,distractors=0",
            BackendSpec("pocketsphinx", "pocketsphinx+own0 (oracle)", bias="own", distractors=0),
        ),
        (
            "pocketsphinx,bias=lists/street-names.txt",
            BackendSpec("pocketsphinx", "pocketsphinx+street-names", bias="lists/street-names.txt"),
        ),
        (
            "pocketsphinx,bias=entities,label=with names",
            BackendSpec("pocketsphinx", "with names (oracle)", bias="entities"),
        ),
        ("pocketsphinx,bias=entities,label=The Oracle", BackendSpec("pocketsphinx", "The Oracle", bias="entities")),
        (
            "x:m, a=1 ,b=0.5,c=true,d=1e-48,e=word,label=mine",
            BackendSpec("x", "mine", "m", options={"a": 1, "b": 0.5, "c": True, "d": 1e-48, "e": "word"}),
        ),
        ("replay,file=a=b.jsonl", BackendSpec("replay", "replay", options={"file": "a=b.jsonl"})),
    ],
)
def test_what_the_command_line_means(text: str, spec: BackendSpec) -> None:
    parsed = parse_backend(text)
    assert parsed == spec
    assert [type(value) for value in parsed.options.values()] == [type(value) for value in spec.options.values()]


@pytest.mark.parametrize("text", ["", ":x", "x:", ",a=1", "x,", "x,a", "x,a=", "x,=1", "x,a=1,a=2"])
def test_what_means_nothing(text: str) -> None:
    with pytest.raises(UsageError):
        parse_backend(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pocketsphinx,bias=entites", "did you mean 'entities'"),
        ("pocketsphinx,bias=Entities", "did you mean 'entities'"),
        ("pocketsphinx,bias=won,distractors=5", "did you mean 'own'"),
        ("pocketsphinx,distractors=5", "distractors needs bias='own'"),
        ("pocketsphinx,bias=entities,distractors=5", "distractors needs bias='own'"),
        ("pocketsphinx,bias=own", "distractors is missing; expected a whole number"),
        ("pocketsphinx,bias=own,distractors=-1", "distractors is -1; expected a whole number"),
        ("pocketsphinx,bias=own,distractors=1.5", "distractors is 1.5; expected a whole number"),
        ("pocketsphinx,bias=own,distractors=true", "distractors is True; expected a whole number"),
    ],
)
def test_a_bias_list_that_means_nothing(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_backend(text)


def test_a_name_of_a_file_is_no_misspelt_keyword(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("entites.txt", "lists/entites", "./entites", "streets"):
        assert parse_backend(f"pocketsphinx,bias={name}").bias == name
    (tmp_path / "entites").write_text("Medawar")
    assert parse_backend("pocketsphinx,bias=entites").bias == "entites"


@given(value=st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans()))
def test_values_survive(value: float) -> None:
    (option,) = parse_backend(f"x,a={value}").options.values()
    assert (option, type(option)) == (value, type(value))


def test_registered_backends_fit_the_protocol() -> None:
    for name in ("command", "faster-whisper", "openai-api", "pocketsphinx", "replay", "transformers", "whisper"):
        backend = BACKENDS.get(name)
        assert all(hasattr(backend, member) for member in dir(Backend) if not member.startswith("_"))
        assert hasattr(backend, "capabilities")
    with pytest.raises(UnknownName, match="Did you mean 'pocketsphinx'"):
        BACKENDS.get("pocketsphynx")


def test_imports_are_light() -> None:
    code = (
        "import sys, harness.asr.pocketsphinx_backend, harness.asr.replay, harness.audio.reading, harness.asr.whisper_backend, "
        "harness.asr.faster_whisper_backend, harness.asr.transformers_backend; "
        "heavy = {'pocketsphinx', 'soundfile', 'soxr', 'torch', 'whisper', 'faster_whisper', 'transformers'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
