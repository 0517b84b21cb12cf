"""How a retriever is named, which options it takes, and how those of a run share their parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SpecError, UnknownName, UsageError
from harness.retrieval.building import build_retrievers
from harness.retrieval.hybrid import HybridRetriever
from harness.retrieval.protocol import RETRIEVERS, RetrieverSpec, default_label, parse_retriever, read_options
from tests.retrieval.test_retrievers import SNIPPETS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bm25", RetrieverSpec("bm25", "bm25")),
        ("bm25:robertson", RetrieverSpec("bm25", "bm25:robertson", {"variant": "robertson"})),
        ("bm25,k1=0.9,b=0,label=flat", RetrieverSpec("bm25", "flat", {"k1": 0.9, "b": 0})),
        ("dense:models/e5-small,query_prefix=query: ", RetrieverSpec("dense", "dense:e5-small", {"model": "models/e5-small", "query_prefix": "query:"})),
        ("hybrid:bm25+dense,method=rrf", RetrieverSpec("hybrid", "hybrid:bm25+dense", {"of": "bm25+dense", "method": "rrf"})),
        ("milvus:http://host:19530", RetrieverSpec("milvus", "milvus", {"uri": "http://host:19530"})),
    ],
)  # fmt: skip
def test_a_retriever_is_named_on_one_line(text: str, expected: RetrieverSpec) -> None:
    assert parse_retriever(text) == expected


@pytest.mark.parametrize("text", ["", ":x", "bm25:", "bm25,k1", "bm25,k1=", "bm25,k1=1,k1=2"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"expected|keep one"):
        parse_retriever(text)


def test_a_table_gives_the_label_that_the_line_gives() -> None:
    assert default_label("hybrid", {"of": "bm25, dense"}) == parse_retriever("hybrid:bm25+dense").label


def test_options_are_checked_by_name_and_kind() -> None:
    assert read_options("x", {"k": 2, "how": "fast"}, {"k": 1.0, "b": None}, {"how": "slow"}) == (
        {"k": 2.0, "b": None},
        {"how": "fast"},
    )
    with pytest.raises(UsageError, match=r"no option 'hov'\. Did you mean 'how'"):
        read_options("x", {"hov": "fast"}, {"k": 1.0}, {"how": "slow"})
    with pytest.raises(UsageError, match="a number was expected"):
        read_options("x", {"k": "two"}, {"k": 1.0})
    with pytest.raises(UsageError, match="a text was expected"):
        read_options("x", {"how": 2}, {}, {"how": "slow"})


def test_a_hybrid_shares_its_parts_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    bm25 = RETRIEVERS.get("bm25")
    build = bm25.build
    monkeypatch.setattr(bm25, "build", lambda *given, **named: built.append(str(given[1])) or build(*given, **named))
    specs = [
        parse_retriever(text)
        for text in ("hybrid:flat+rank-bm25", "bm25,b=0,label=flat", "hybrid:rank-bm25+flat,k=1,label=h")
    ]
    retrievers = build_retrievers(specs, SNIPPETS, tmp_path, language="en")
    assert list(retrievers) == ["hybrid:flat+rank-bm25", "flat", "h"]
    assert built == ["{'b': 0}"]
    for hybrid in (retrievers["hybrid:flat+rank-bm25"], retrievers["h"]):
        assert isinstance(hybrid, HybridRetriever)
        assert hybrid._parts["flat"] is retrievers["flat"]


def test_a_retriever_cannot_be_made_of_itself(tmp_path: Path) -> None:
    specs = [parse_retriever("hybrid:bm25+b,label=a"), parse_retriever("hybrid:bm25+a,label=b")]
    with pytest.raises(SpecError, match="a -> b -> a"):
        build_retrievers(specs, SNIPPETS, tmp_path, language="en")


def test_a_part_that_nobody_knows_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'dense'"):
        build_retrievers([parse_retriever("hybrid:bm25+dence")], SNIPPETS, tmp_path, language="en")
