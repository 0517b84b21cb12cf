"""What every retriever promises, and a public figure: 1,190 spoken questions over 240 paragraphs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.analysis.ranking_metrics import hit_at
from harness.errors import IndexError_, UnknownName, UsageError
from harness.records import OptionValue, Snippet
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.protocol import RETRIEVERS, Retriever

SNIPPETS = [
    Snippet(id="medawar", title="Peter Medawar", text="He studied graft rejection."),
    Snippet(id="dog", title="Dog training", text="The mad dog did what every dog does."),
    Snippet(id="seine", title="Paris", text="The Seine flows through Paris."),
    Snippet(id="empty", text=""),
]
builtin = pytest.mark.parametrize("name", ["bm25", "bm25s", "rank-bm25"])


def build(name: str, index_dir: Path | None = None, **options: OptionValue) -> Retriever:
    return RETRIEVERS.get(name).build(SNIPPETS, options, index_dir, language="en")


def test_the_known_names() -> None:
    assert {"bm25", "bm25s", "characters", "dense", "hybrid", "milvus", "phonetic", "rank-bm25"} <= set(RETRIEVERS)
    with pytest.raises(UnknownName, match="Did you mean 'bm25'"):
        RETRIEVERS.get("bm52")


@builtin
def test_raw_and_normalised_queries_rank_alike(name: str) -> None:
    retriever = build(name)
    raw, normalised = retriever.search(["What did Peter Medawar study?", "what did peter medawar study"], 3)
    assert raw == normalised
    assert raw.snippet_ids == ("medawar", "dog")
    assert len(raw.scores) == 2
    assert retriever.name == name


@builtin
def test_a_query_without_a_known_word_finds_nothing(name: str) -> None:
    assert [ranking.snippet_ids for ranking in build(name).search(["", "???", "zyzzyva"], 3)] == [(), (), ()]


@builtin
@pytest.mark.parametrize("snippets", [[], [Snippet(id="empty", text="")]])
def test_a_suite_without_a_word_finds_nothing(name: str, snippets: list[Snippet]) -> None:
    retriever = RETRIEVERS.get(name).build(snippets, {}, None, language="en")
    assert [ranking.snippet_ids for ranking in retriever.search(["Medawar"], 3)] == [()]


@builtin
def test_identity_tells_parameters_and_snippets_apart(name: str) -> None:
    others = [
        build(name, k1=0.9).identity(),
        RETRIEVERS.get(name).build(SNIPPETS[1:], {}, None, language="en").identity(),
    ]
    assert build(name).identity() == build(name, k1=build(name).identity()["k1"]).identity()
    assert build(name).identity() not in others
    json.dumps(build(name).identity())


@builtin
@pytest.mark.parametrize(("options", "message"), [({"k2": 1}, "no option 'k2'"), ({"b": "high"}, "a number"), ({"b": True}, "a number")])  # fmt: skip
def test_options_that_do_not_exist_are_refused(name: str, options: dict[str, OptionValue], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(name, **options)


@builtin
def test_no_depth_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="k is 0"):
        build(name).search(["medawar"], 0)


def test_an_index_is_kept_and_reused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build("bm25", tmp_path / "index")
    monkeypatch.setattr(ImpactIndex, "build", None)  # a second build would fail
    second = build("bm25", tmp_path / "index")
    asked = ["medawar", "the dog"]
    assert first.search(asked, 3) == second.search(asked, 3)
    assert first.identity() == second.identity()
    with pytest.raises(IndexError_, match=r"built with .*1\.2.*expected .*0\.9"):
        build("bm25", tmp_path / "index", k1=0.9)
    with pytest.raises(IndexError_, match="built from other snippets"):
        ImpactRetriever.build(SNIPPETS[1:], {}, tmp_path / "index", language="en")


def squad(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Paragraph id -> text, and question id -> (text, paragraph id), of a SQuAD file."""
    paragraphs, questions = {}, {}
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            paragraph_id = f"p{len(paragraphs)}"
            paragraphs[paragraph_id] = paragraph["context"]
            questions.update({entry["id"]: (entry["question"], paragraph_id) for entry in paragraph["qas"]})
    return paragraphs, questions


@pytest.mark.parametrize(
    ("file", "expected"), [("xquad-context-en-question-en.json", 0.918), ("xquad-asr-natural.json", 0.776)]
)
def test_spoken_questions_lose_what_they_are_known_to_lose(outside_data: Path, file: str, expected: float) -> None:
    """noiseQA: the reference texts, and a recogniser's hypotheses. The figures are for [a-z0-9']+ tokens."""
    paragraphs, questions = squad(outside_data / "noiseqa" / file)
    assert (len(paragraphs), len(questions)) == (240, 1190)
    retriever = ImpactRetriever.build(
        [Snippet(id=key, text=text) for key, text in paragraphs.items()], {}, None, language="en"
    )
    rankings = retriever.search([text for text, _ in questions.values()], 1)
    hits = [
        hit_at(ranking.snippet_ids, {gold}, 1) for ranking, (_, gold) in zip(rankings, questions.values(), strict=True)
    ]
    assert sum(hits) / len(hits) == pytest.approx(expected, abs=0.015)
