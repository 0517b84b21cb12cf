"""Bytes over HTTP, from untrusted servers: few requests a second, bounded in size, time, redirects and repetitions.

One try, with all its redirects, ends within `Limits.timeout`; the waits that keep requests apart are not counted. With its
repetitions a document is there, or given up, within `Limits.longest`, and those waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from hashlib import sha256
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from requests import RequestException, Response, Session
from urllib3 import Retry
from urllib3.exceptions import HTTPError, InvalidHeader

from harness.errors import WebError
from harness.http.disguise import holds
from harness.http.exchange import Exchange, TimedAdapter, UnusableAnswer, body_of, start_of
from harness.http.server import NoRedirects
from harness.records import Seconds
from harness.retrieval.web.addresses import AddressPolicy, check_url, origin
from harness.retrieval.web.blocked import page_for_json, quoted
from harness.retrieval.web.cleaning import clean, without_secrets

T = TypeVar("T")
_JSON_TYPES = ("application/json", "text/json", "application/*+json")
MAX_REDIRECTS = 5
_PAGE_BYTES = 20_000  # of a page that came in place of JSON
_SECRET_CHARACTERS = 8  # shorter keys ("none", "test") are what services without keys are given
_FIRST_WAIT: Seconds = 1.0
_LONGEST_BACKOFF: Seconds = 30.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, *range(500, 600)})
_TYPES = {"Compressed": "WrongType"}


@dataclass(frozen=True)
class Limits:
    """`timeout` bounds one answer as a whole; a server that asks to wait longer than `longest_wait` is left alone."""

    max_bytes: int = 2_000_000
    timeout: Seconds = 20.0
    retries: int = 3
    longest_wait: Seconds = 120.0
    requests_per_second: float = 1.0

    @property
    def longest(self) -> Seconds:
        """The longest time for one document, without the waits that keep requests apart."""
        return (self.retries + 1) * self.timeout + self.retries * self.longest_wait


@dataclass(frozen=True)
class Body:
    """A server's answer. `url` is the last one after redirects; `charset` is that of the header, or empty."""

    url: str
    media_type: str
    charset: str
    content: bytes


@dataclass(frozen=True)
class _Redirect:
    target: str


@dataclass(frozen=True)
class _Request:
    """How a URL is asked for, wherever its redirects lead."""

    session: Session
    headers: Mapping[str, str]
    media_types: tuple[str, ...]
    advice: Mapping[int, str] = field(default_factory=dict)  # by status


@dataclass
class Pace:
    """Keeps the requests to one host apart. The clock and the sleep can be replaced."""

    requests_per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: dict[str, float] = field(default_factory=dict)

    def wait(self, host: str) -> None:
        """Wait until the host may be asked again."""
        now = self.clock()
        due = max(now, self._next.get(host, now))
        if due > now:
            self.sleep(due - now)
        self._next[host] = due + 1.0 / self.requests_per_second

    def pause(self, host: str, seconds: Seconds) -> None:
        """Send no request to the host for so long."""
        self._next[host] = max(self._next.get(host, 0.0), self.clock() + seconds)


