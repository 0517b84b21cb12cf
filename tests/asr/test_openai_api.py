"""Against real servers on loopback, which answer well, badly, late or not at all."""

from __future__ import annotations

import math
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from functools import partial
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.errors import UsageError
from harness.records import Failure, Transcript, Word
from tests import loopback
from tests.asr.speech import build, noise, voiced_suite
from tests.conftest import WriteSuite
from tests.loopback import Request, Server, send
from tests.odd_times import ODD_TIMES

KEY = "sk-planted-0123456789abcdef"
WORDS = {
    "text": " who is medawar ",
    "words": [
        {"word": " who", "start": 0.0, "end": 0.2},
        {"word": "is", "start": 0.2, "end": 0.2, "probability": 0.5},
        {"word": "medawar", "start": 1.5, "end": 2.0},
        {"word": "eh", "start": 9, "end": 9.5},
    ],
    "segments": [
        {"start": 0, "end": 1.2, "avg_logprob": -0.25, "id": 0},
        {"start": 1.2, "end": 2.5, "avg_logprob": 1e6, "id": 1},
    ],
}


@dataclass
class Received:
    """One request as it reached the server."""

    path: str
    authorization: str | None
    fields: list[tuple[str, str]]
    audio: bytes
    at: float
    headers: dict[str, str]


