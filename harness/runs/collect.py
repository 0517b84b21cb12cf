"""A suite with snippets from the web: its questions searched for, the results frozen into a copy of its folder.

What is relevant is judged as open-domain QA does (distant supervision): of the results found for a question, those whose text
holds one of its accepted answers. A question whose answer nothing holds keeps an empty list: it is never answered. One that
could not be searched for has no list: nothing is known of it.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from harness import __version__
from harness.answering.scoring import has_answer
from harness.errors import InputError, UsageError, WebError
from harness.files import building, write_report, writing
from harness.records import Question, Seconds, Suite
from harness.retrieval.web.collect import Collection, Collector, Query
from harness.retrieval.web.fetch import Fetcher, Limits
from harness.retrieval.web.journal import Journal
from harness.retrieval.web.pages import Pages
from harness.retrieval.web.protocol import Provider
from harness.retrieval.web.providers import MAX_RESULTS, make_provider
from harness.suites.importers.writing import encode_lines
from harness.suites.load import load_suite
from harness.suites.reading import safe_path
from harness.suites.shipped import find_suite

COLLECTION = "snippets.collection.json"
SOURCES = "snippets.sources.jsonl"
_MAX_QUERY_FILE_BYTES = 50_000_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class WebOptions:
    """Which service is asked, and how. `url` is the service's address, or for `json` the file that describes it.

    `language` is searched in; unless set, that of the suite, or English for a file of queries.
    """

    provider: str
    url: str | None = None
    language: str | None = None
    contact: str = ""
    count: int = 10
    fetch_pages: int = 0
    snippet_characters: int = 600
    requests_per_second: float = 1.0
    timeout: Seconds = 20.0
    max_bytes: int = 2_000_000
    retries: int = 3
    allow_private: bool = False
    add: bool = False
    relevance: Literal["answers", "none"] = "answers"
    seed: int = 0


@dataclass(frozen=True)
class Collected:
    """What was collected, and where it was written (`None`: nothing was, because not every query was asked)."""

    collection: Collection
    out: Path | None
    journal: Path


def collect_snippets(
    source: Path | str, out: Path, options: WebOptions, progress: Progress = lambda done, total: None
) -> Collected:
    """Collect snippets for a suite (a folder or a shipped name) or for a file of queries, and write `out`.

    `out` is a folder, a copy of the suite with the new snippets, or a `.jsonl` file of snippets with its sources beside it.
    The same call again goes on where the last one stopped. Raises `UsageError`, `InputError`, and `WebError` when nothing
    at all was found.
    """
    _check(options)
    suite, queries = _read_source(source)
    as_file = out.suffix == ".jsonl"
    if suite is None and not as_file:
        raise UsageError(f"--out {out}: for a file of queries, name a .jsonl file; a folder needs a suite to copy")
    journal_path = out.with_name(f"{out.stem if as_file else out.name}.journal.jsonl")
    if out.exists() and not _is_ours(out):
        raise UsageError(f"{out} exists, and was not collected from the web. Name another --out, or remove that one.")
    language = options.language or (suite.language if suite else "en")
    provider = make_provider(options.provider, options.url, language=language, contact=options.contact)
    journal = Journal(journal_path, _asked(provider, options))
    with _alone(journal_path), closing(_fetcher(provider, options)) as fetcher, _pages(fetcher, options) as pages:
        collector = Collector(
            provider, fetcher, language, options.count, options.snippet_characters, options.fetch_pages, pages
        )
        collection = collector.collect(queries, journal, progress)
    if collection.stopped:
        return Collected(collection, None, journal_path)
    if not collection.snippets:
        first = next(iter(collection.failed.values()), "the service found nothing for any query")
        raise WebError("NoResults", f"no snippet was collected: {first}")
    report = _report(provider, options, collection)
    if suite is None or as_file:
        # What says that the snippets are from here comes first: without it the same command would refuse to replace them.
        write_report(out.with_name(f"{out.stem}.collection.json"), report)
        write_report(out.with_name(f"{out.stem}.sources.jsonl"), encode_lines(collection.sources))
        write_report(out, encode_lines(collection.snippets))
    else:
        _write_copy(suite, out, collection, options, report)
    return Collected(collection, out, journal_path)


@contextmanager
def _alone(journal: Path) -> Iterator[None]:
    """Raise `UsageError` while another process writes the same journal."""
    from filelock import FileLock, Timeout

    lock = FileLock(journal.with_name(f".{journal.name}.lock"), blocking=False)
    try:
        with writing(journal):
            journal.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
    except Timeout as error:
        raise UsageError(
            f"{journal} is being written by another collection. Wait for it, or name another --out"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _check(options: WebOptions) -> None:
    bounds: Mapping[str, tuple[float, float, float]] = {
        "--count": (options.count, 1, MAX_RESULTS),
        "--fetch-pages": (options.fetch_pages, 0, options.count),
        "--snippet-characters": (options.snippet_characters, 50, 20_000),
        "--rate": (options.requests_per_second, 0.001, 1000),
        "--timeout": (options.timeout, 0.1, 600),
        "--max-bytes": (options.max_bytes, 1000, 100_000_000),
        "--retries": (options.retries, 0, 10),
    }
    for option, (value, least, most) in bounds.items():
        if not least <= value <= most:
            raise UsageError(f"{option} {value:g}: expected {least:g} to {most:g}")
    if not options.contact.isprintable() or not options.contact.isascii() or len(options.contact) > 200:
        raise UsageError("--contact: expected a mail address or the address of a page, in plain letters")


def _read_source(source: Path | str) -> tuple[Suite | None, list[Query]]:
    path = Path(source)
    if path.is_file():
        return None, _read_queries(path)
    suite = load_suite(find_suite(str(source)))
    return suite, [Query(question.id, question.text) for question in suite.questions]


def _read_queries(path: Path) -> list[Query]:
    """Read one query a line: text, or with `.jsonl` objects with `id` and `text`."""
    if path.stat().st_size > _MAX_QUERY_FILE_BYTES:
        raise InputError("is too large for a file of queries", file=path)
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text at byte {error.start}; expected one query a line", file=path) from error
    queries: dict[str, Query] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        query = _json_query(path, number, line) if path.suffix == ".jsonl" else Query(str(number), line.strip())
        if query.id in queries:
            raise InputError(f"{query.id!r} is used twice; every query needs an id of its own", file=path, line=number)
        queries[query.id] = query
    if not queries:
        raise InputError("holds no query; one a line was expected", file=path)
    return list(queries.values())


def _json_query(path: Path, number: int, line: str) -> Query:
    try:
        query = msgspec.json.decode(line, type=Query)
    except msgspec.MsgspecError as error:
        raise InputError(f'expected {{"id": "...", "text": "..."}}: {error}', file=path, line=number) from error
    if not query.id.strip() or not query.text.strip():
        raise InputError("the id or the text is empty", file=path, line=number)
    return query


def _asked(provider: Provider, options: WebOptions) -> dict[str, str | int | float | bool]:
    """Return what decides the answers, for the journal: no key, and no rate limits."""
    return {
        "provider": provider.name,
        "endpoint": provider.endpoint,
        **provider.identity,
        "count": options.count,
        "fetch_pages": options.fetch_pages,
        "snippet_characters": options.snippet_characters,
    }


def _user_agent(options: WebOptions) -> str:
    contact = f"; {options.contact}" if options.contact else ""
    return f"spoken-qa-harness/{__version__} (web collect{contact})"


def _fetcher(provider: Provider, options: WebOptions) -> Fetcher:
    return Fetcher(
        _user_agent(options),
        Limits(options.max_bytes, options.timeout, options.retries, requests_per_second=options.requests_per_second),
        endpoint=provider.endpoint,
        allow_private=options.allow_private,
        secrets=provider.secrets,
        seed=options.seed,
    )


@contextmanager
def _pages(fetcher: Fetcher, options: WebOptions) -> Iterator[Pages | None]:
    """Give the reader of pages, if any are to be read."""
    if not options.fetch_pages:
        yield None
        return
    with closing(Pages(fetcher, _user_agent(options))) as pages:
        yield pages


def _report(provider: Provider, options: WebOptions, collection: Collection) -> bytes:
    times = sorted(snippet.collected_at for snippet in collection.snippets)
    facts = {
        **_asked(provider, options),
        "queries": collection.n_queries,
        "failed": dict(collection.failed),
        "snippets": len(collection.snippets),
        "dropped": dict(sorted(collection.dropped.items())),
        "first_collected_at": times[0],
        "last_collected_at": times[-1],
        "relevance": options.relevance,
    }
    return json.dumps(facts, indent=1, ensure_ascii=False).encode() + b"\n"


def _is_ours(out: Path) -> bool:
    if out.is_dir():
        return (out / COLLECTION).is_file()
    return out.with_name(f"{out.stem}.collection.json").is_file()


def _write_copy(suite: Suite, out: Path, collection: Collection, options: WebOptions, report: bytes) -> None:
    """Write the suite's folder with other snippets, whole or not at all."""
    with writing(out), building(out) as folder:
        _copy_files(suite, folder)
        header = (suite.root / "suite.toml").read_text(encoding="utf-8")
        fields = {
            "name": f"{suite.name}-{collection.sources[0].provider}",
            "licence": f"questions: {suite.licence or 'unknown'}; snippets: each page's own, see {SOURCES}",
        }
        (folder / "suite.toml").write_text(_changed(header, fields), "utf-8")
        own = suite.snippets if options.add else ()
        taken = {snippet.id for snippet in own}
        new = [snippet for snippet in collection.snippets if snippet.id not in taken]
        (folder / "snippets.jsonl").write_bytes(encode_lines([*own, *new]))
        (folder / "questions.jsonl").write_bytes(encode_lines(_judged(suite.questions, collection, options)))
        (folder / SOURCES).write_bytes(encode_lines(collection.sources))
        (folder / COLLECTION).write_bytes(report)


