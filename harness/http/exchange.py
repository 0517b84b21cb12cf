"""One exchange with a server, from the look-up of its name to the last byte of its answer, within one deadline.

A socket's own time-out is for one read: a server that sends a byte now and then never meets it, be it in the status line, the
headers, a chunk's extension or the trailers. Here every wait of every step gets what is left of the exchange's time, so
that no server can make it longer, whatever it sends or does not send.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BufferedReader, RawIOBase
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from harness.records import Seconds

T = TypeVar("T")
Resolve = Callable[[str, int], Sequence[str]]  # host and port to the IP addresses that may be connected to
_CONNECT_TIMEOUT: Seconds = 10.0  # for one address
_LEAST_TIMEOUT: Seconds = 0.001  # 0 would mean a socket that does not wait
_CHUNK_BYTES = 65_536
_LONGEST_LENGTH = 18  # digits of a Content-Length: no answer has 10**18 bytes


class Exchange:
    """The time that is left. `begin` starts it; everything that waits asks for the `left`."""

    def __init__(self) -> None:
        self._begun = self._until = monotonic()

    def begin(self, seconds: Seconds) -> None:
        """Start the clock of a new exchange."""
        self._begun = monotonic()
        self._until = self._begun + seconds

    @property
    def seconds(self) -> Seconds:
        """The seconds since it began."""
        return monotonic() - self._begun

    @property
    def over(self) -> bool:
        """Whether its time is up."""
        return monotonic() >= self._until

    def left(self) -> Seconds:
        """Return the seconds until its end. Raises `TimeoutError` after it."""
        seconds = self._until - monotonic()
        if seconds <= 0:
            raise TimeoutError("the time of the exchange is over")
        return max(_LEAST_TIMEOUT, seconds)

    def wait_for(self, function: Callable[[], T]) -> T:
        """Return what a function returns that cannot be interrupted. Raises what it raises, or `TimeoutError`."""
        outcome: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def work() -> None:
            try:
                outcome.put((function(), None))
            except BaseException as error:  # it is raised again in the caller's thread
                outcome.put((None, error))

        Thread(target=work, daemon=True).start()
        try:
            value, error = outcome.get(timeout=self.left())
        except Empty:
            raise TimeoutError("the time of the exchange is over") from None
        if error is not None:
            raise error
        return value  # type: ignore[return-value]


class UnusableAnswer(Exception):
    """A body that is not to be read. `type` is `TooLarge`, `Compressed` or `BadResponse`."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_


def body_of(response: Response, limit: int) -> bytes:
    """Return the body of a streamed answer. Raises `UnusableAnswer` for one of more than `limit` bytes or that is packed,
    and what urllib3 raises for a connection that breaks off or is too slow.
    """
    if response.headers.get("Content-Encoding", "").strip().lower() not in ("identity", ""):
        raise UnusableAnswer("Compressed", "compressed although that was not asked for")
    declared = _declared_length(response)
    if declared is not None and declared > limit:
        raise UnusableAnswer("TooLarge", f"an answer of {declared:,} bytes, more than {limit:,}")
    body = b"".join(_chunks(response, limit + 1))
    if len(body) > limit:
        raise UnusableAnswer("TooLarge", f"an answer of more than {limit:,} bytes")
    return body


def start_of(response: Response, limit: int = 16_000) -> bytes:
    """Return the first bytes of a refusal, as far as they come: its status is known, whatever becomes of its body.

    Where it is longer, the last 4,000 of them are left out: what is cut there may be half of a key, which nothing would find.
    """
    body = b""
    with suppress(HTTPError):
        for chunk in _chunks(response, limit):
            body += chunk
    return body if len(body) < limit else body[:-4_000]


