"""The fetcher against servers that misbehave: real sockets, with the bytes counted that left the server."""

from __future__ import annotations

import shutil
import subprocess
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from harness.errors import WebError
from harness.retrieval.web.fetch import Body, Fetcher, Limits, Pace
from tests.retrieval.web.servers import Act, Handler, serving

KEY = "sk-planted-5fc2b8e0"
LIMITS = Limits(max_bytes=100_000, timeout=0.6, retries=0, requests_per_second=1000)
# What kernel and library may take beyond what is read: both ends' socket buffers on loopback.
IN_FLIGHT = 7_000_000


def get(url: str, endpoint: str | None = None, limits: Limits = LIMITS, **options: bool) -> Body:
    fetcher = Fetcher("test/1", limits, endpoint=endpoint or url, secrets={"MY_KEY": KEY}, **options)
    return fetcher.ask(url, {"X-Key": KEY}, lambda body: body)


def problem_of(act: Act, limits: Limits = LIMITS) -> tuple[WebError, int, int]:
    """The error, how often the server was asked, and how many bytes it could send."""
    with serving(act) as served:
        with pytest.raises(WebError) as caught:
            get(served.url + "/search?q=x", limits=limits)
        assert KEY not in str(caught.value)
        return caught.value, len(served.asked), served.sent


def test_a_document_arrives() -> None:
    with serving(lambda h: h.answer({"a": 1}, **{"Content-Type": "application/json; charset=UTF-8"})) as served:
        body = get(served.url)
    assert (body.media_type, body.charset, body.content) == ("application/json", "utf-8", b'{"a": 1}')
    assert served.asked[0].headers["User-Agent"] == "test/1"
    assert served.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_large_body_that_says_so_is_not_read() -> None:
    error, _, sent = problem_of(lambda h: h.answer(b"x" * 5_000_000))
    assert error.type == "TooLarge"
    assert "5,000,000 bytes, more than 100,000" in str(error)
    assert sent < IN_FLIGHT


def test_a_large_body_without_a_length_is_left_at_the_limit() -> None:
    """50 MB are offered; what leaves the server is the limit and what buffers hold."""
    error, _, sent = problem_of(lambda h: h.stream(50_000_000))
    assert error.type == "TooLarge"
    assert sent < IN_FLIGHT


def test_reading_stops_within_a_chunk_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib3.response import HTTPResponse

    taken = []
    read1 = HTTPResponse.read1

    def counted(self: HTTPResponse, *arguments: object, **options: object) -> bytes:
        chunk = read1(self, *arguments, **options)
        taken.append(len(chunk))
        return chunk

    monkeypatch.setattr(HTTPResponse, "read1", counted)
    error, _, _ = problem_of(lambda h: h.stream(5_000_000))
    assert error.type == "TooLarge"
    assert sum(taken) == LIMITS.max_bytes + 1


def test_a_body_that_drips_is_left_when_the_time_is_over() -> None:
    begun = time.monotonic()
    error, _, sent = problem_of(lambda h: h.stream(10_000, chunk=b"x", pause=0.05))
    assert error.type == "Timeout"
    assert time.monotonic() - begun < 20
    assert sent < 200


def test_a_chunked_body_that_drips_is_left_when_the_time_is_over() -> None:
    def act(handler: Handler) -> None:
        handler.head(200, Content_Type="application/json", Transfer_Encoding="chunked")
        for _ in range(1000):
            handler.send(b"1\r\nx\r\n")
            time.sleep(0.05)

    begun = time.monotonic()
    error, _, sent = problem_of(act)
    assert error.type == "Timeout"
    assert time.monotonic() - begun < 20
    assert sent < 1000


def test_headers_that_drip_are_left_when_the_time_is_over() -> None:
    def act(handler: Handler) -> None:
        handler.close_connection = True
        handler.send(b"HTTP/1.1 200 OK\r\n")
        for n in range(1000):
            handler.send(f"X-{n}: y\r\n".encode())
            time.sleep(0.05)

    begun = time.monotonic()
    error, _, sent = problem_of(act)
    assert error.type in ("Timeout", "Unavailable")
    assert time.monotonic() - begun < 20
    assert sent < 1000


def test_silence_is_left_when_the_time_is_over() -> None:
    begun = time.monotonic()
    error, _, _ = problem_of(lambda h: time.sleep(1.5))
    assert error.type in ("Timeout", "Unavailable")
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("media_type", ["text/html", "image/png", "application/octet-stream", "", "text/plain"])
def test_other_types_are_not_read(media_type: str) -> None:
    error, _, _ = problem_of(lambda h: h.answer(b"<html>", **{"Content-Type": media_type}))
    assert error.type == "WrongType"


def test_what_is_packed_is_not_unpacked() -> None:
    error, _, _ = problem_of(lambda h: h.answer(b"x", Content_Encoding="gzip"))
    assert error.type == "WrongType"
    assert "compressed" in str(error)


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://0/", "http://10.0.0.1/",
        "http://me:secret@127.0.0.1/", "http://[", "https://localhost:1/",
    ],
)  # fmt: skip
def test_redirects_lead_nowhere_private(target: str) -> None:
    error, asked, _ = problem_of(lambda h: h.redirect(target))
    assert (error.type, asked) == ("Refused", 1)
    assert "secret" not in str(error)


def test_no_connection_is_made_to_a_private_redirect() -> None:
    with serving(lambda h: h.answer({"a": 1})) as other, serving(lambda h: h.redirect(other.url)) as served:
        with pytest.raises(WebError, match="private address"):
            get(served.url)
        assert not other.asked
        assert get(served.url, allow_private=True).url == other.url
        assert len(other.asked) == 1


