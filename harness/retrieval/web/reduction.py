"""Web pages to text (trafilatura), in a process of their own.

Pages that are made for it, or by accident, keep a parser busy for hours: two megabytes of attributes, paragraphs or accents are
enough. It cannot be interrupted, but its process can be ended, which costs that page only.
"""

from __future__ import annotations

import re
import signal
import struct
import subprocess
import sys
import weakref
from typing import IO, Final

import msgspec

from harness.errors import WebError
from harness.http.exchange import Exchange
from harness.records import Seconds
from harness.retrieval.web.cleaning import clean
from harness.retrieval.web.fetch import Body

_MAX_TEXT_CHARACTERS: Final = 400_000  # of one page
_MAX_MEMORY_BYTES: Final = 4 * 2**30
_START_LIMIT: Seconds = 120.0  # for the process to import what it needs, on a busy machine
_LENGTH: Final = struct.Struct(">Q")
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})", re.I)
_PATH: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_CODE: Final = _PATH + "from harness.retrieval.web import reduction; reduction.serve()"


def page_text(body: Body) -> str:
    """Return the main text of a page: paragraphs, one a line. Bytes that are not text in its encoding become U+FFFD."""
    text = _decode(body)
    if body.media_type != "text/plain":
        from trafilatura import extract

        text = extract(text, include_comments=False) or ""
    lines = (clean(line, _MAX_TEXT_CHARACTERS) for line in text[:_MAX_TEXT_CHARACTERS].splitlines())
    return "\n".join(line for line in lines if line)


class PageReader:
    """Reduces pages one by one, each within `seconds`. Its process starts with the first page, and anew after one was ended."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._ends: weakref.finalize[[subprocess.Popen[bytes]], PageReader] | None = None

    def text(self, body: Body) -> str:
        """Return what `page_text` returns. Raises `WebError` of type `Timeout` or `Unreadable`."""
        if body.media_type == "text/plain":  # nothing to parse
            return page_text(body)
        problem: WebError
        try:
            answer = self._ask(body)
        except TimeoutError:
            problem = WebError("Timeout", f"the page was not reduced to text within {self._seconds:g} s")
        except (OSError, EOFError):
            problem = WebError("Unreadable", "the page ended the process that reduces pages to text")
        else:
            if isinstance(answer, str):
                return answer
            raise WebError("Unreadable", f"the page cannot be reduced to text ({answer[0]})")
        self.close()
        raise problem

    def close(self) -> None:
        """End the process."""
        if self._ends is not None:
            self._ends()
        self._process = self._ends = None

    def _ask(self, body: Body) -> str | tuple[str]:
        clock = Exchange()
        process = self._process or self._start(clock)
        assert process.stdin is not None
        assert process.stdout is not None
        request, incoming = process.stdin, process.stdout
        clock.begin(self._seconds)

        def exchange() -> bytes:
            _write(request, msgspec.msgpack.encode((body.media_type, body.charset, body.content)))
            return _read(incoming)

        return msgspec.msgpack.decode(clock.wait_for(exchange), type=str | tuple[str])

    def _start(self, clock: Exchange) -> subprocess.Popen[bytes]:
        path = msgspec.json.encode(sys.path).decode()
        process = self._process = subprocess.Popen(  # noqa: S603 - this interpreter
            [sys.executable, "-c", _CODE, path, str(self._seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._ends = weakref.finalize(self, _end, process)
        clock.begin(_START_LIMIT)
        clock.wait_for(lambda: _read(process.stdout))  # type: ignore[arg-type]
        return process


def serve() -> None:
    """Answer requests from the standard input: the loop of the process. It ends with its parent."""
    import trafilatura  # noqa: F401 - before the first page, whose time it would take

    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    patience = int(float(sys.argv[2])) + 2  # seconds; a parent that was killed ends nothing
    _limit_memory()
    _write(answers, b"")
    while True:
        try:
            media_type, charset, content = msgspec.msgpack.decode(_read(requests), type=tuple[str, str, bytes])
        except (EOFError, OSError):
            return
        if hasattr(signal, "alarm"):
            signal.alarm(patience)
        answer: str | tuple[str]
        try:
            answer = page_text(Body("", media_type, charset, content))
        except (Exception, RecursionError) as error:  # whatever the packages stumble over
            answer = (type(error).__name__,)
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        _write(answers, msgspec.msgpack.encode(answer))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # what was not sent to it is of no use to anyone


def _write(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """Return the next message. Raises `EOFError` at the end."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return content


def _decode(body: Body) -> str:
    """Decode by the header's charset, else the page's own, else as UTF-8."""
    declared = _META_CHARSET.search(body.content[:2048])
    charset = body.charset or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        text = body.content.decode(charset, "replace")
    except (LookupError, ValueError):  # unknown, or a codec that is none of text, such as base64
        text = body.content.decode("utf-8", "replace")
    return text.replace("\0", "")
