"""Asking a server over HTTP: one request at a time, repeated within bounds, and an answer of bounded size and time.

One try, from the look-up of the server's name to the last byte of its answer, ends within the time-out. With its repetitions, a
request ends within `Server.longest`: all tries, and between two of them what the server asks to wait, a minute at most.
"""

from __future__ import annotations

from hashlib import sha256
from http.client import HTTPException, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

from requests import PreparedRequest, RequestException, Response, Session
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader as RequestsInvalidHeader
from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import HTTPError, InvalidHeader

from harness.errors import NoResponse, one_line
from harness.http.disguise import holds
from harness.http.exchange import Exchange, TimedAdapter, UnusableAnswer, body_of, start_of
from harness.http.quoting import message_in
from harness.records import Seconds

MAX_ANSWER_BYTES = 1_000_000
_FIRST_WAIT: Seconds = 0.5
_LONGEST_WAIT: Seconds = 8.0
_LONGEST_RETRY_AFTER: Seconds = 60.0  # a server that asks for more is asked again after these all the same


class NoRedirects(Session):
    """A session that leaves redirects to its user: requests would read a redirect's body to its end, however long it is."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Follow no redirect."""
        return None


class Server:
    """A server that questions or recordings are sent to. Keeps its connection between requests; not for several threads.

    `timeout` is how long one try may take as a whole. An answer of more than `max_answer_bytes` is not read to its end.
    """

    def __init__(
        self, url: str, key: str | None, timeout: Seconds, retries: int, *, max_answer_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        self._url, self._key, self._timeout, self._retries = url, key, timeout, retries
        self._max_answer_bytes = max_answer_bytes
        self._exchange = Exchange()
        self._adapter = TimedAdapter(self._exchange)
        self._session = NoRedirects()
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)
        self._session.auth = _BearerKey(key)
        # With a cookie one answer could depend on the ones before it.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["Accept-Encoding"] = "identity"  # a small answer cannot unpack into a large one
        self.seconds: Seconds = (
            0.0  # from the sending of the latest request, the last of its repetitions, to its whole answer
        )

    @property
    def longest(self) -> Seconds:
        """The longest time until `ask` returns."""
        return (self._retries + 1) * self._timeout + self._retries * _LONGEST_RETRY_AFTER

    def ask(self, seed: str, **content: Any) -> bytes:
        """POST `content` (`data` and `files`, or `json`, as requests takes them) and return the body of the answer.

        Connection errors, 5xx and 429 are tried again, after the time that the server names or one that doubles, with
        jitter drawn from `seed`. A server that is too slow is not asked twice: it may be at work on the first request.
        Raises `NoResponse` of type `Unavailable` (no connection, or 5xx to the end), `RateLimited` (429 to the end),
        `Rejected` (other 4xx), `Timeout` or `BadResponse` (no HTTP, broken off, too long, compressed, a redirect).
        """
        self._adapter.max_retries = _Retry.within(self._retries, seed, self._exchange, self._timeout)
        self._exchange.begin(self._timeout)
        response = None
        try:
            with self._session.post(
                self._url,
                **content,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,  # neither the key nor the content goes to another server
            ) as response:
                fits = 200 <= response.status_code < 300
                body = body_of(response, self._max_answer_bytes) if fits else start_of(response)
                self.seconds = self._exchange.seconds
        except UnusableAnswer as error:
            status = f"status {response.status_code}, and " if response is not None else ""
            raise self._problem("BadResponse", f"{status}{error}") from error
        except (RequestException, HTTPError) as error:
            raise self._no_answer(error, begun=response is not None) from error
        self._check_status(response, body)
        if self._key and holds(body.decode("utf-8", "replace"), [self._key]):
            raise self._problem("BadResponse", "the answer repeats the API key, and was thrown away")
        return body

    def _check_status(self, response: Response, body: bytes) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        problem = f"status {status}, expected 200; the server says: {message_in(body, self._key)}"
        if status in (401, 403):
            problem += ". Check the API key in the environment"
        if status < 400:
            way = (
                ", a redirect, which is not followed: set the option url to its end"
                if status >= 300
                else ", expected 200"
            )
            raise self._problem("BadResponse", f"status {status}{way}")
        if status == 429:
            raise self._problem("RateLimited", problem + self._tried())
        if status < 500:
            raise self._problem("Rejected", problem)
        raise self._problem("Unavailable", problem + self._tried())

    def _no_answer(self, error: Exception, *, begun: bool) -> NoResponse:
        """Return what to raise for a request without a whole answer; `begun`: its status and headers have come."""
        if self._exchange.over:
            problem = "the answer was not complete after" if begun else "no answer in"
            return self._problem("Timeout", f"{problem} {self._timeout:g} s: raise the option timeout")
        if begun:
            return self._problem("BadResponse", "the answer broke off before its end")
        root = _root(error)
        if isinstance(error, InvalidHeader | RequestsInvalidHeader):
            return self._problem("BadResponse", f"the answer is no HTTP ({type(error).__name__}){self._tried()}")
        message = one_line(getattr(root, "strerror", None) or str(root) or type(root).__name__)
        if isinstance(root, HTTPException) and not isinstance(root, RemoteDisconnected):
            return self._problem("BadResponse", f"the answer is no HTTP ({type(root).__name__}){self._tried()}")
        return self._problem("Unavailable", f"no connection ({message}){self._tried()}: is the server running there?")

    def _tried(self) -> str:
        return f" (tried {self._retries + 1} times)" if self._retries else ""

    def _problem(self, type_: str, message: str) -> NoResponse:
        return NoResponse(type_, f"POST {self._url}: {message}")


