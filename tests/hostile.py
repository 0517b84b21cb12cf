"""Everything that a server on a raw socket can do to a client that asked it something: more than forty behaviours, written once.

`BEHAVIOURS[name].act(wire)` is called when a request has arrived (`unread` ones: when a connection has). Whatever it does, the
client has to come back within its deadline, with a failure or with the answer, and without a trace of its key. `serving` runs
one behaviour; `innocent` says which requests are answered well all the same.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

DRIP = 0.05  # seconds between two pieces, far below any time-out of one read
_PIECE = b"a" * 65_536


@dataclass
class Wire:
    """One connection, with the request that came over it, and what would have been right to answer."""

    connection: socket.socket
    good: bytes
    media_type: str
    over: threading.Event
    request: bytes = b""
    body: bytes = b""

    @property
    def key(self) -> bytes:
        """The values of the headers that hold keys, as they came."""
        names = (b"authorization:", b"x-subscription-token:", b"x-api-key:", b"x-key:")
        lines = self.request.split(b"\r\n")
        return b" ".join(line.partition(b":")[2].strip() for line in lines if line.lower().startswith(names))

    def send(self, *pieces: bytes) -> None:
        """Send the pieces one after the other."""
        for piece in pieces:
            self.connection.sendall(piece)

    def head(self, *lines: str, status: str = "200 OK", end: bytes = b"\r\n") -> None:
        """Send a status line and headers, with the content type of a good answer."""
        self.send("\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {self.media_type}", *lines, ""]).encode() + end)

    def whole(self, body: bytes | None = None, *lines: str, status: str = "200 OK") -> None:
        """Send a complete answer."""
        content = self.good if body is None else body
        self.head(f"Content-Length: {len(content)}", *lines, status=status)
        self.send(content)

    def again_and_again(self, piece: bytes, pause: float = 0.0) -> None:
        """Send the piece until the client leaves or the test is over."""
        while not self.over.wait(pause) if pause else not self.over.is_set():
            self.send(piece)

    def drip(self, piece: bytes = b"a") -> None:
        """Send the piece every now and then, for ever."""
        self.again_and_again(piece, DRIP)

    def drip_through(self, content: bytes) -> None:
        """Send the content byte by byte."""
        for place in range(len(content)):
            if self.over.wait(DRIP):
                return
            self.send(content[place : place + 1])

    def silence(self) -> None:
        """Say nothing until the test is over."""
        self.over.wait()

    def reset(self) -> None:
        """Break the connection off with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


@dataclass(frozen=True)
class Behaviour:
    """`endless`: it never completes an answer, so that only the client's clock ends it. `unread`: it takes no request first.

    `answers`: a client may make a good answer of it.
    """

    act: Callable[[Wire], object]
    endless: bool = False
    unread: bool = False
    answers: bool = False


def _chunked(*pieces: bytes, lines: tuple[str, ...] = ()) -> Callable[[Wire], None]:
    def act(wire: Wire) -> None:
        wire.head("Transfer-Encoding: chunked", *lines)
        wire.send(*pieces)

    return act


def _then(*acts: Callable[[Wire], object]) -> Callable[[Wire], None]:
    def act(wire: Wire) -> None:
        for one in acts:
            one(wire)

    return act


def _read_slowly(wire: Wire) -> None:
    while not wire.over.wait(DRIP) and wire.connection.recv(1):
        pass


def _answered_twice(wire: Wire) -> None:
    wire.whole()
    wire.whole(b'{"text": "an answer to nothing that was asked"}')


def _bomb() -> bytes:
    return gzip.compress(b"0" * 50_000_000, 6)


def _spread(text: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (1, text[place : place + 1]) for place in range(len(text))) + b"0\r\n\r\n"


def _length(value: str, *more: str) -> Callable[[Wire], None]:
    def act(wire: Wire) -> None:
        wire.head(f"Content-Length: {value}", *more)
        wire.send(wire.good)

    return act


def _encoded(name: str, content: Callable[[Wire], bytes]) -> Callable[[Wire], None]:
    return lambda wire: wire.whole(content(wire), f"Content-Encoding: {name}")


def _json(content: bytes) -> Callable[[Wire], None]:
    return lambda wire: wire.whole(content)


def _status(line: str, *lines: str, body: bytes = b"{}") -> Callable[[Wire], None]:
    return lambda wire: wire.whole(body, *lines, status=line)


def _own_path(wire: Wire) -> str:
    return wire.request.split(b" ")[1].decode() if b" " in wire.request else "/"


