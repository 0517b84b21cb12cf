"""A small corpus for tests of repairs."""

from __future__ import annotations

from collections.abc import Sequence

from harness.mitigation.corpus import Corpus, WeightedQuery
from harness.mitigation.protocol import Repair, Repaired, Setting, build_repair, parse_mitigation
from harness.records import Ranking, Snippet, Transcript
from harness.retrieval.protocol import RETRIEVERS, Retriever, parse_retriever

SNIPPETS = (
    Snippet("medawar", "Peter Medawar studied the rejection of grafts in London.", "Peter Medawar - Plain Reference"),
    Snippet("dogs", "The mad dog bit a man who studied in London.", "Dogs"),
    Snippet("middlemarch", "Middlemarch is a novel that George Eliot wrote in 1871.", "Middlemarch | Books"),
    Snippet("march", "A march in the middle of the month of March was long.", "March"),
    Snippet("novel", "Critics say who wrote a novel may write another novel.", "Novels"),
)


def corpus(base: str = "bm25", snippets: Sequence[Snippet] = SNIPPETS) -> Corpus:
    def build(name: str) -> Retriever:
        spec = parse_retriever(name)
        return RETRIEVERS.get(spec.name).build(snippets, spec.options, None, language="en")

    return Corpus(snippets, "en", build(base), build)


def transcripts(*texts: str) -> list[Transcript]:
    return [Transcript(text) for text in texts]


def repaired(name: str, *given: str | Transcript, setting: Setting | None = None) -> list[Repaired | None]:
    """What a repair, named as on the command line, makes of transcripts at a setting: the first of its grid unless given."""
    searched = corpus()
    repair = build_repair(parse_mitigation(name), searched)
    items = [Transcript(one) if isinstance(one, str) else one for one in given]
    return list(repair.repair(items, repair.grid[0] if setting is None else setting, searched, 10))


def first(of: Repaired | None) -> str | None:
    """The best snippet of a ranking; `None` where there is none, or no ranking."""
    return of.snippet_ids[0] if isinstance(of, Ranking) and of.snippet_ids else None


def text(of: Repaired | None) -> str | None:
    """The text of a query; `None` for what is no query."""
    return of.text if isinstance(of, WeightedQuery) else None


__all__ = ["Repair", "corpus", "first", "repaired", "text", "transcripts"]