def _copy_files(suite: Suite, folder: Path) -> None:
    """Copy recordings and transcripts, without links that leave the suite."""
    audio = {utterance.audio for utterance in suite.utterances if utterance.audio}
    transcripts = (path.relative_to(suite.root).as_posix() for path in suite.root.glob("transcripts/*.jsonl"))
    for relative in sorted({"utterances.jsonl", *audio, *transcripts}):
        path = safe_path(suite.root, relative)
        if path.is_file():
            (folder / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / relative)


def _changed(header: str, fields: Mapping[str, str]) -> str:
    """Return suite.toml with other values of some fields, all else as it was; untouched where a value is not on one line."""
    changed = header
    for key, value in fields.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        changed, n = re.subn(rf"^{key}\s*=.*$", lambda _, line=line: line, changed, count=1, flags=re.M)  # type: ignore[misc]
        changed = changed if n else f"{line}\n{changed}"
    try:
        return changed if tomllib.loads(changed) == {**tomllib.loads(header), **fields} else header
    except tomllib.TOMLDecodeError:
        return header


def _judged(questions: Sequence[Question], collection: Collection, options: WebOptions) -> list[Question]:
    """Return the questions with the ids of the snippets that are relevant to them; a query that failed says nothing of any."""
    texts = {snippet.id: snippet.text for snippet in collection.snippets}
    snippets_of: dict[str, list[str]] = {question.id: [] for question in questions}
    for source in collection.sources:
        snippets_of[source.question_id].append(source.snippet_id)
    judged = []
    for question in questions:
        own = (question.snippet_ids or ()) if options.add else ()
        relevant: tuple[str, ...] | None = own or None
        if options.relevance == "answers" and question.answers and question.id not in collection.failed:
            right = [
                identity for identity in snippets_of[question.id] if has_answer([texts[identity]], question.answers, 1)
            ]
            relevant = tuple(dict.fromkeys([*own, *right]))
        judged.append(replace(question, snippet_ids=relevant))
    return judged