def _chunks(response: Response, limit: int) -> Iterator[bytes]:
    """Yield the body as it was sent, up to `limit` bytes."""
    left = limit
    while left and (chunk := response.raw.read1(min(_CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk


def _declared_length(response: Response) -> int | None:
    """Return what the server says the length is; `None` where it does not say, or sends chunks.

    Its digits are counted first: `int` refuses numbers of more than 4,300 with a `ValueError`.
    """
    text = response.headers.get("Content-Length")
    if text is None or "Transfer-Encoding" in response.headers:
        return None
    digits = {part.strip() for part in text.split(",")}
    if len(digits) > 1 or not all(
        part.isascii() and part.isdigit() and len(part) <= _LONGEST_LENGTH for part in digits
    ):
        raise UnusableAnswer("BadResponse", "the answer's Content-Length is no length")
    return int(digits.pop())


class TimedAdapter(HTTPAdapter):
    """A `requests` adapter whose connections, also those through proxies, keep to the deadline of its exchange."""

    def __init__(self, exchange: Exchange, resolve: Resolve | None = None) -> None:
        parts: dict[str, Any] = {"exchange": exchange, "resolve": staticmethod(resolve or addresses)}
        self._pools = {
            "http": type("TimedPool", (HTTPConnectionPool,), {"ConnectionCls": type("Plain", (_Timed,), parts)}),
            "https": type(
                "TimedTLSPool",
                (HTTPSConnectionPool,),
                {"ConnectionCls": type("Encrypted", (_Timed, HTTPSConnection), parts)},
            ),
        }
        super().__init__(pool_maxsize=1)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*arguments, **options)
        self._time(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            self._time(manager)
        return manager

    def build_response(self, request: PreparedRequest, answer: Any) -> Response:
        """Make the response without its cookies: no one wants them, and reading megabytes of them takes seconds.

        What is only announced (status 1xx) ends its connection: the next request would meet what comes after it.
        """
        del answer._original_response.msg["Set-Cookie"]
        if answer.status < 200:
            answer.close()
        return super().build_response(request, answer)

    def _time(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = self._pools


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host. Raises `OSError` or `UnicodeError` for a host that has none."""
    host.encode("idna")
    records = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(record[4][0]) for record in records))


class _Timed(HTTPConnection):
    """A connection each of whose steps ends with the exchange."""

    exchange: Exchange
    resolve: Resolve

    def _new_conn(self) -> socket.socket:
        try:
            places = self.exchange.wait_for(lambda: self.resolve(self._dns_host, self.port))
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        problem: OSError | None = None
        for address in places:
            try:
                connection = create_connection(
                    (address, self.port), min(_CONNECT_TIMEOUT, self.exchange.left()), self.source_address,
                    socket_options=self.socket_options,
                )  # fmt: skip
            except OSError as error:
                problem = error
            else:
                connection.settimeout(self.exchange.left())  # TLS keeps to it over the whole handshake
                return connection
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise NewConnectionError(self, reason) from problem

    def _tunnel(self) -> None:
        """Ask a proxy for a tunnel; TLS then needs the socket itself."""
        plain = self.sock
        self.sock = _TimedSocket(plain, self.exchange)
        try:
            super()._tunnel()
        finally:
            if self.sock is not None:
                self.sock = plain

    def connect(self) -> None:
        super().connect()
        self.sock = _TimedSocket(self.sock, self.exchange)


class _TimedSocket:
    """A connected socket, plain or TLS, as http.client and urllib3 use one."""

    def __init__(self, connection: Any, exchange: Exchange) -> None:
        self._connection, self._exchange = connection, exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def settimeout(self, seconds: Seconds | None) -> None:
        """Do nothing: the time-out is that of the exchange."""

    def sendall(self, content: Any) -> None:
        """Send all, as fast as the server takes it within the time."""
        rest = memoryview(content).cast("B")
        while rest:
            self._connection.settimeout(self._exchange.left())
            rest = rest[self._connection.send(rest) :]

    def makefile(self, mode: str, *_: Any, **__: Any) -> BufferedReader:
        """Return what answers are read from."""
        return BufferedReader(_Reader(self._connection, self._exchange), _CHUNK_BYTES)


class _Reader(RawIOBase):
    """The incoming bytes of a socket. Like the socket's own file, it keeps the socket open until both are closed."""

    def __init__(self, connection: Any, exchange: Exchange) -> None:
        self._connection, self._exchange = connection, exchange
        self._file = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(self._exchange.left())
        count: int | None = self._file.readinto(buffer)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