class Fetcher:
    """GETs documents. `endpoint` is the service's own address, which alone may be private and gets the headers with keys.

    `secrets` maps environment variables to keys that no message may repeat; `seed` draws the jitter of waiting times.
    """

    def __init__(
        self,
        user_agent: str,
        limits: Limits,
        *,
        endpoint: str | None = None,
        allow_private: bool = False,
        secrets: Mapping[str, str] | None = None,
        seed: int = 0,
    ) -> None:
        self.limits, self._seed = limits, seed
        self._secrets = {name: key for name, key in (secrets or {}).items() if len(key) >= _SECRET_CHARACTERS}
        self.pace = Pace(limits.requests_per_second)
        self._endpoint = origin(check_url(endpoint)) if endpoint else None
        trusted = self._endpoint[1:] if self._endpoint else None
        self._exchange = Exchange()
        self._to_service = _session(AddressPolicy(allow_private, trusted), self._exchange, user_agent)
        self._to_anyone = _session(AddressPolicy(allow_private), self._exchange, user_agent)

    def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        read: Callable[[Body], T],
        advice: Mapping[int, str] | None = None,
    ) -> T:
        """Return what `read` makes of the service's JSON; where it raises a transient `WebError`, the service is asked again.

        The headers go to its own origin only, also when it redirects. `advice` says what to do about a status. Raises
        `WebError`.
        """
        request = _Request(self._to_service, headers, _JSON_TYPES, advice or {})
        return self._repeated(request, url, read)

    def page(self, url: str, media_types: tuple[str, ...]) -> Body:
        """A document of one of the types, from anywhere public. Raises `WebError`."""
        return self._repeated(_Request(self._to_anyone, {}, media_types), url, lambda body: body)

    def repeats_key(self, text: str) -> bool:
        """Return whether a key stands in the text."""
        return holds(text, self._secrets.values())

    def without_keys(self, text: str) -> str:
        """Return the text with every key replaced."""
        return without_secrets(text, self._secrets)

    def close(self) -> None:
        """Close the kept connections."""
        self._to_service.close()
        self._to_anyone.close()

    def _repeated(self, request: _Request, url: str, read: Callable[[Body], T]) -> T:
        """Fetch, repeated after transient problems as often as the limits allow."""
        host = origin(check_url(url))[1]
        for attempt in range(self.limits.retries + 1):
            try:
                return read(self._follow(request, url))
            except WebError as error:
                problem = self.without_keys(str(error))  # a redirect may lead to a host or a path that repeats one
                wait = self._wait(url, attempt, error.retry_after)
                if error.transient and wait > self.limits.longest_wait:
                    raise WebError(
                        "Busy",
                        f"{problem}. It asks to wait {wait:.0f} s: run the same command again then",
                        retry_after=wait,
                    ) from error
                if not error.transient or attempt == self.limits.retries:
                    tried = f" (tried {attempt + 1} times)" if attempt else ""
                    raise WebError(error.type, f"{problem}{tried}") from error
                self.pace.pause(host, wait)
        raise AssertionError("unreachable")

    def _follow(self, request: _Request, url: str) -> Body:
        """Fetch once, wherever the redirects lead."""
        left = self.limits.timeout
        for _ in range(MAX_REDIRECTS + 1):
            place = origin(check_url(url))
            self.pace.wait(place[1])
            self._exchange.begin(left)
            outcome = self._once(request if place == self._endpoint else replace(request, headers={}), url)
            if not isinstance(outcome, _Redirect):
                return outcome
            left -= self._exchange.seconds
            url = outcome.target
        raise WebError("Refused", f"{_shown(url)}: more than {MAX_REDIRECTS} redirects")

    def _wait(self, url: str, attempt: int, asked: Seconds | None) -> Seconds:
        """Return the wait that the server asks for, or 1 s, 2 s, 4 s ... with the upper half drawn at random."""
        drawn = int.from_bytes(sha256(f"{self._seed} {url} {attempt}".encode()).digest()[:4]) / 2**32
        backoff = min(_LONGEST_BACKOFF, _FIRST_WAIT * 2.0**attempt) * (1 + drawn) / 2
        return backoff if asked is None else asked

    def _once(self, request: _Request, url: str) -> Body | _Redirect:
        try:
            with request.session.get(
                url, headers=dict(request.headers), timeout=self.limits.timeout, stream=True, allow_redirects=False
            ) as response:
                return self._read(response, url, request)
        except UnusableAnswer as error:
            raise self._problem(_TYPES.get(error.type, error.type), url, str(error)) from error
        except (RequestException, HTTPError, UnicodeError) as error:
            if self._exchange.over:
                message = f"no whole answer within {self.limits.timeout:g} s"
                raise self._problem("Timeout", url, message, transient=True) from error
            reason = clean(_root_message(error), 200)
            raise self._problem(
                "Unavailable", url, f"no connection, or broken off ({reason})", transient=True
            ) from error

    def _read(self, response: Response, url: str, request: _Request) -> Body | _Redirect:
        status = response.status_code
        if status in _REDIRECTS and (target := response.headers.get("Location")):
            return self._redirect(url, target)
        if not 200 <= status < 300:
            message = f"status {status}, expected 200; the server says: {quoted(self._start(response))}"
            if advice := request.advice.get(status):
                message += f". {advice}"
            raise self._problem(
                "Unavailable" if status in _TRANSIENT else "Rejected",
                url,
                message,
                transient=status in _TRANSIENT,
                retry_after=_retry_after(response.headers.get("Retry-After")),
            )
        media_type, charset = _content_type(response.headers.get("Content-Type", ""))
        if not any(_matches(media_type, wanted) for wanted in request.media_types):
            shown = f"{clean(media_type, 60) or 'no type'}, expected {' or '.join(request.media_types)}"
            if request.media_types == _JSON_TYPES and media_type.startswith("text/"):
                problem = page_for_json(self._start(response, _PAGE_BYTES), shown)
                raise self._problem(problem.type, url, str(problem), transient=problem.transient)
            raise self._problem("WrongType", url, shown)
        content = body_of(response, self.limits.max_bytes)
        if self.repeats_key(content.decode("utf-8", "replace")):
            raise self._problem("BadResponse", url, "the answer repeats the key, and was thrown away")
        return Body(url, media_type, charset, content)

    def _start(self, response: Response, limit: int = 16_000) -> bytes:
        """Return the first bytes of a refusal without keys, before any of it is quoted: nothing would find half a key."""
        return self.without_keys(start_of(response, limit).decode("utf-8", "replace")).encode()

    def _redirect(self, url: str, target: str) -> _Redirect:
        try:
            return _Redirect(check_url(urljoin(url, target)))
        except (WebError, ValueError) as error:
            reason = error if isinstance(error, WebError) else "no URL"
            raise self._problem("Refused", url, f"redirects to {reason}") from error

    def _problem(
        self, type_: str, url: str, message: str, *, transient: bool = False, retry_after: Seconds | None = None
    ) -> WebError:
        text = self.without_keys(f"{_shown(url)}: {message}")
        return WebError(type_, text, transient=transient, retry_after=retry_after)


