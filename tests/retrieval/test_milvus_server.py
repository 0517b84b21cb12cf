"""Servers at Milvus's address: hostile ones on a raw socket, and ones that speak gRPC and then fall silent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

grpc = pytest.importorskip("grpc", reason="the extra 'milvus' is not installed")
pytest.importorskip("pymilvus", reason="the extra 'milvus' is not installed")

from pymilvus.grpc_gen import common_pb2, milvus_pb2  # noqa: E402

import harness  # noqa: E402
from harness.errors import HarnessError, UsageError  # noqa: E402
from harness.records import Failure, Snippet  # noqa: E402
from harness.retrieval.milvus import Collection, MilvusRetriever  # noqa: E402
from harness.retrieval.milvus_client import BoundedClient  # noqa: E402
from harness.runs.storage.store import RunStore  # noqa: E402
from tests.conftest import WriteSuite  # noqa: E402
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


def test_a_search_that_is_not_answered_costs_one_sample(
    write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("milvus_lite", reason="the extra 'milvus' is not installed")
    from pymilvus import MilvusClient

    search, released, calls = MilvusClient.search, Event(), []

    def late(self: MilvusClient, *arguments: object, timeout: float | None = None, **options: object) -> object:
        calls.append(options)
        if len(calls) == 3:  # the reference of the first question, its first recording, and now the second
            released.wait(SOON)
        return search(self, *arguments, **options)

    connect = Collection.connect.__func__  # type: ignore[attr-defined]

    def bounded(cls: type[Collection], *arguments: object) -> Collection:
        """Milvus Lite, asked as a server is."""
        collection = connect(cls, *arguments)
        client = BoundedClient.__new__(BoundedClient)
        client._uri, client._seconds, client._client = "http://lite", TIMEOUT, collection.client
        return replace(collection, client=client)

    monkeypatch.setattr(MilvusClient, "search", late)
    monkeypatch.setattr(Collection, "connect", classmethod(bounded))
    suite = write_suite()
    try:
        first = harness.run(suite, backends=["replay:vendor"], retrievers=["milvus"], out=tmp_path / "run", jobs=1)
    finally:
        released.set()
    assert (first.exit_status, first.errors, first.record.status) == (3, 1, "partial")
    samples = RunStore(first.folder).read_samples(["replay:vendor"]).values()
    (failed,) = [sample for sample in samples if sample.error is not None]
    assert failed.error == Failure(
        "score", "Timeout", f"milvus at http://lite: no answer to search in {TIMEOUT:g} s: raise the option timeout"
    )
    again = harness.run(suite, backends=["replay:vendor"], retrievers=["milvus"], out=tmp_path / "run", jobs=1)
    assert (again.exit_status, again.errors) == (0, 0)


@pytest.mark.parametrize("timeout", ["soon", 0, -1, "nan", 10_000])
def test_a_timeout_is_a_number_of_seconds(timeout: float | str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="option 'timeout'"):
        MilvusRetriever.build([Snippet("s", "okapi")], {"timeout": timeout}, tmp_path, language="en")
