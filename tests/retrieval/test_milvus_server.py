"""Servers at Milvus's address: hostile ones on a raw socket, and ones that speak gRPC and then fall silent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

grpc = pytest.importorskip("grpc", reason="the extra 'milvus' is not installed")
pytest.importorskip("pymilvus", reason="the extra 'milvus' is not installed")

from pymilvus.grpc_gen import common_pb2, milvus_pb2  # noqa: E402

from harness.errors import HarnessError, UsageError  # noqa: E402
from harness.records import Snippet  # noqa: E402
from harness.retrieval.milvus import MilvusRetriever  # noqa: E402
from tests.hostile import BEHAVIOURS, serving  # noqa: E402

KEY = "planted-0123456789abcdef"
TIMEOUT = 1.5
SOON = 40.0
_QUICK = ("says nothing", "closes at once", "no HTTP: another protocol", "a body without end", "reads byte by byte",
          "no HTTP but the request itself")  # fmt: skip


def built(uri: str, folder: Path) -> None:
    """Connect to a server and fill it, with keys that no message may hold."""
    snippets = [Snippet("s", "The okapi lives in the Congo.")]
    MilvusRetriever.build(snippets, {"uri": uri, "timeout": TIMEOUT}, folder, language="en").search(["okapi"], 1)


def failure(uri: str, folder: Path) -> str:
    begun = time.monotonic()
    with pytest.raises(HarnessError) as caught:
        built(uri, folder)
    assert time.monotonic() - begun < SOON
    message = str(caught.value)
    assert KEY not in message
    assert "\n" not in message
    return message


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_TOKEN", f"root:{KEY}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in _QUICK else [pytest.mark.slow]) for name in BEHAVIOURS]
)
def test_a_hostile_server_is_given_up(name: str, tmp_path: Path) -> None:
    with serving(BEHAVIOURS[name]) as server:
        message = failure(server.url, tmp_path)
    assert message.startswith(f"milvus at {server.url}: connect")
    assert "MILVUS_TOKEN" in message


@contextmanager
def milvus(silent: str) -> Iterator[str]:
    """A server that answers every call with success, and the one that is named never."""
    over = Event()
    replies = {
        "Connect": milvus_pb2.ConnectResponse(status=common_pb2.Status(), identifier=1),
        "GetVersion": milvus_pb2.GetVersionResponse(status=common_pb2.Status(), version="2.4.0"),
    }

    def answer(method: str) -> bytes:
        if method == silent:
            over.wait(SOON)
        return bytes(replies.get(method, common_pb2.Status()).SerializeToString())

    class Handler(grpc.GenericRpcHandler):  # type: ignore[misc,name-defined]
        def service(self, details: object) -> object:
            method = str(details.method).rpartition("/")[2]  # type: ignore[attr-defined]
            return grpc.unary_unary_rpc_method_handler(lambda request, context: answer(method))

    server = grpc.server(ThreadPoolExecutor(4), handlers=[Handler()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        over.set()
        server.stop(0).wait(5)


@pytest.mark.parametrize(
    ("silent", "call"),
    [("Connect", "connect"), ("GetVersion", "get_server_version"), ("DescribeCollection", "has_collection")],
)
def test_a_server_that_falls_silent_is_given_up(silent: str, call: str, tmp_path: Path) -> None:
    with milvus(silent) as uri:
        message = failure(uri, tmp_path)
    assert message.startswith(f"milvus at {uri}: ")
    assert call in message


@pytest.mark.parametrize("timeout", ["soon", 0, -1, "nan", 10_000])
def test_a_timeout_is_a_number_of_seconds(timeout: float | str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="option 'timeout'"):
        MilvusRetriever.build([Snippet("s", "okapi")], {"timeout": timeout}, tmp_path, language="en")