def _session(policy: AddressPolicy, exchange: Exchange, user_agent: str) -> NoRedirects:
    session = NoRedirects()
    session.trust_env = False  # no passwords from ~/.netrc, and no proxy: through one, no address could be checked
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    adapter = TimedAdapter(exchange, policy.addresses)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # No compression, so that a small answer cannot unpack into a large one.
    session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "identity"})
    return session


def _content_type(header: str) -> tuple[str, str]:
    message = Message()
    message["Content-Type"] = header or "application/octet-stream"
    return message.get_content_type(), str(message.get_content_charset() or "")


def _matches(media_type: str, wanted: str) -> bool:
    prefix, star, suffix = wanted.partition("*")
    return media_type.startswith(prefix) and media_type.endswith(suffix) if star else media_type == wanted


def _retry_after(header: str | None) -> Seconds | None:
    """Seconds, or the time until a date; `None` for a header that cannot be read."""
    if header is None:
        return None
    try:
        return float(Retry(retry_after_max=10**9).parse_retry_after(header))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _shown(url: str) -> str:
    """Return the URL without its query, which holds the words searched for and may hold keys."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _root_message(error: BaseException) -> str:
    """Return the message at the bottom: requests and urllib3 wrap it several times, with addresses of objects."""
    for inner in (getattr(error, "reason", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            return _root_message(inner)
    return str(getattr(error, "strerror", None) or type(error).__name__)