def _slow_redirect(wire: Wire) -> None:
    wire.over.wait(0.4)
    wire.whole(b"", f"Location: {_own_path(wire)}", status="302 Found")


BEHAVIOURS: dict[str, Behaviour] = {
    # ---- the connection
    "closes at once": Behaviour(lambda w: None, unread=True),
    "resets at once": Behaviour(Wire.reset, unread=True),
    "never reads": Behaviour(Wire.silence, endless=True, unread=True),
    "reads byte by byte": Behaviour(_read_slowly, endless=True, unread=True),
    "answers before it is asked": Behaviour(_then(Wire.whole, Wire.silence), unread=True, answers=True),
    "says nothing": Behaviour(Wire.silence, endless=True),
    "closes after the request": Behaviour(lambda w: None),
    "resets after the request": Behaviour(Wire.reset),
    # ---- the status line
    "drips its status line": Behaviour(lambda w: (w.send(b"HTTP/1.1 200 O"), w.drip(b"K")), endless=True),
    "drips a whole answer": Behaviour(lambda w: w.drip_through(b"HTTP/1.1 200 OK\r\nX-Y: z\r\n\r\n" + b" " * 4000), endless=True),
    "a status line without end": Behaviour(lambda w: (w.send(b"HTTP/1.1 200 "), w.again_and_again(_PIECE))),
    "no HTTP: HTTP/0.9": Behaviour(lambda w: w.send(w.good)),
    "no HTTP: another protocol": Behaviour(lambda w: w.send(b"SSH-2.0-OpenSSH_9.6\r\n")),
    "no HTTP: TLS": Behaviour(lambda w: w.send(b"\x15\x03\x01\x00\x02\x02\x0a")),
    "no HTTP: zeros": Behaviour(lambda w: w.send(bytes(1000))),
    "no HTTP: HTTP/2": Behaviour(lambda w: w.send(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64")),
    "a status of four digits": Behaviour(_status("2000 OK")),
    "a status that is no number": Behaviour(_status("OK 200")),
    "a status below 100": Behaviour(_status("-1 OK")),
    "status 100 for ever": Behaviour(lambda w: w.again_and_again(b"HTTP/1.1 100 Continue\r\n\r\n"), endless=True),
    "status 100 drips": Behaviour(lambda w: w.drip(b"HTTP/1.1 100 Continue\r\n\r\n"), endless=True),
    "status 103 for ever": Behaviour(lambda w: w.drip(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")),
    "status 101": Behaviour(lambda w: (w.head("Upgrade: h2c", status="101 Switching Protocols"), w.drip())),
    # ---- the headers
    "drips headers": Behaviour(lambda w: (w.head(end=b""), w.drip(b"X-Y: z\r\n")), endless=True),
    "drips one header": Behaviour(lambda w: (w.head(end=b"X-Y: "), w.drip(b"z")), endless=True),
    "a header without end": Behaviour(lambda w: (w.head(end=b"X-Y: "), w.again_and_again(_PIECE))),
    "headers without end": Behaviour(lambda w: (w.head(end=b""), w.again_and_again(b"X-Y: z\r\n" * 1000))),
    "headers that are none": Behaviour(lambda w: (w.send(b"HTTP/1.1 200 OK\r\n\xff\x00\r\n: x\r\n\r\n"), w.send(w.good)), answers=True
    ),
    "a folded header without end": Behaviour(lambda w: (w.head(end=b"X-Y: z\r\n"), w.again_and_again(b" z\r\n" * 1000))),
    "a length of 5,000 digits": Behaviour(_length("9" * 5000), answers=True),
    "a negative length": Behaviour(_length("-5"), answers=True),
    "a length that is no number": Behaviour(_length("1e3"), answers=True),
    "a length in other digits": Behaviour(_length("\u0661\u0662\u00b2"), answers=True),
    "two lengths": Behaviour(_length("5", "Content-Length: 7")),
    "a length and chunks": Behaviour(
        lambda w: (w.head("Content-Length: 3", "Transfer-Encoding: chunked"), w.send(_spread(w.good))), answers=True),
    "an unknown transfer coding": Behaviour(lambda w: (w.head("Transfer-Encoding: rot13"), w.send(w.good)), answers=True),
    "a thousand cookies": Behaviour(lambda w: w.whole(None, *["Set-Cookie: " + "a=b; expires=" * 400] * 90), answers=True),
    "an odd type": Behaviour(
        lambda w: (w.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/;;charset=\"\x00'\xff\r\nConnection: close\r\n\r\n"),
                   w.send(w.good)), answers=True),
    # ---- the body
    "drips its body": Behaviour(lambda w: (w.head("Content-Length: 900000"), w.drip()), endless=True),
    "drips a body without a length": Behaviour(lambda w: (w.head("Connection: close"), w.drip(b" ")), endless=True),
    "a body without end": Behaviour(lambda w: (w.head("Connection: close"), w.again_and_again(_PIECE))),
    "a body that stops": Behaviour(lambda w: (w.head("Content-Length: 900000"), w.send(w.good), w.silence()), endless=True),
    "a body that breaks off": Behaviour(lambda w: (w.head("Content-Length: 900000"), w.send(w.good))),
    "a body longer than it says": Behaviour(lambda w: (w.head("Content-Length: 5"), w.send(w.good * 3))),
    "drips chunks": Behaviour(lambda w: (_chunked()(w), w.drip(b"1\r\n \r\n")), endless=True),
    "drips a chunk's extension": Behaviour(lambda w: (_chunked(b"5;")(w), w.drip()), endless=True),
    "a chunk's extension without end": Behaviour(lambda w: (_chunked(b"5;")(w), w.again_and_again(_PIECE))),
    "a chunk's size without end": Behaviour(lambda w: (_chunked()(w), w.again_and_again(b"0" * 65_536))),
    "a chunk of no size": Behaviour(_chunked(b"zz\r\nhello\r\n0\r\n\r\n")),
    "a chunk of negative size": Behaviour(_chunked(b"-5\r\nhello\r\n0\r\n\r\n")),
    "a chunk of 10**30 bytes": Behaviour(
        lambda w: (_chunked(b"f" * 25 + b"\r\n" + w.good)(w), w.silence()), endless=True),
    "a chunk without its end": Behaviour(_chunked(b"5\r\nhelloworld\r\n0\r\n\r\n")),
    "chunks that break off": Behaviour(_chunked(b"5\r\nhel")),
    "chunks of one byte": Behaviour(lambda w: (_chunked(_spread(w.good))(w)), answers=True),
    "drips trailers": Behaviour(lambda w: (_chunked(b"1\r\n{\r\n0\r\n")(w), w.drip(b"X-Y: z\r\n")), endless=True),
    "trailers without end": Behaviour(
        lambda w: (_chunked(b"1\r\n{\r\n0\r\n")(w), w.again_and_again(b"X-Y: z\r\n" * 1000)), endless=True),
    "a gzip bomb": Behaviour(_encoded("gzip", lambda w: _bomb())),
    "gzip that was not asked for": Behaviour(_encoded("gzip", lambda w: gzip.compress(w.good))),
    "broken gzip": Behaviour(_encoded("gzip", lambda w: gzip.compress(w.good)[:-9])),
    "broken deflate": Behaviour(_encoded("deflate", lambda w: zlib.compress(w.good)[4:])),
    "broken brotli": Behaviour(_encoded("br", lambda w: b"\xff" * 99)),
    "a coding of ten layers": Behaviour(_encoded(", ".join(["gzip"] * 10), lambda w: w.good)),
    "bytes that are no text": Behaviour(_json(b'{"text": "\xe9\xff", "results": [{"title": "\xc3"}]}'), answers=True),
    "UTF-16": Behaviour(lambda w: w.whole(w.good.decode().encode("utf-16"))),
    "JSON of 100,000 levels": Behaviour(_json(b"[" * 100_000)),
    "JSON of 100,000 closed levels": Behaviour(_json(b'{"x":' * 100_000 + b"1" + b"}" * 100_000)),
    "JSON with NaN": Behaviour(_json(b'{"text": NaN, "results": NaN}')),
    "JSON with a number of 5,000 digits": Behaviour(_json(b'{"text": %s, "results": -1e999}' % (b"9" * 5000))),
    "JSON with every key twice": Behaviour(lambda w: w.whole(b"{" + w.good[1:-1] + b"," + w.good[1:]), answers=True),
    "JSON with half characters": Behaviour(_json(b'{"text": "\\ud800\\u0000", "results": "\\ud800"}')),
    "a number": Behaviour(_json(b"7")),
    "nothing": Behaviour(_json(b"")),
    "a web page": Behaviour(
        lambda w: w.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><title>Log in</title>")),
    # ---- refusals
    "204": Behaviour(lambda w: w.head(status="204 No Content")),
    "206, a part": Behaviour(lambda w: w.whole(w.good[:5], "Content-Range: bytes 0-4/99", status="206 Partial Content")),
    "304 to a plain question": Behaviour(lambda w: w.head(status="304 Not Modified")),
    "a redirect to itself": Behaviour(lambda w: w.whole(b"", f"Location: {_own_path(w)}", status="302 Found")),
    "slow redirects": Behaviour(_slow_redirect),
    "a redirect into a file": Behaviour(_status("307 Temporary Redirect", "Location: file:///etc/passwd")),
    "a redirect of 60,000 letters": Behaviour(_status("301 Moved", "Location: http://x/" + "a" * 60_000)),
    "a redirect without a place": Behaviour(_status("302 Found", "Location: http://[")),
    "401 that drips": Behaviour(lambda w: (w.head("Content-Length: 90000", status="401 No"), w.drip()), endless=True),
    "407": Behaviour(_status("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"')),
    "429 that asks for a day": Behaviour(_status("429 Slow Down", "Retry-After: 86400")),
    "429 that asks for 5,000 digits": Behaviour(_status("429 Slow Down", f"Retry-After: {'9' * 5000}")),
    "503 without end": Behaviour(
        lambda w: (w.head("Connection: close", status="503 Busy"), w.again_and_again(_PIECE))),
    "503 that drips": Behaviour(lambda w: (w.head("Content-Length: 90000", status="503 Busy"), w.drip())),
    # ---- keys
    "401 that repeats the key": Behaviour(lambda w: w.whole(b"no such key: " + w.key, status="401 No")),
    "200 that repeats the key": Behaviour(
        lambda w: w.whole(json.dumps({"text": w.key.decode("latin-1"), "error": w.key.decode("latin-1")}).encode())),
    "a status line that repeats the key": Behaviour(lambda w: w.whole(b"{}", status=f"403 {w.key.decode('latin-1')}")),
    "a redirect that repeats the key": Behaviour(
        lambda w: w.whole(b"", f"Location: http://[{w.key.decode('latin-1')}", status="302 Found")),
    "no HTTP but the request itself": Behaviour(lambda w: w.send(w.request)),
    # ---- more than was asked for
    "two answers": Behaviour(_answered_twice, answers=True),
}  # fmt: skip


@dataclass
class Hostile:
    """Where the server is, and the heads of the requests that it read."""

    url: str = ""
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)


@contextmanager
def serving(
    behaviour: Behaviour,
    good: bytes = b'{"text": "at last"}',
    media_type: str = "application/json",
    innocent: Callable[[Wire], bytes | None] = lambda wire: None,
) -> Iterator[Hostile]:
    """A server that behaves so until the context ends. `innocent` returns a good answer for requests that shall have one."""
    served, over = Hostile(), threading.Event()

    def talk(connection: socket.socket) -> None:
        wire = Wire(connection, good, media_type, over)
        with suppress(OSError):
            if behaviour.unread:
                behaviour.act(wire)
            else:
                while read_request(wire):
                    served.requests.append(wire.request)
                    answer = innocent(wire)
                    if answer is None:
                        behaviour.act(wire)
                        break
                    wire.whole(answer)
        connection.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                served.connections.append(connection)
                threading.Thread(target=talk, args=[connection], daemon=True).start()

    with socket.socket() as listener:
        if behaviour.unread:  # so little that no request of a kilobyte disappears in it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        served.port = listener.getsockname()[1]
        served.url = f"http://127.0.0.1:{served.port}"
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield served
        finally:
            over.set()
            for place in [listener, *served.connections]:
                with suppress(OSError):
                    place.shutdown(socket.SHUT_RDWR)
            acceptor.join(5)


def read_request(wire: Wire) -> bool:
    """Read one request, head and body; false at the end of the connection."""
    head, body = b"", b""
    while b"\r\n\r\n" not in head:
        piece = wire.connection.recv(65_536)
        if not piece:
            return False
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    length = int(headers.get(b"content-length", b"0"))
    while len(body) < length:
        piece = wire.connection.recv(1_000_000)
        if not piece:
            return False
        body += piece
    wire.request, wire.body = head, body
    return True


def endless() -> list[str]:
    """Return the behaviours that only a clock ends."""
    return [name for name, behaviour in BEHAVIOURS.items() if behaviour.endless]


def as_json(value: Any) -> bytes:
    """Return a good answer's bytes."""
    return json.dumps(value).encode()
