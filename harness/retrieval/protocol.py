"""What a retriever is, and the names of those that are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Protocol, Self, runtime_checkable

from harness.errors import UsageError
from harness.options import parse_plugin
from harness.records import OptionValue, Ranking, Snippet
from harness.registry import Registry


class Retriever(Protocol):
    """Ranks a suite's snippets for queries. `name` is the name in the registry."""

    name: str

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """A retriever over `snippets`, which are in `language`. In `index_dir`, where given, an index may be kept and reused.

        Raises `UsageError` for an option that it does not have, `IndexError_` for a kept index of something else.
        """
        ...

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """At most `k` snippets for each query, in the order of the queries. Raw and normalised text rank alike."""
        ...

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Exactly `search(variants, k)`, for variants of the query `base` that share most words with it.

        A retriever may use what they share; one that cannot returns `self.search(variants, k)`.
        """
        ...

    def identity(self) -> Mapping[str, str | float]:
        """Everything that determines the rankings: parameters, versions, digests. Equal identity, equal results."""
        ...


@runtime_checkable
class Fusing(Protocol):
    """A kind of retriever that is made of others."""

    @classmethod
    def parts(cls, options: Mapping[str, OptionValue]) -> tuple[str, ...]:
        """Return which retrievers: labels of configured ones, or names as on the command line."""
        ...

    @classmethod
    def fuse(
        cls, parts: Mapping[str, Retriever], options: Mapping[str, OptionValue], snippet_ids: Sequence[str]
    ) -> Retriever:
        """Return the retriever made of `parts`, in their order. `snippet_ids` are by ordinal."""
        ...


@runtime_checkable
class Indexing(Protocol):
    """A kind of retriever whose index can be made ahead of a run, of more snippets than fit into memory."""

    @classmethod
    def write_index(
        cls, snippets: Iterable[Snippet], options: Mapping[str, OptionValue], folder: Path, *, language: str
    ) -> None:
        """Write the index of `snippets`, which are in `language`, are read once and not kept, to `folder`."""
        ...


RETRIEVERS: Registry[type[Retriever]] = Registry(
    "retriever",
    "harness.retrievers",
    {
        "bm25": "harness.retrieval.impact_retriever:ImpactRetriever",
        "bm25s": "harness.retrieval.bm25s_package:BM25SRetriever",
        "characters": "harness.retrieval.characters:CharacterRetriever",
        "dense": "harness.retrieval.dense:DenseRetriever",
        "hybrid": "harness.retrieval.hybrid:HybridRetriever",
        "milvus": "harness.retrieval.milvus:MilvusRetriever",
        "phonetic": "harness.retrieval.phonetic:PhoneticRetriever",
        "rank-bm25": "harness.retrieval.rank_bm25:RankBM25Retriever",
    },
)


def read_options(
    retriever: str,
    options: Mapping[str, OptionValue],
    numbers: Mapping[str, float | None],
    texts: Mapping[str, str] | None = None,
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return the defaults `numbers` and `texts` with the values of `options` in their place.

    Raises `UsageError` for a name that is in neither, or a value of the other kind.
    """
    texts = texts or {}
    known = sorted([*numbers, *texts])
    for name, value in options.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise UsageError(
                f"retriever {retriever!r} has no option {name!r}.{hint} Known: {', '.join(known) or 'none'}."
            )
        if name in texts and (not isinstance(value, str) or not value):
            raise UsageError(f"retriever {retriever!r}: option {name!r} is {value!r}; a text was expected.")
        if name in numbers and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise UsageError(f"retriever {retriever!r}: option {name!r} is {value!r}; a number was expected.")
    given = {name: float(options[name]) for name in numbers if name in options}
    return {**numbers, **given}, {name: str(options.get(name, default)) for name, default in texts.items()}


def number_options(
    retriever: str, options: Mapping[str, OptionValue], defaults: Mapping[str, float]
) -> dict[str, float]:
    """`read_options` where all of them are numbers and have a default."""
    numbers, _ = read_options(retriever, options, defaults)
    return {name: value for name, value in numbers.items() if value is not None}


def check_depth(k: int) -> None:
    """Raise `UsageError` unless `k` asks for at least one snippet."""
    if k < 1:
        raise UsageError(f"k is {k}; a search returns at least 1 snippet, so k must be 1 or more.")


# ---- how one is named ------------------------------------------------------------------------------------------------

# The option that stands after the colon, as in `dense:MODEL` and `hybrid:bm25+dense`; `model` for any other retriever.
_MAIN_OPTION: Final = {"bm25": "variant", "bm25s": "method", "hybrid": "of", "milvus": "uri"}


@dataclass(frozen=True, slots=True)
class RetrieverSpec:
    """One configured retriever; `label` names it in every table."""

    name: str
    label: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)


def parse_retriever(text: str) -> RetrieverSpec:
    """Return the retriever meant by `NAME`, `NAME:VALUE` or `NAME[:VALUE],option=value,...`.

    `bm25:robertson` is `bm25,variant=robertson`, `dense:MODEL` is `dense,model=MODEL`, and `hybrid:bm25+dense` is
    `hybrid,of=bm25+dense`. `label=` sets the label; otherwise it is the name with `:VALUE`.

    Raises `UsageError` for an empty name, an option without `=`, an empty value and a repeated option.
    """
    parsed = parse_plugin("retriever", text, "bm25,k1=0.9", main_name="VALUE")
    main = {_MAIN_OPTION.get(parsed.name, "model"): parsed.main} if parsed.main else {}
    if twice := main.keys() & parsed.options.keys():
        raise UsageError(f"retriever {text!r}: the option {min(twice)!r} is given twice: keep one")
    options: dict[str, OptionValue] = {**main, **parsed.values(texts=frozenset({"label"}))}
    label = options.pop("label", None)
    return RetrieverSpec(parsed.name, str(label or default_label(parsed.name, options)), options)


def default_label(name: str, options: Mapping[str, OptionValue]) -> str:
    """Return what a retriever is called unless a label is given: `hybrid:bm25+dense`, `dense:model` (the last part of a path)."""
    main = str(options.get(_MAIN_OPTION.get(name, "model"), ""))
    if name == "milvus" or not main:  # an address is no name
        return name
    shown = main.replace(" ", "").replace(",", "+") if name == "hybrid" else main.rstrip("/").rpartition("/")[2]
    return f"{name}:{shown}"
