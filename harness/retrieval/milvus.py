"""Search in Milvus: the impact index's own integers as sparse vectors, and embeddings beside them.

    milvus                                      Milvus Lite, in this process, in a file of the index folder
    milvus:http://host:19530                    a server or a cluster; or the environment's MILVUS_URI
    milvus,search=dense    milvus,search=hybrid

A score is the inner product of impacts and word counts. As it stays below 2**24 it is exact in float32, so Milvus gives the
scores of the impact index; equal scores, which Milvus leaves in any order, are put in that of the snippets. The index folder
keeps the vocabulary and the impacts; they are sent in batches, and a build that was cut short goes on where it stopped.

A key for the server is taken from MILVUS_TOKEN and is written nowhere.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from harness.errors import HarnessError, MissingDependency, NoResponse, UsageError, one_line
from harness.http.secrets import remember
from harness.records import OptionValue, Ranking, Seconds, Snippet
from harness.retrieval.bm25 import FIXED_POINT_BITS
from harness.retrieval.dense import DenseRetriever, EmbeddingIndex
from harness.retrieval.impact_index import SCALE, ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.index_files import MANIFEST
from harness.retrieval.lite_files import own_file, quiet, reasons
from harness.retrieval.milvus_client import BoundedClient, first_line
from harness.retrieval.protocol import check_depth
from harness.retrieval.source import source_digest
from harness.words.encoder import DEFAULT_MODEL, Encoder

if TYPE_CHECKING:
    from filelock import FileLock
    from pymilvus import MilvusClient

DEFAULT_TIMEOUT: Seconds = 60.0
_OWN_OPTIONS: Final = {"uri": "", "search": "sparse", "model": DEFAULT_MODEL, "timeout": f"{DEFAULT_TIMEOUT:g}"}
_SEARCHES: Final = ("sparse", "dense", "hybrid")
_BATCH: Final = 1000  # rows sent at once
_QUERIES: Final = 64  # asked at once
_SPARE: Final = 32  # ranks beyond k that are asked for, to see where equal scores end
_MOST: Final = 16_384  # ranks that Milvus gives at once
_EXACT: Final = 2**24  # whole numbers below this are exact in float32
_COSINE: Final = 10**6  # cosines are compared at six decimals, as by the retriever `dense`
_RRF_K, _DEPTH = 60, 100  # of the hybrid search
_STRONG: Final = "Strong"  # reads see all earlier writes


class MilvusRetriever:
    """Options: `uri`, `search` (sparse, dense or hybrid), `model` for the latter two, and those of `bm25`.

    A server's answer to one call takes `timeout` seconds at most, 60 unless set.
    """

    name = "milvus"

    def __init__(self, index: ImpactIndex, collection: Collection, search: str, encoder: Encoder | None = None) -> None:
        self.index, self.collection, self._search, self._encoder = index, collection, search, encoder

    @classmethod
    def build(
        cls, snippets: Sequence[Snippet], options: Mapping[str, OptionValue], index_dir: Path | None, *, language: str
    ) -> Self:
        """Fill a collection with the snippets, go on filling it, or reuse a complete one.

        Raises `UsageError` without an `index_dir`, and for invalid options; `MissingDependency` without pymilvus.
        """
        own, others = _split(options)
        if index_dir is None:
            raise UsageError("retriever 'milvus' keeps its vocabulary in an index folder; give it one.")
        index = ImpactRetriever.build(snippets, others, index_dir, language=language).index
        encoder = embeddings = None
        if own["search"] != "sparse":
            dense = DenseRetriever.build(snippets, {"model": own["model"]}, index_dir / "embeddings", language=language)
            encoder, embeddings = dense.encoder_in_use, dense.index
        collection = Collection.connect(own["uri"], index_dir, _name(index, encoder), _timeout(own))
        with collection.answering():
            collection.fill(index, embeddings)
        return cls(index, collection, own["search"], encoder)

    @classmethod
    def write_index(
        cls, snippets: Iterable[Snippet], options: Mapping[str, OptionValue], folder: Path, *, language: str
    ) -> None:
        """Write the impacts of `snippets` to `folder`, and from there into Milvus; the same call resumes if cut short."""
        own, others = _split(options)
        if own["search"] != "sparse":
            raise UsageError(
                f"search={own['search']} is filled by a run; ahead of it, only search=sparse can be built."
            )
        analyser = ImpactRetriever.analyser(language, others)
        if (folder / MANIFEST).exists():
            ImpactIndex.open(folder, analyser).require(source_digest(snippets))
        else:
            ImpactRetriever.write_index(snippets, others, folder, language=language)
        index = ImpactIndex.open(folder, analyser)
        collection = Collection.connect(own["uri"], folder, _name(index, None), _timeout(own))
        with collection.answering():
            collection.fill(index, None)
        collection.close()

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return the best `k` snippets of each query; none for a query without a word that is known (dense: without a word)."""
        check_depth(k)
        with self.collection.answering():
            return [
                ranking
                for at in range(0, len(queries), _QUERIES)
                for ranking in self._rankings(
                    [self.index.analyser.terms(query) for query in queries[at : at + _QUERIES]], k
                )
            ]

    def search_variants(self, base: str, variants: Sequence[str], k: int) -> list[Ranking]:
        """Return the same as `search`; distinct texts are asked once."""
        distinct = list(dict.fromkeys(variants))
        by_text = dict(zip(distinct, self.search(distinct, k), strict=True))
        return [by_text[variant] for variant in variants]

    def identity(self) -> Mapping[str, str | float]:
        """Return what was indexed and how, and Milvus's version; not where it is."""
        own: dict[str, str | float] = {**ImpactRetriever(self.index).identity(), "retriever": self.name}
        own |= {"search": self._search, "milvus": self.collection.version}
        return own | ({f"encoder.{k}": v for k, v in self._encoder.identity.items()} if self._encoder else {})

    def close(self) -> None:
        """End the connection, and Milvus Lite where it runs in this process."""
        self.collection.close()

    # ---- searching -------------------------------------------------------------------------------------------------

    def _rankings(self, queries: Sequence[list[str]], k: int) -> list[Ranking]:
        sparse = [self._counts(tokens) for tokens in queries]
        if self._search == "sparse":
            results = self.collection.best("impacts", sparse, k, round)
            return [
                self._ranking(hits, (self.index.floor(tokens), SCALE))
                for tokens, hits in zip(queries, results, strict=True)
            ]
        if self._encoder is None:
            raise UsageError("milvus: no model was loaded to search embeddings with.")
        asked = [" ".join(tokens) for tokens in queries]
        rows = iter(self._encoder.queries([text for text in asked if text]).tolist() if any(asked) else [])
        dense: list[Any] = [next(rows) if text else None for text in asked]
        if self._search == "dense":
            results = self.collection.best("embedding", dense, k, lambda score: round(score * _COSINE))
            return [self._ranking(hits, (0, _COSINE)) for hits in results]
        return [self._ranking(self.collection.fused(*pair, k), (0, 10**9)) for pair in zip(sparse, dense, strict=True)]

    def _counts(self, tokens: Sequence[str]) -> dict[int, float]:
        """A query as a sparse vector: term to count. Raises `UsageError` for one whose scores might not be exact."""
        terms = self.index.query_terms(tokens)
        if sum(term.bound for term in terms) >= _EXACT:
            raise UsageError(
                f"a query of {len(tokens)} words is too long: its scores may reach 2**24, past exact float32."
            )
        return {term.term: float(term.times) for term in terms}

    def _ranking(self, hits: Sequence[tuple[int, int]], scale: tuple[int, float]) -> Ranking:
        floor, unit = scale
        ids = tuple(self.index.snippet_ids[ordinal] for ordinal, _ in hits)
        return Ranking(ids, tuple((score + floor) / unit for _, score in hits))