class _BearerKey(AuthBase):
    """Sends the key, if there is one. Without this class requests would send what ~/.netrc has for the host."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Retry(Retry):
    """urllib3's retries, with jitter that is the same from run to run, and with bounds on what a server may ask for."""

    def __init__(self, *, seed: str, exchange: Exchange, timeout: Seconds, **settings: Any) -> None:
        super().__init__(**settings)
        self.seed, self.exchange, self.timeout = seed, exchange, timeout

    @classmethod
    def within(cls, retries: int, seed: str, exchange: Exchange, timeout: Seconds) -> Self:
        """At most `retries` repetitions of a POST; `exchange` begins anew with each, and has the time of the last of them."""
        return cls(
            seed=seed,
            exchange=exchange,
            timeout=timeout,
            total=retries,
            allowed_methods={"POST"},
            status_forcelist={429, *range(500, 600)},
            raise_on_status=False,
        )

    def new(self, **changes: Any) -> Self:
        return super().new(seed=self.seed, exchange=self.exchange, timeout=self.timeout, **changes)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        super().sleep(response)
        self.exchange.begin(self.timeout)

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        if self.exchange.over and isinstance(error := kwargs.get("error"), Exception):
            raise error
        following = super().increment(*args, **kwargs)
        if isinstance(response := kwargs.get("response"), BaseHTTPResponse):
            response.close()  # urllib3 would read it to its end, however long it is
        return following

    def get_backoff_time(self) -> float:
        """0.5 s, 1 s, 2 s ... with the upper half drawn at random."""
        attempt = len(self.history)
        drawn = int.from_bytes(sha256(f"{self.seed} {attempt}".encode()).digest()[:4]) / 2**32
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (attempt - 1)) * (1 + drawn) / 2

    def parse_retry_after(self, retry_after: str) -> float:
        """As urllib3 does, within the bound; 0 for a header that cannot be read."""
        try:
            return min(_LONGEST_RETRY_AFTER, super().parse_retry_after(retry_after))
        except (InvalidHeader, ValueError, OverflowError):
            return 0.0


def _root(error: BaseException) -> BaseException:
    """Return the error at the bottom: requests and urllib3 wrap it as a reason, an argument or a cause, several times over.

    Their own texts hold addresses of objects, which differ from run to run.
    """
    for inner in (getattr(error, "reason", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            return _root(inner)
    return error
