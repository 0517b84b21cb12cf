"""Two processes at Milvus Lite at once: each has a file of its own, or waits for the one that was named."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from harness.errors import HarnessError, NoResponse, Notice
from harness.retrieval import lite_files
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.milvus import MilvusRetriever
from tests.retrieval.texts import snippets_of

TEXTS = ["peter medawar studied grafts", "okapis live in the congo", "the ljubljanica flows through ljubljana"]
BUILD = (
    "from harness.retrieval.milvus import MilvusRetriever\nfrom tests.retrieval.texts import snippets_of\n"
    f"held = MilvusRetriever.build(snippets_of({TEXTS!r}), {{'uri': sys.argv[2]}}, Path(sys.argv[1]), language='en')\n"
)
RAW = "from milvus_lite.db import MilvusLite\nheld = MilvusLite(sys.argv[2])\n"  # a program that is not the harness


@contextmanager
def holding(folder: Path, uri: str = "", code: str = BUILD) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open until it is killed or its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{code}print('open', flush=True)\nsys.stdin.read()\n", str(folder), uri],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.kill()
        process.wait(timeout=60)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def build(folder: Path, uri: str = "") -> MilvusRetriever:
    return MilvusRetriever.build(snippets_of(TEXTS), {"uri": uri} if uri else {}, folder, language="en")


def file_of(folder: Path, uri: str = "") -> str:
    """The file that is used, after a search that finds what the impact index finds."""
    retriever = build(folder, uri)
    try:
        expected = ImpactRetriever.build(snippets_of(TEXTS), {}, None, language="en")
        assert retriever.search(["okapis", "grafts"], 2) == expected.search(["okapis", "grafts"], 2)
        assert retriever.collection.lite is not None
        return retriever.collection.lite.name
    finally:
        retriever.close()


def test_a_second_process_takes_the_next_file_and_a_killed_one_leaves_the_first_free(tmp_path: Path) -> None:
    with holding(tmp_path) as process:
        assert file_of(tmp_path) == "milvus-2.db"
        process.kill()
        process.wait()
        assert file_of(tmp_path) == "milvus.db"


def test_two_collections_of_one_process_share_a_file(tmp_path: Path) -> None:
    first, second = build(tmp_path), build(tmp_path)
    assert first.collection.lite == second.collection.lite
    first.close()
    assert len(second.search(["okapis"], 1)[0].snippet_ids) == 1
    second.close()
    assert file_of(tmp_path) == "milvus.db"


def test_a_named_file_is_waited_for_and_said_to_be(tmp_path: Path) -> None:
    uri = str(tmp_path / "named.db")
    with holding(tmp_path / "other", uri) as process:
        assert process.stdin is not None
        threading.Timer(1.0, process.stdin.close).start()
        with pytest.warns(Notice, match=r"another process has .*named\.db open.*waiting up to 60 s"):
            assert file_of(tmp_path / "own", uri) == "named.db"


@pytest.mark.parametrize("code", [BUILD, RAW])
def test_waiting_ends_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(lite_files, "PATIENCE", 0.5)
    uri = str(tmp_path / "named.db")
    with holding(tmp_path / "other", uri, code):
        begun = time.monotonic()
        with (
            pytest.warns(Notice, match="waiting"),
            pytest.raises(HarnessError, match=r"named\.db: .*name another file"),
        ):
            build(tmp_path / "own", uri)
        assert time.monotonic() - begun < 60


def test_a_damaged_database_is_one_message_without_a_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "named.db").write_text("no database")
    with pytest.raises(HarnessError, match=r"milvus at .*named\.db: .*made again where it is deleted"):
        build(tmp_path / "own", str(tmp_path / "named.db"))
    assert capfd.readouterr().err == ""


def test_a_database_that_stops_answering_is_one_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    retriever = build(tmp_path)
    try:
        retriever.collection.client.drop_collection(retriever.collection.name)
        with pytest.raises(NoResponse, match=r"milvus at .*milvus\.db: "):
            retriever.search(["okapis"], 1)
        assert capfd.readouterr().err == ""
    finally:
        retriever.close()
