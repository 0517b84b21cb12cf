"""A server on loopback that does with each request what a test says: answer well, badly, late or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Generic, TypeVar

T = TypeVar("T")
Act = Callable[[BaseHTTPRequestHandler, int], None]  # what is done with the n-th request, from 0


@dataclass(frozen=True)
class Request:
    """A POST as it reached the server; `at` on the monotonic clock."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Server(Generic[T]):
    """Where the server is, and what it has got so far."""

    url: str = ""
    received: list[T] = field(default_factory=list)


def send(handler: BaseHTTPRequestHandler, body: object = b"", status: int = 200, **headers: str) -> None:
    """Sends bytes as they are, anything else as JSON. In the names of headers `_` stands for `-`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def serving(act: Act, read: Callable[[Request], T]) -> Iterator[Server[T]]:
    """A server for as long as the context lasts; `read` says what is kept of a request."""
    served, lock = Server[T](), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received = read(Request(self.path, dict(self.headers), body, time.monotonic()))
            with lock:
                served.received.append(received)
                number = len(served.received) - 1
            try:
                act(self, number)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Threads(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Threads(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