@dataclass
class Collection:
    """One collection of Milvus: a row for each snippet, by ordinal."""

    client: MilvusClient | BoundedClient
    name: str
    version: str
    lite: Path | None  # the file of Milvus Lite, where it runs in this process
    lock: FileLock | None = None  # held while the file is open

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn what Milvus Lite raises into a `NoResponse` that names the file, as a server's client does by itself."""
        try:
            yield
        except HarnessError:
            raise
        except Exception as error:  # the package raises a dozen kinds, some of them of gRPC
            raise NoResponse("Unavailable", f"milvus at {self.lite}: {first_line(error)}") from error

    @classmethod
    def connect(cls, uri: str, folder: Path, name: str, timeout: Seconds = DEFAULT_TIMEOUT) -> Self:
        """Connect to the server at `uri`, or at MILVUS_URI, or else to Milvus Lite in `folder`; `timeout` is a server's."""
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC reads it when it is first loaded
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise MissingDependency(
                "retriever 'milvus'", "pymilvus", "pip install 'spoken-qa-harness[milvus]'"
            ) from error
        address = uri or os.environ.get("MILVUS_URI", "")
        if "://" in address and ("@" in urlsplit(address).netloc or urlsplit(address).query):
            raise UsageError(
                "the uri of 'milvus' holds a name, a password or a query: put USER:PASSWORD or the key into MILVUS_TOKEN instead."
            )
        quiet()
        lite, lock = (None, None) if "://" in address else own_file(address, folder)
        why: list[str] = []
        client: MilvusClient | BoundedClient
        try:
            key = os.environ.get("MILVUS_TOKEN", "")
            remember("MILVUS_TOKEN", key.partition(":")[2])
            with reasons() as why:
                client = MilvusClient(str(lite)) if lite else BoundedClient(address, key, timeout)
            version = client.get_server_version()
        except HarnessError as error:
            raise HarnessError(f"{error}. Is it running, and is the key in MILVUS_TOKEN?") from error
        except Exception as error:  # the package raises a dozen kinds, some of them of gRPC
            if lock is not None:
                lock.release()
            reason = one_line(why[0]) if why else first_line(error)
            raise HarnessError(
                f"milvus at {lite}: {reason}. Is the disk full, or the file damaged? It is made again where it is deleted."
            ) from error
        return cls(client, name, f"{'lite ' if lite else ''}{version}", lite, lock)

    def close(self) -> None:
        """End the connection."""
        self.client.close()
        if self.lite is None or self.lock is None:
            return
        if self.lock.lock_counter == 1:  # no other collection of this process is in the file
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(str(self.lite))
        self.lock.release()

    # ---- filling

    def fill(self, index: ImpactIndex, embeddings: EmbeddingIndex | None) -> None:
        """Send the rows that are not there yet; sending a row twice changes nothing."""
        if not self.client.has_collection(self.name):
            self._create(embeddings)
        self.client.load_collection(self.name)  # Milvus Lite opens a file with nothing loaded
        there = self.n_rows()
        if there == index.n_snippets:
            return
        columns = _by_snippet(index)
        for start in range(there - there % _BATCH, index.n_snippets, _BATCH):
            stop = min(start + _BATCH, index.n_snippets)
            rows = _rows(columns, range(start, stop))
            if embeddings is not None:
                for row, vector in zip(rows, embeddings.embeddings[start:stop].tolist(), strict=True):
                    row["embedding"] = vector
            self.client.upsert(self.name, rows)
        self.client.flush(self.name)

    def n_rows(self) -> int:
        """Return how many rows are there."""
        counted = self.client.query(self.name, filter="", output_fields=["count(*)"], consistency_level=_STRONG)
        return int(counted[0]["count(*)"])

    def _create(self, embeddings: EmbeddingIndex | None) -> None:
        from pymilvus import DataType

        if self.lite is not None:  # a killed process leaves a folder that Milvus Lite neither knows nor replaces
            shutil.rmtree(self.lite / "collections" / self.name, ignore_errors=True)
        schema = self.client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("ordinal", DataType.INT64, is_primary=True)
        schema.add_field("impacts", DataType.SPARSE_FLOAT_VECTOR)
        indexes = self.client.prepare_index_params()
        indexes.add_index("impacts", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        if embeddings is not None:
            schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=embeddings.embeddings.shape[1])
            indexes.add_index("embedding", index_type="FLAT", metric_type="IP")
        self.client.create_collection(self.name, schema=schema, index_params=indexes, consistency_level=_STRONG)

    # ---- asking

    def best(
        self, field: str, queries: Sequence[Any], k: int, exact: Callable[[float], int]
    ) -> list[list[tuple[int, int]]]:
        """Ordinals and scores of the best `k` rows of each query vector: score descending, then ordinal ascending.

        An empty query finds nothing. `exact` makes a whole number of a score; those are what is compared.
        """
        asked = [query for query in queries if query]
        answered = iter(self._ask(field, asked, k + _SPARE, exact) if asked else [])
        return [self._settled(field, query, k, exact, next(answered)) if query else [] for query in queries]

    def _settled(
        self, field: str, query: Any, k: int, exact: Callable[[float], int], hits: list[tuple[int, int]]
    ) -> list[tuple[int, int]]:
        """Return the best `k`, asking for more while a row that was not given could have the k-th score, too."""
        limit = k + _SPARE
        while len(hits) >= limit and hits[k - 1][1] == hits[-1][1]:
            if limit == _MOST:
                return self._by_halves(field, query, k, exact)
            limit = min(16 * limit, _MOST)
            (hits,) = self._ask(field, [query], limit, exact)
        return sorted(hits, key=_total_order)[:k]

    def _by_halves(
        self, field: str, query: Any, k: int, exact: Callable[[float], int], span: range | None = None
    ) -> list[tuple[int, int]]:
        """Return the best `k` of more rows of equal score than Milvus gives: of each half of the ordinals, then of both."""
        span = span or range(self.n_rows())
        if len(span) > _MOST:
            halves = span[: len(span) // 2], span[len(span) // 2 :]
            hits = [hit for half in halves for hit in self._by_halves(field, query, k, exact, half)]
        else:
            within = f"ordinal >= {span.start} and ordinal < {span.stop}"
            (hits,) = self._ask(field, [query], len(span), exact, within)
        return sorted(hits, key=_total_order)[:k]

    def _ask(
        self, field: str, queries: Sequence[Any], limit: int, exact: Callable[[float], int], within: str = ""
    ) -> list[list[tuple[int, int]]]:
        answers = self.client.search(
            self.name, data=list(queries), anns_field=field, limit=limit, filter=within, search_params=_params(field),
            consistency_level=_STRONG,
        )  # fmt: skip
        return [[(int(hit["ordinal"]), exact(hit["distance"])) for hit in hits] for hits in answers]

    def fused(self, sparse: dict[int, float], dense: list[float] | None, k: int) -> list[tuple[int, int]]:
        """Milvus's own reciprocal-rank fusion of both searches (k = 60, 100 deep), scores in 10**-9."""
        from pymilvus import AnnSearchRequest, RRFRanker

        pairs = [(field, query) for field, query in (("impacts", sparse), ("embedding", dense)) if query]
        if not pairs:
            return []
        depth = max(k, _DEPTH)
        requests = [AnnSearchRequest([query], field, _params(field), depth) for field, query in pairs]
        (hits,) = self.client.hybrid_search(
            self.name, requests, RRFRanker(_RRF_K), limit=2 * depth, consistency_level=_STRONG
        )
        hits_in_units = [(int(hit["ordinal"]), round(hit["distance"] * 10**9)) for hit in hits]
        return sorted(hits_in_units, key=_total_order)[:k]


def _total_order(hit: tuple[int, int]) -> tuple[int, int]:
    return -hit[1], hit[0]


def _params(field: str) -> dict[str, Any]:
    """Search parameters that drop no word of a query."""
    return {"metric_type": "IP", "params": {"drop_ratio_search": 0.0} if field == "impacts" else {}}


def _rows(columns: Any, ordinals: range) -> list[dict[str, Any]]:
    """Snippets as rows. One without a word gets a term that no query has, since a vector may not be empty."""
    nothing = {columns.shape[1]: 1.0}
    rows = []
    for ordinal in ordinals:
        span = slice(columns.indptr[ordinal], columns.indptr[ordinal + 1])
        pairs = zip(columns.indices[span].tolist(), columns.data[span].tolist(), strict=True)
        rows.append({"ordinal": ordinal, "impacts": {term: float(impact) for term, impact in pairs} or nothing})
    return rows


def _by_snippet(index: ImpactIndex) -> Any:
    """Return the impacts by snippet: a sparse matrix (n_snippets, n_terms)."""
    from scipy.sparse import csc_array

    shape = index.n_snippets, len(index.vocabulary)
    return csc_array((index.impacts, index.ordinals, index.indptr), shape=shape).tocsr()


def _split(options: Mapping[str, OptionValue]) -> tuple[dict[str, str], dict[str, OptionValue]]:
    """Return the options of this retriever, and those of the impact index."""
    own = {name: str(options.get(name, default)) for name, default in _OWN_OPTIONS.items()}
    if own["search"] not in _SEARCHES:
        raise UsageError(f"retriever 'milvus': option 'search' is {own['search']!r}. Known: {', '.join(_SEARCHES)}.")
    return own, {name: value for name, value in options.items() if name not in _OWN_OPTIONS}


def _timeout(own: Mapping[str, str]) -> Seconds:
    """Return the option `timeout`. Raises `UsageError` for what is no number of seconds."""
    try:
        seconds = float(own["timeout"])
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise UsageError(f"retriever 'milvus': option 'timeout' is {own['timeout']!r}: expected seconds, at most 3600.")
    return seconds


def _name(index: ImpactIndex, encoder: Encoder | None) -> str:
    """A collection's name: the digest of what is in it."""
    made_of = [
        str(index.weighting),
        FIXED_POINT_BITS,
        index.analyser.name,
        index.analyser.language,
        index.source_digest,
    ]
    made_of += sorted(f"{key}={value}" for key, value in encoder.identity.items()) if encoder else []
    return f"harness_{sha256(repr(made_of).encode()).hexdigest()[:24]}"
