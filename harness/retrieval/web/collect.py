"""Queries to snippets: each is searched for once, and the results are put in one order, without copies.

The order is that of the queries, then the rank; it does not depend on when an answer came. Two results are copies when they
have the same text (as `words.text.normalise` reads it), or the same page within one query. One page that two queries return with
two different texts gives two snippets: two passages of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from harness.errors import WebError
from harness.records import Snippet
from harness.retrieval.web.addresses import check_url
from harness.retrieval.web.blocked import page_for_json, read_results
from harness.retrieval.web.cleaning import clean, n_hidden, same_page, snippet_id
from harness.retrieval.web.fetch import Body, Fetcher
from harness.retrieval.web.journal import Answered, Journal, Result
from harness.retrieval.web.pages import Pages, best_passage
from harness.retrieval.web.protocol import Provider, SearchResult
from harness.words.text.normalise import normalise

MAX_TITLE_CHARACTERS = 300
MAX_QUERY_CHARACTERS = 1000
_FAILURES_IN_A_ROW = 3  # then the service is taken to be down


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `id` is the question's."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a snippet comes from: one line of `snippets.sources.jsonl`; a snippet of two queries has two."""

    snippet_id: str
    question_id: str
    query: str
    provider: str
    rank: int
    url: str
    collected_at: str
    from_page: bool = False


@dataclass(frozen=True)
class Collection:
    """Snippets in order, their sources, how many results were dropped by reason, and the queries without an answer.

    `stopped` is the reason why not every query was asked, if so.
    """

    snippets: tuple[Snippet, ...]
    sources: tuple[Source, ...]
    dropped: Counter[str]
    failed: Mapping[str, str]
    n_queries: int
    n_asked: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class Collector:
    """Asks `provider` for `count` results a query, in `language`; of the first `fetch_pages` of them, the pages are read as well.

    `now` returns the current time as text.
    """

    provider: Provider
    fetcher: Fetcher
    language: str
    count: int = 10
    max_characters: int = 600
    fetch_pages: int = 0
    pages: Pages | None = None
    now: Callable[[], str] = field(default=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def collect(
        self,
        queries: Sequence[Query],
        journal: Journal,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Collection:
        """Return all that is in the journal, and the rest asked for. Queries that failed before are asked again."""
        answers = journal.read()
        asked, stopped, in_a_row = 0, None, 0
        try:
            for done, query in enumerate(queries):
                progress(done, len(queries))
                before = answers.get(query.id)
                if before is not None and before.query == query.text and before.error is None:
                    continue
                answered, problem = self._ask(query)
                asked += 1
                journal.append(answered)
                answers[query.id] = answered
                in_a_row = 0 if problem is None else in_a_row + 1
                stopped = self._stopped(problem, in_a_row)
                if stopped:
                    break
        finally:
            journal.close()
        progress(len(queries), len(queries))
        return frozen(queries, answers, self.provider.name, self.language, n_asked=asked, stopped=stopped)

    def _stopped(self, problem: WebError | None, in_a_row: int) -> str | None:
        if problem is None or (problem.type != "Busy" and in_a_row < _FAILURES_IN_A_ROW):
            return None
        times = f" {in_a_row} queries failed in a row." if in_a_row >= _FAILURES_IN_A_ROW else ""
        return f"{problem}.{times} The rest was not asked: run the same command again to go on"

    def _ask(self, query: Query) -> tuple[Answered, WebError | None]:
        url = self.provider.url(" ".join(query.text.split())[:MAX_QUERY_CHARACTERS], self.count)
        try:
            results_given = self.fetcher.ask(url, self.provider.headers, self._read, self.provider.advice)
        except WebError as error:
            return Answered(query.id, query.text, self.now(), error=f"{error.type}: {error}"), error
        dropped: Counter[str] = Counter()
        results = []
        for rank, result in enumerate(_checked(results_given[: self.count], dropped), start=1):
            text, from_page = clean(result.text, self.max_characters), False
            if rank <= self.fetch_pages and (passage := self._passage(result.url, query.text, dropped)):
                text, from_page = passage, True
            if text:
                results.append(Result(rank, result.title, result.url, text, from_page))
            else:
                dropped["results without text"] += 1
        return Answered(query.id, query.text, self.now(), tuple(results), dict(sorted(dropped.items()))), None

    def _read(self, body: Body) -> list[SearchResult]:
        place = self.provider.endpoint
        try:
            answer = msgspec.json.decode(body.content.decode("utf-8", "replace"))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            problem = page_for_json(body.content, f"{place}: the answer is not JSON ({error})")
            type_ = "BadResponse" if problem.type == "WrongType" else problem.type
            raise WebError(type_, self.fetcher.without_keys(str(problem)), transient=problem.transient) from error
        try:
            results = read_results(self.provider, answer)
        except WebError as error:
            message = self.fetcher.without_keys(f"{place}: {error}")
            raise WebError(error.type, message, transient=error.transient) from error
        if self.fetcher.repeats_key("\n".join(f"{result.title}\n{result.url}\n{result.text}" for result in results)):
            raise WebError("BadResponse", f"{place}: the answer repeats the key, and was thrown away")
        return results

    def _passage(self, url: str, query: str, dropped: Counter[str]) -> str:
        if self.pages is None:
            return ""
        try:
            return best_passage(self.pages.text(url), query, self.language, self.max_characters)
        except WebError as error:
            dropped[f"pages not read ({error.type}): the service's own text stands"] += 1
            return ""


def _checked(results: Iterable[SearchResult], dropped: Counter[str]) -> Iterator[SearchResult]:
    """Results with a URL that can be followed, each page once, with clean titles."""
    seen = set()
    for result in results:
        try:
            url = check_url(result.url)
        except WebError:
            dropped["results whose URL is not a plain http(s) one"] += 1
            continue
        if (page := same_page(url)) in seen:
            dropped["results for a page that came before"] += 1
            continue
        seen.add(page)
        if hidden := n_hidden(result.title) + n_hidden(result.text):
            dropped["control characters and direction marks in texts"] += hidden
        yield SearchResult(clean(result.title, MAX_TITLE_CHARACTERS), url, result.text)


def frozen(
    queries: Sequence[Query],
    answers: Mapping[str, Answered],
    provider: str,
    language: str,
    *,
    n_asked: int = 0,
    stopped: str | None = None,
) -> Collection:
    """Return the answers in the order of the queries, copies put together."""
    snippets: dict[str, Snippet] = {}  # by text, as it is compared
    sources, dropped, failed = [], Counter[str](), {}
    for query in queries:
        answered = answers.get(query.id)
        if answered is None or answered.query != query.text or answered.error is not None:
            failed[query.id] = (answered and answered.error) or "not asked"
            continue
        dropped.update(answered.dropped)
        for result in answered.results:
            text = normalise(result.text, language) or result.text
            if text in snippets:
                dropped["results with the text of an earlier one: kept once"] += 1
            else:
                identity = snippet_id(result.url, result.text)
                snippets[text] = Snippet(identity, result.text, result.title, result.url, answered.collected_at)
            sources.append(
                Source(
                    snippets[text].id, query.id, query.text, provider,
                    result.rank, result.url, answered.collected_at, result.from_page,
                )
            )  # fmt: skip
    return Collection(tuple(snippets.values()), tuple(sources), dropped, failed, len(queries), n_asked, stopped)