def parse_form(request: Request) -> Received:
    """By the standard library's parser of mail, which knows nothing of the client."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + request.body).get_payload()
    named = [(str(p.get_param("name", header="content-disposition")), p.get_payload(decode=True)) for p in parts]
    return Received(
        request.path,
        request.headers.get("Authorization"),
        [(name, value.decode()) for name, value in named if name != "file"],
        next(value for name, value in named if name == "file"),
        request.at,
        request.headers,
    )


serving = partial(loopback.serving, read=parse_form)


def one(server: Server[Received], options: str = "", utterance_id: str = "u1") -> Transcript | Failure:
    backend = build(f"openai-api:m,url={server.url},timeout=5{options}")
    return backend.transcribe([noise(utterance_id)])[0]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which then take no time."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def test_what_is_sent_is_the_form_of_the_api_and_the_recording_to_the_bit() -> None:
    with serving(lambda handler, _: send(handler, {"text": " who was it "})) as server:
        backend = build(
            f"openai-api:org/m,url={server.url}/v1/,language=en,temperature=0.5", ("Peter Medawar", "okapi")
        )
        assert backend.transcribe([noise("u1"), noise("u2", seed=1)]) == [Transcript("who was it")] * 2
    first = server.received[0]
    assert (first.path, first.authorization) == ("/v1/audio/transcriptions", f"Bearer {KEY}")
    assert first.fields == [
        ("model", "org/m"), ("response_format", "json"), ("temperature", "0.5"), ("language", "en"),
        ("prompt", "Peter Medawar, okapi"),
    ]  # fmt: skip
    for received, seed in zip(server.received, (0, 1), strict=True):
        info = soundfile.info(BytesIO(received.audio))
        samples, rate = soundfile.read(BytesIO(received.audio), dtype="float32")
        assert (info.format, info.subtype, info.channels, rate) == ("WAV", "PCM_16", 1, 16_000)
        assert np.abs(samples - noise(seed=seed).samples).max() <= 1 / 32_768


def test_words_with_times_and_confidences() -> None:
    with serving(lambda handler, _: send(handler, WORDS)) as server:
        transcript = one(server, ",response_format=verbose_json")
    assert [f for f in server.received[0].fields if "granul" in f[0]] == [
        ("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment"),
    ]  # fmt: skip
    assert transcript == Transcript(
        "who is medawar",
        words=(
            Word("who", 0.0, 0.2, math.exp(-0.25)),
            Word("is", 0.2, 0.2, 0.5),
            Word("medawar", 1.5, 2.0, 1.0),
            Word("eh", 9, 9.5, None),
        ),
    )


@pytest.mark.parametrize("times", ODD_TIMES)
def test_a_word_with_impossible_times_keeps_its_text(times: str) -> None:
    words = f'[{{"word": "a", "start": 0, "end": 1}}, {{"word": "b"{times}}}]'
    segments = f'[{{"start": 0, "end": 1, "avg_logprob": -0.5}}, {{"avg_logprob": -1{times}}}]'
    answer = f'{{"text": "a b", "words": {words}, "segments": {segments}}}'.encode()
    with serving(lambda handler, _: send(handler, answer)) as server:
        transcript = one(server)
    assert transcript == Transcript("a b", words=(Word("a", 0.0, 1.0, math.exp(-0.5)), Word("b")))


def test_the_address_comes_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda handler, _: send(handler, {"text": ""})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        assert build("openai-api:m").transcribe([noise()]) == [Transcript("")]
    assert server.received[0].path == "/v1/audio/transcriptions"


def test_without_a_key_none_is_sent_not_even_from_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv("OPENAI_API_KEY")
    with serving(lambda handler, _: send(handler, {"text": "x"})) as server:
        assert one(server) == Transcript("x")
        monkeypatch.setenv("OTHER_KEY", f"{KEY}\n")
        assert one(server, ",key_env=OTHER_KEY") == Transcript("x")
    assert [received.authorization for received in server.received] == [None, f"Bearer {KEY}"]


def drop(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def test_one_answer_cannot_colour_the_next_nor_unpack_into_a_large_one() -> None:
    with serving(lambda handler, _: send(handler, {"text": "x"}, Set_Cookie="seen=1")) as server:
        build(f"openai-api:m,url={server.url}").transcribe([noise("u1"), noise("u2")])
    assert ["Cookie" in received.headers for received in server.received] == [False, False]
    assert server.received[0].headers["Accept-Encoding"] == "identity"
    assert KEY not in str(
        {name: value for name, value in server.received[0].headers.items() if name != "Authorization"}
    )


@pytest.mark.parametrize(
    "trouble",
    [
        lambda handler: send(handler, b"busy", 503),
        lambda handler: send(handler, b"slow down", 429),
        lambda handler: send(handler, b"odd", 500, Retry_After="next tuesday"),
        lambda handler: send(handler, b"odd", 503, Retry_After="Wed, 21 Oct 99999999 07:28:00 GMT"),
        drop,
    ],
    ids=["503", "429", "bad header", "bad date", "dropped"],
)
def test_trouble_that_passes_is_waited_for(
    naps: list[float], trouble: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    def act(handler: BaseHTTPRequestHandler, n: int) -> None:
        trouble(handler) if n < 3 else send(handler, {"text": "at last"})

    with serving(act) as server:
        assert one(server, ",retries=3") == Transcript("at last")
        assert len(server.received) == 4
        first = list(naps)
        assert all(low <= wait <= 2 * low for wait, low in zip(first, (0.25, 0.5, 1.0), strict=True))
        waits = {}
        for name in ("u1", "u2"):
            naps.clear()
            server.received.clear()
            one(server, ",retries=3", name)
            waits[name] = list(naps)
    assert waits["u1"] == first
    assert waits["u2"] != first


def test_the_time_that_the_server_names_is_waited_and_bounded(naps: list[float]) -> None:
    named = ["7", "86400", "0"]

    def act(handler: BaseHTTPRequestHandler, n: int) -> None:
        send(handler, b"", 429, Retry_After=named[n]) if n < 3 else send(handler, {"text": "x"})

    with serving(act) as server:
        assert one(server, ",retries=3") == Transcript("x")
    assert naps[:2] == [7, 60]
    assert 1 <= naps[2] <= 2


def test_retry_after_is_waited_by_the_clock() -> None:
    def act(handler: BaseHTTPRequestHandler, n: int) -> None:
        send(handler, {"text": "x"}) if n else send(handler, b"", 429, Retry_After="1")

    with serving(act) as server:
        assert one(server, ",retries=1") == Transcript("x")
    assert 1.0 <= server.received[1].at - server.received[0].at < 3.0


def raw(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.wfile.write(content)
    handler.wfile.flush()
    drop(handler)


FAILURES = {
    "500": (lambda h: send(h, b"boom", 500), "Unavailable", "status 500.*boom.*tried 2 times"),
    "429": (lambda h: send(h, b"quota", 429), "RateLimited", "status 429.*tried 2 times"),
    "401": (lambda h: send(h, f"bad key {KEY}".encode(), 401), "Rejected", r"401.*bad key \[secret\].*environment"),
    "404": (lambda h: send(h, {"detail": "no \x1b[31mmodel m"}, 404), "Rejected", "404.*no .*model m"),
    "redirect": (lambda h: send(h, b"", 307, Location="http://127.0.0.1:9/"), "BadResponse", "307.*not followed"),
    "html": (lambda h: send(h, b"<html>"), "BadResponse", "status 200.*malformed"),
    "nothing": (lambda h: send(h, b"", 204), "BadResponse", "truncated"),
    "array": (lambda h: send(h, [1]), "BadResponse", "Expected `object`"),
    "error": (
        lambda h: send(h, {"error": {"message": "no quota"}}), "BadResponse", 'missing required field `text`. It is an error: "no quota"$'),
    "error beside nothing": (
        lambda h: send(h, {"text": " ", "error": {"message": "no quota"}}), "BadResponse", 'status 200, and an error: "no quota"$'),
    "plain text": (lambda h: send(h, b"down\x07 for\nnow"), "BadResponse", r'It is plain text: "down\[U\+0007\] for now"$'),
    "page": (lambda h: send(h, b"<html><title>Sign in</title>"), "BadResponse", 'It is a web page: "Sign in"$'),
    "null": (lambda h: send(h, {"text": None}), "BadResponse", r"Expected `str`.*\$\.text"),
    "deep": (lambda h: send(h, b'{"x":' + b"[" * 300_000), "BadResponse", "nested too deeply|truncated"),
    "latin-1": (lambda h: send(h, b'{"text":"\xe9"}'), "BadResponse", "utf-8"),
    "half": (lambda h: raw(h, b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"text":"a"}'), "BadResponse", "broke off"),
    "half chunk": (
        lambda h: raw(h, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"text":"a"}'), "BadResponse", "broke off"),
    "no HTTP": (lambda h: raw(h, b"SSH-2.0-OpenSSH\r\n"), "BadResponse", "no HTTP"),
    "long": (lambda h: send(h, b'{"text":"' + b"a" * 5_000_000 + b'"}'), "BadResponse", "more than 1,000,000"),
    "long 500": (lambda h: send(h, b"a" * 5_000_000, 500), "Unavailable", "status 500.*aaa.*tried 2 times"),
    "echo": (lambda h: send(h, {"text": h.headers["Authorization"]}), "BadResponse", "repeats the API key"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_told_apart(naps: list[float], case: str) -> None:
    act, type_, message = FAILURES[case]
    with serving(lambda handler, _: act(handler)) as server:
        results = [one(server, ",retries=1") for _ in range(2)]
        assert results[0] == results[1]  # no address of an object, no port of a client
    failure = results[0]
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.type) == ("recognise", type_)
    assert re.search(message, failure.message)
    assert failure.message.isprintable()
    assert KEY not in failure.message
    assert "Bearer" not in failure.message
    assert len(failure.message) < 600


def test_no_server_there(naps: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        (failure,) = build(f"openai-api:m,url={url},retries=2").transcribe([noise()])
    assert failure == Failure(
        "recognise",
        "Unavailable",
        f"POST {url}/v1/audio/transcriptions: no connection (Connection refused) (tried 3 times): is the server "
        f"running there?",
    )
    assert len(naps) == 2


def test_a_connection_that_always_drops_and_one_that_is_no_tls(naps: list[float]) -> None:
    with serving(lambda handler, _: drop(handler)) as server:
        dropped, secure = (
            build(f"openai-api:m,url={url},retries=1").transcribe([noise()])[0]
            for url in (server.url, server.url.replace("http", "https"))
        )
    place = f"{server.url}/v1/audio/transcriptions"
    assert dropped == Failure(
        "recognise",
        "Unavailable",
        f"POST {place}: no connection (Remote end closed connection without response) (tried 2 times): is the server "
        f"running there?",
    )
    assert isinstance(secure, Failure)
    assert secure.type == "Unavailable"
    assert "SSL" in secure.message
    assert "object at" not in secure.message


def test_a_server_that_never_answers_is_asked_once() -> None:
    release = threading.Event()
    with serving(lambda handler, _: release.wait(60)) as server:
        begun = time.monotonic()
        (failure,) = build(f"openai-api:m,url={server.url},timeout=0.3,retries=5").transcribe([noise()])
        release.set()
    assert isinstance(failure, Failure)
    assert failure.type == "Timeout"
    assert time.monotonic() - begun < 20
    assert len(server.received) == 1


def test_a_server_that_drips_is_left() -> None:
    def act(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(600):  # 30 s
            handler.wfile.write(b"a")
            time.sleep(0.05)

    with serving(act) as server:
        begun = time.monotonic()
        (failure,) = build(f"openai-api:m,url={server.url},timeout=0.4").transcribe([noise()])
    assert isinstance(failure, Failure)
    assert failure.type == "Timeout"
    assert time.monotonic() - begun < 20


def test_a_refusal_without_end_is_not_read_to_its_end(naps: list[float]) -> None:
    written: list[int] = []

    def act(handler: BaseHTTPRequestHandler, n: int) -> None:
        if n:
            return send(handler, {"text": "x"})
        handler.wfile.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(64):
            handler.wfile.write(b"a" * 1_000_000)
            written.append(1)

    with serving(act) as server:
        assert one(server, ",retries=1") == Transcript("x")
    assert len(written) < 32


def test_the_key_stays_home_when_another_host_is_named() -> None:
    with serving(lambda handler, _: send(handler, {"text": "stolen"})) as thief:
        away = {"Location": f"{thief.url}/v1/audio/transcriptions"}
        with serving(lambda handler, _: send(handler, b"", 308, **away)) as server:
            failure = one(server)
    assert isinstance(failure, Failure)
    assert not thief.received


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openai-api", "expected openai-api:MODEL"),
        ("openai-api:m", "no server is named.*OPENAI_BASE_URL"),
        ("openai-api:m,url=ftp://h", "no address of a server"),
        ("openai-api:m,url=file:///etc/passwd", "no address of a server"),
        ("openai-api:m,url=localhost:8000", "no address of a server"),
        ("openai-api:m,url=http://h:99999", "no address of a server"),
        ("openai-api:m,url=http://[::1", "no address of a server"),
        (f"openai-api:m,url=http://me:{KEY}@h", "holds a password"),
        (f"openai-api:m,url=http://h/?key={KEY}", "holds a password or a query"),
        (f"openai-api:m,url=http://h,api_key={KEY}", "unknown option 'api_key'.*Known options: url"),
        (f"openai-api:m,url=http://h,key_env={KEY}", "never the key itself"),
        ("openai-api:m,url=http://h,key_env=ABSENT_KEY", "ABSENT_KEY is not set"),
        ("openai-api:m,url=http://h,response_format=srt", "option response_format"),
        ("openai-api:m,url=http://h,temperature=hot", "option temperature: Expected `float`"),
        ("openai-api:m,url=http://h,temperature=nan", "option temperature"),
        ("openai-api:m,url=http://h,timeout=0", "option timeout"),
        ("openai-api:m,url=http://h,timeout=inf", "option timeout"),
        ("openai-api:m,url=http://h,retries=true", "option retries"),
    ],
)  # fmt: skip
def test_what_means_nothing(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        build(text)
    assert KEY not in str(caught.value)


def test_a_key_that_no_header_can_hold_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\r\nHost:evil")
    with pytest.raises(UsageError, match="the key in OPENAI_API_KEY") as caught:
        build("openai-api:m,url=http://h")
    assert KEY not in str(caught.value)


def test_identity_names_all_that_changes_the_output_and_no_key() -> None:
    base = build("openai-api:m,url=http://h").identity()
    for other in ("openai-api:n,url=http://h", "openai-api:m,url=http://g", "openai-api:m,url=http://h,language=sl",
                  "openai-api:m,url=http://h,language=auto",
                  "openai-api:m,url=http://h,temperature=1", "openai-api:m,url=http://h,response_format=verbose_json"):  # fmt: skip
        assert build(other).identity() != base
    assert build("openai-api:m,url=http://h", language="es-MX").identity() != base
    assert build("openai-api:m,url=http://h", language="en-GB").identity() == base
    assert build("openai-api:m,url=http://h/v1/,timeout=9,retries=1,label=x").identity() == base
    assert KEY not in str(base)


def test_what_travels_to_a_worker_holds_no_key() -> None:
    backend = build("openai-api:m,url=http://h")
    packed = pickle.dumps(backend)
    assert KEY.encode() not in packed
    assert pickle.loads(packed).identity() == backend.identity()


@given(lengths=st.lists(st.integers(1, 90), max_size=8))
def test_a_prompt_is_the_longest_run_of_whole_phrases_that_fits(lengths: list[int]) -> None:
    draw = Random(len(lengths))
    phrases = tuple(" ".join(draw.choice("abc") for _ in range(length)) for length in lengths)
    sent = build("openai-api:m,url=http://h", phrases).phrases_sent("u1")
    assert sent == phrases[: max(n for n in range(len(lengths) + 1) if sum(lengths[:n]) <= 200)]


def test_listing_backends_loads_no_http() -> None:
    code = (
        "import sys; from harness.asr.overview import backend_overview; backend_overview(); "
        "print(sorted({'requests', 'urllib3', 'soundfile', 'pocketsphinx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_no_sound_is_not_sent() -> None:
    assert build("openai-api:m,url=http://127.0.0.1:9").transcribe([noise(seconds=0)]) == [Transcript("")]


def test_a_run_with_two_workers_fails_where_the_server_does_and_never_writes_the_key(
    write_suite: WriteSuite, tmp_path: Path, own_cache: Path
) -> None:
    suite = voiced_suite(write_suite)
    bad = (suite / "3.wav").read_bytes()[44:]

    def act(handler: BaseHTTPRequestHandler, n: int) -> None:
        if server.received[n].audio[44:] == bad:
            send(handler, f"no key {server.received[n].authorization}".encode(), 403)
        else:
            send(handler, {"text": "where does the okapi live"})

    with serving(act) as server:
        name = f"openai-api:org/m,url={server.url}"
        result = harness.run(suite, backends=[name], out=tmp_path / "run", jobs=2)
        assert (result.exit_status, result.errors, len(server.received)) == (3, 1, 8)
        assert {received.authorization for received in server.received} == {f"Bearer {KEY}"}
        again = harness.run(suite, backends=[name], out=tmp_path / "again", jobs=1)
    assert len(server.received) == 9  # the failed one is asked again, the others come from the cache
    assert again.errors == 1
    written = [path for root in (result.folder, again.folder, own_cache) for path in root.rglob("*") if path.is_file()]
    assert any("status 403" in path.read_text(errors="replace") for path in written)
    assert len(list((own_cache / "transcripts").rglob("*.json"))) == 7
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
