"""Servers on loopback that count what they hand out, and speak the JSON that each search service documents."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

Act = Callable[["Handler"], None]


@dataclass
class Asked:
    """One request as it reached the server."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float


@dataclass
class Server:
    """What the server was asked, and how many bytes of bodies left its hands."""

    url: str = ""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    act: Act = lambda handler: None

    def queries(self, parameter: str = "q") -> list[str]:
        return [asked.query[parameter] for asked in self.asked if parameter in asked.query]


class Handler(BaseHTTPRequestHandler):
    """Hands requests to `served.act`; `n` counts them from 0."""

    protocol_version = "HTTP/1.1"
    served: Server
    lock: threading.Lock
    n: int
    asked: Asked

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked = Asked(parts.path, query, dict(self.headers), time.monotonic())
        with self.lock:
            self.n = len(self.served.asked)
            self.served.asked.append(self.asked)
        try:
            self.served.act(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, content: bytes) -> None:
        """Counts what the socket took."""
        self.wfile.write(content)
        self.wfile.flush()
        self.served.sent += len(content)

    def answer(self, body: bytes | object, status: int = 200, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.head(status, **{"Content-Type": "application/json", "Content-Length": str(len(content)), **headers})
        self.send(content)

    def redirect(self, target: str) -> None:
        self.head(302, Location=target, Content_Length="0")

    def stream(self, n_bytes: int, chunk: bytes = b"x" * 10_000, pause: float = 0.0, **headers: str) -> None:
        """`n_bytes` without a length, until the reader leaves."""
        self.close_connection = True
        self.head(200, **{"Content_Type": "application/json", "Connection": "close", **headers})
        for _ in range(n_bytes // len(chunk)):
            self.send(chunk)
            if pause:
                time.sleep(pause)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serving(act: Act, tls: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """`tls`: certificate and key."""
    served = Server(act=act)
    handler = type("Bound", (Handler,), {"served": served, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    served.port = server.server_port
    served.url = f"http://127.0.0.1:{served.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---- what the services document -------------------------------------------------------------------------------------


def searxng(*results: tuple[str, str, str]) -> dict[str, object]:
    return {
        "query": "q",
        "number_of_results": 0,
        "results": [
            {"title": title, "url": url, "content": text, "engine": "wikipedia", "engines": ["wikipedia"], "score": 1.0,
             "category": "general", "positions": [1], "template": "default.html", "parsed_url": ["https", "x", "/", "", "", ""]}
            for title, url, text in results
        ],
        "answers": [], "corrections": [], "infoboxes": [], "suggestions": [], "unresponsive_engines": [],
    }  # fmt: skip


def brave(*results: tuple[str, str, str]) -> dict[str, object]:
    return {
        "type": "search",
        "query": {"original": "q", "more_results_available": True},
        "mixed": {"type": "mixed", "main": [{"type": "web", "index": 0, "all": False}], "top": [], "side": []},
        "web": {
            "type": "search",
            "results": [
                {"type": "search_result", "title": title, "url": url, "description": text, "language": "en",
                 "family_friendly": True, "meta_url": {"scheme": "https"}, "extra_snippets": []}
                for title, url, text in results
            ],
            "family_friendly": True,
        },
    }  # fmt: skip


def mediawiki(*results: tuple[str, int, str], site: bool = True) -> dict[str, object]:
    answer: dict[str, object] = {
        "searchinfo": {"totalhits": len(results)},
        "search": [{"ns": 0, "title": title, "pageid": page, "snippet": text} for title, page, text in results],
    }
    if site:
        answer["general"] = {"mainpage": "Main Page", "base": "https://wiki.example/wiki/Main_Page",
                            "articlepath": "/wiki/$1", "scriptpath": "/w", "server": "https://wiki.example"}  # fmt: skip
    return {"batchcomplete": True, "continue": {"sroffset": 10, "continue": "-||"}, "query": answer}


def pages_of(query: str, n: int = 3) -> list[tuple[str, str, str]]:
    """Results that differ from query to query."""
    word = "".join(letter for letter in query.lower() if letter.isalnum())
    return [(f"{query} {i}", f"https://{word}{i}.example/page", f"Fact {i} about {query}") for i in range(1, n + 1)]
