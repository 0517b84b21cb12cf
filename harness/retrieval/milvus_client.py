"""A Milvus server's client, each of whose calls ends.

The package waits without end for a server that takes a call and does not answer it; its own time-out is handed on to every
call, and held from outside too, since a call may be several exchanges with repetitions and waits between them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from harness.errors import NoResponse
from harness.http.secrets import redact
from harness.records import Seconds

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_CALLS: Final = frozenset({"get_server_version", "has_collection", "upsert", "query", "search", "hybrid_search"})
_LONG_CALLS: Final = frozenset(
    {"create_collection", "load_collection", "flush"}
)  # they end when the whole index is ready
_LONGER: Final = 10  # times as long as the others
_GRACE: Seconds = 0.5  # for the package to say itself what was wrong


class BoundedClient:
    """The client of the server at `uri`. A call takes `seconds` at most; those that wait for a whole index, ten times as long.

    Raises `NoResponse` for a call that fails or takes longer: it costs the sample that was searched for, not the run.
    """

    def __init__(self, uri: str, token: str, seconds: Seconds) -> None:
        from pymilvus import MilvusClient

        self._uri, self._seconds = uri, seconds
        self._client: MilvusClient = self._bounded(
            "connect", lambda: MilvusClient(uri, token=token, timeout=seconds), seconds
        )

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if name not in _CALLS | _LONG_CALLS:
            return attribute
        seconds = self._seconds * (_LONGER if name in _LONG_CALLS else 1)

        def call(*arguments: Any, **options: Any) -> Any:
            return self._bounded(name, lambda: attribute(*arguments, **options, timeout=seconds), seconds)

        return call

    def _bounded(self, name: str, call: Callable[[], Any], seconds: Seconds) -> Any:
        from harness.http.exchange import Exchange

        exchange = Exchange()
        exchange.begin(seconds + _GRACE)
        try:
            return exchange.wait_for(call)
        except TimeoutError as error:
            problem = f"no answer to {name} in {seconds:g} s: raise the option timeout"
            raise NoResponse("Timeout", f"milvus at {self._uri}: {problem}") from error
        except Exception as error:  # the package raises a dozen kinds, some of them of gRPC
            raise NoResponse("Unavailable", f"milvus at {self._uri}: {name}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """Return the first line of what the package says, without keys."""
    return (redact(str(error)).strip().splitlines() or [type(error).__name__])[0][:300]
