"""The deadline of an exchange, in the steps that no answer shows: names, proxies, TLS, what is sent, and repetitions."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import NoResponse, WebError
from harness.http.exchange import Exchange
from harness.http.server import Server
from harness.retrieval.web.fetch import Fetcher, Limits
from tests.hostile import DRIP, Behaviour, Wire, read_request, serving

TIMEOUT = 0.8
SOON = 20.0  # seconds, for a busy machine; none of these servers would ever end


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def post(url: str, retries: int = 0, content: bytes = b"x") -> bytes:
    return Server(url, None, TIMEOUT, retries).ask("seed", data=content)


def get(url: str, retries: int = 0, timeout: float = TIMEOUT) -> bytes:
    limits = Limits(timeout=timeout, retries=retries, requests_per_second=1000)
    return Fetcher("test/1", limits, allow_private=True).page(url, ("application/json",)).content


CLIENTS: dict[str, Callable[[str], bytes]] = {"server": post, "fetcher": get}


def ends(ask: Callable[[], object]) -> str:
    """The kind of failure of a call that has to end soon."""
    begun = time.monotonic()
    with pytest.raises((NoResponse, WebError)) as caught:
        ask()
    assert time.monotonic() - begun < SOON
    return str(caught.value.type)  # type: ignore[attr-defined]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("begins", [b"", b"\x16\x03\x03\x40\x00"], ids=["silent", "record"])
def test_a_handshake_that_drips_ends(client: str, begins: bytes) -> None:
    def act(wire: Wire) -> None:
        wire.send(begins)
        wire.drip(b"\x02") if begins else wire.silence()

    with serving(Behaviour(act, unread=True)) as server:
        assert ends(lambda: CLIENTS[client](server.url.replace("http:", "https:"))) == "Timeout"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_name_that_is_looked_up_for_ever_ends(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(60))
    try:
        assert ends(lambda: CLIENTS[client]("http://slow.example/")) == "Timeout"
    finally:
        released.set()


def test_a_name_that_nobody_knows_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoResponse, match="Name or service not known"):
        post("http://nowhere.example/")
    with pytest.raises(WebError, match=r"no address is known for the host nowhere\.example"):
        get("http://nowhere.example/")


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address refuses; the name stands for both."""

    def both(host: str, port: int, *_: object, **__: object) -> list[object]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        places = ["127.0.0.2", "127.0.0.1"] if host == "both.example" else [host]
        return [(*kind, (place, port)) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with serving(Behaviour(Wire.whole), b"{}") as server:
        assert post(f"http://both.example:{server.port}/") == b"{}"


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nX-Y: "], ids=["status", "header"])
def test_a_proxy_that_drips_ends(begins: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Behaviour(lambda wire: (wire.send(begins), wire.drip()))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert ends(lambda: post("https://far.example/v1")) == "Timeout"
        assert ends(lambda: post("http://far.example/v1")) == "Timeout"
    assert [request.split()[0] for request in proxy.requests] == [b"CONNECT", b"POST"]


def test_a_request_that_is_not_read_ends() -> None:
    """Twenty megabytes do not fit into the buffers between."""
    for act in (Wire.silence, lambda wire: [wire.connection.recv(1) for _ in range(2000) if not wire.over.wait(DRIP)]):
        with serving(Behaviour(act, unread=True)) as server:
            assert ends(lambda url=server.url: post(url, retries=3, content=b"x" * 20_000_000)) == "Timeout"  # type: ignore[misc]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_encrypted_answer_that_drips_ends(client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with encrypted(
        tmp_path, monkeypatch, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Y: ", drips=True
    ) as url:
        assert ends(lambda: CLIENTS[client](url)) == "Timeout"


@pytest.mark.parametrize("client", CLIENTS)
def test_an_encrypted_answer_arrives(client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n" + b" " * 200_000
    with encrypted(tmp_path, monkeypatch, answer, drips=False) as url:
        assert CLIENTS[client](url) == b" " * 200_000


def test_redirects_share_one_deadline() -> None:
    def act(wire: Wire) -> None:
        wire.over.wait(0.35)
        wire.whole(b"", "Location: /next", status="302 Found")

    with serving(Behaviour(act)) as server:
        assert ends(lambda: get(f"{server.url}/first")) == "Timeout"
    assert 2 <= len(server.requests) <= 3


def test_a_repetition_has_a_deadline_of_its_own_and_all_of_them_one_together(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)

    def act(wire: Wire) -> None:
        wire.over.wait(0.5)
        wire.whole(b"", "Retry-After: 86400", status="503 Busy")

    with serving(Behaviour(act)) as server:
        client = Server(server.url, None, TIMEOUT, 3)
        with pytest.raises(NoResponse, match=r"status 503.*tried 4 times"):
            client.ask("seed", data=b"x")
    assert naps == [60, 60, 60]
    assert client.longest == pytest.approx(4 * TIMEOUT + sum(naps))
    assert Limits(timeout=3, retries=0).longest == 3
    assert Limits(timeout=3, retries=2, longest_wait=10).longest == 29


def test_a_connection_is_kept_but_no_answer_of_it_is_taken_for_the_next() -> None:
    def act(wire: Wire) -> None:
        wire.whole(b'"right"')
        if b"X-Twice" in wire.body:
            wire.whole(b'"of another question"')

    with serving(Behaviour(lambda wire: None), innocent=lambda wire: b'"kept"') as server:
        client = Server(server.url, None, 5, 0)
        assert {client.ask("seed", data=b"x") for _ in range(3)} == {b'"kept"'}
        assert (len(server.requests), len(server.connections)) == (3, 1)
    with serving(Behaviour(act)) as server:
        client = Server(server.url, None, 5, 0)
        assert client.ask("seed", data=b"X-Twice") == b'"right"'
        time.sleep(0.1)  # the second answer has come
        assert client.ask("seed", data=b"X-Twice") == b'"right"'


def test_what_a_function_raises_is_raised() -> None:
    exchange = Exchange()
    exchange.begin(5)
    assert exchange.wait_for(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        exchange.wait_for(lambda: 1 // 0)
    exchange.begin(0)
    assert exchange.over
    with pytest.raises(TimeoutError):
        exchange.left()


class encrypted:  # noqa: N801 - a context manager
    """The address of a TLS server that sends `answer`, and then a byte now and then if it `drips`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, *, drips: bool) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl, which makes the certificate, is not installed")
        key, certificate = folder / "key.pem", folder / "cert.pem"
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*make, *names], check=True, capture_output=True)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        def act(wire: Wire) -> None:
            with context.wrap_socket(wire.connection, server_side=True) as connection:
                read_request(Wire(connection, b"", "", wire.over))
                connection.sendall(answer)
                while drips and not wire.over.wait(DRIP):
                    connection.sendall(b"z")

        self._server = serving(Behaviour(act, unread=True))

    def __enter__(self) -> str:
        return f"https://localhost:{self._server.__enter__().port}/"

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)