def test_keys_stay_with_their_origin() -> None:
    def act(handler: Handler) -> None:
        handler.redirect("/second") if handler.n == 0 else handler.redirect(other.url)

    with serving(lambda h: h.answer({})) as other, serving(act) as served:
        get(served.url, allow_private=True)
    assert [asked.headers.get("X-Key") for asked in served.asked] == [KEY, KEY]
    assert "X-Key" not in other.asked[0].headers


def test_redirects_are_bounded_and_their_bodies_are_not_read() -> None:
    def act(handler: Handler) -> None:
        handler.close_connection = True
        handler.head(302, Location="/again", Connection="close")
        for _ in range(3000):
            handler.send(b"x" * 10_000)

    error, asked, sent = problem_of(act)
    assert (error.type, asked) == ("Refused", 6)
    assert "more than 5 redirects" in str(error)
    assert sent < 6 * IN_FLIGHT


def test_an_error_page_is_read_for_one_line_only() -> None:
    error, _, sent = problem_of(error_page)
    assert error.type == "Rejected"
    assert len(str(error)) < 400
    assert sent < IN_FLIGHT


def error_page(handler: Handler) -> None:
    handler.close_connection = True
    handler.head(403, Connection="close")
    for _ in range(5000):
        handler.send(b"no " * 3000)


def test_a_body_that_breaks_off_is_asked_for_again() -> None:
    def act(handler: Handler) -> None:
        if handler.n < 2:
            handler.close_connection = True
            handler.head(200, Content_Type="application/json", Content_Length="100")
            handler.send(b'{"a":')
        else:
            handler.answer({"a": 1})

    with serving(act) as served:
        body = get(served.url, limits=Limits(timeout=5, retries=2, requests_per_second=1000))
    assert body.content == b'{"a": 1}'
    assert len(served.asked) == 3


@pytest.mark.parametrize("date", [False, True])
def test_retry_after_is_kept(date: bool) -> None:
    def act(handler: Handler) -> None:
        if handler.n == 0:
            wait = formatdate(time.time() + 2, usegmt=True) if date else "1"
            handler.answer({"error": "slow down"}, 429, Retry_After=wait)
        else:
            handler.answer({})

    with serving(act) as served:
        get(served.url, limits=Limits(retries=1, requests_per_second=1000))
    first, second = (asked.at for asked in served.asked)
    assert 0.95 <= second - first < 4


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_may_pass_is_asked_again_and_what_will_not_is_not(status: int) -> None:
    error, asked, _ = problem_of(
        lambda h: h.answer({}, status, Retry_After="0"), Limits(retries=2, requests_per_second=1000)
    )
    assert (error.type, asked) == ("Unavailable", 3)
    assert "tried 3 times" in str(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_final(status: int) -> None:
    error, asked, _ = problem_of(lambda h: h.answer({}, status), Limits(retries=2, requests_per_second=1000))
    assert (error.type, asked) == ("Rejected", 1)


def test_a_server_that_asks_for_an_hour_is_left_alone() -> None:
    error, asked, _ = problem_of(
        lambda h: h.answer({}, 429, Retry_After="3600"), Limits(retries=3, requests_per_second=1000)
    )
    assert (error.type, asked) == ("Busy", 1)
    assert "3600 s" in str(error)


@pytest.mark.parametrize("header", ["soon", "-5", "", "99999999999999999999999", "Wed, 99 Foo 2026"])
def test_a_retry_after_that_says_nothing(header: str) -> None:
    error, _, _ = problem_of(lambda h: h.answer({}, 429, Retry_After=header))
    assert error.type in ("Unavailable", "Busy")


def test_a_key_never_comes_back() -> None:
    error, _, _ = problem_of(lambda h: h.answer({"you sent": KEY}))
    assert error.type == "BadResponse"
    error, _, _ = problem_of(lambda h: h.answer({"bad key": KEY}, 401))
    assert "[MY_KEY]" in str(error)


def test_nobody_listens() -> None:
    with serving(lambda h: None) as served:
        url = served.url
    with pytest.raises(WebError, match="Connection refused"):
        get(url)


def test_requests_to_one_host_are_kept_apart() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(2.0, lambda: now[0], sleep)
    for host in ("a", "a", "b", "a"):
        pace.wait(host)
    assert slept == pytest.approx([0.5, 0.5])
    pace.pause("a", 30)
    pace.wait("a")
    assert slept[-1] == pytest.approx(30)


def test_requests_are_kept_apart_on_the_wire() -> None:
    with serving(lambda h: h.answer({})) as served:
        fetcher = Fetcher("test", Limits(requests_per_second=10), endpoint=served.url)
        begun = time.monotonic()
        for _ in range(4):
            fetcher.ask(served.url, {}, lambda body: body)
        fetcher.close()
    assert all(asked.at - begun >= 0.1 * n for n, asked in enumerate(served.asked))


def test_the_jitter_is_drawn_from_the_seed() -> None:
    waits = [[Fetcher("t", LIMITS, seed=seed)._wait("http://x/", n, None) for n in range(4)] for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]
    assert all(2.0**n / 2 <= wait <= 2.0**n for n, wait in enumerate(waits[0]))


def test_encrypted_connections_are_guarded_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *names], check=True, capture_output=True)
    with serving(lambda h: h.answer({"a": 1}), tls=(certificate, key)) as served:
        url = f"https://localhost:{served.port}/search"
        with pytest.raises(WebError, match="private address"):
            get(url, endpoint="https://localhost:1/")
        with pytest.raises(WebError, match="no connection, or broken off"):  # nobody vouches for the certificate
            get(url)
        assert not served.asked
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert get(url).content == b'{"a": 1}'
        assert served.asked[0].headers["Host"] == f"localhost:{served.port}"
