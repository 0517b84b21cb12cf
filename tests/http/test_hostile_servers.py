"""Every hostile behaviour of `tests.hostile` against every client: each comes back in time, with a failure of its own kind."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from harness.answering.openai_api import OpenAIApi
from harness.answering.protocol import AnswererSpec, Reading
from harness.errors import WebError
from harness.interpretation.protocol import build_interpreter
from harness.records import Failure, Snippet
from harness.retrieval.web.fetch import Fetcher, Limits
from harness.retrieval.web.pages import Pages
from harness.retrieval.web.reduction import page_text
from harness.runs.collect import WebOptions, collect_snippets
from tests.asr.speech import build, noise
from tests.hostile import BEHAVIOURS, Wire, as_json, serving
from tests.retrieval.web.servers import brave, mediawiki, searxng

KEY = "sk-planted-0123456789abcdef"
DEADLINE = 1.0
SLACK = 30.0  # a machine with other work is no slow client: what hangs, hangs for ever
_TEXT = "The okapi lives in the rain forest of the Congo, and was unknown to science until 1901. " * 3
_PAGE = f"<html><body><article><h1>Okapi</h1><p>{_TEXT}</p></article></body></html>".encode()
_RESULT = ("Okapi", "https://x.example/okapi", _TEXT)


@dataclass(frozen=True)
class Outcome:
    """What a client made of a server: the kind of failure, if any, and every text that it gave or wrote."""

    failure: str | None
    texts: str


@dataclass(frozen=True)
class Client:
    """What a good server answers, and a call that asks the server at an address."""

    ask: Callable[[str], Outcome]
    good: bytes
    media_type: str = "application/json"
    innocent: Callable[[Wire], bytes | None] = lambda wire: None


def speech(url: str) -> Outcome:
    (result,) = build(f"openai-api:m,url={url},timeout={DEADLINE},retries=0").transcribe([noise()])
    return Outcome(result.type if isinstance(result, Failure) else None, repr(result))


def answers(url: str) -> Outcome:
    spec = AnswererSpec("openai-api", model="m", options={"url": url, "timeout": DEADLINE, "retries": 0})
    (answer,) = OpenAIApi(spec, "en").answer([Reading("Where?", [Snippet("s", "In the Congo.")])])
    return Outcome(answer.error.type if answer.error else None, repr(answer))


def interprets(url: str) -> Outcome:
    model = build_interpreter(f"openai-api:m,url={url},timeout={DEADLINE},retries=0", "en")
    (prediction,) = model.fit(["okapi home"], ["the Congo"]).predict(["where does the okapi live"])
    return Outcome(prediction.error.type if prediction.error else None, repr(prediction))


def search(provider: str, path: str = "") -> Callable[[str], Outcome]:
    def ask(url: str) -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            queries, journal = Path(folder, "queries.txt"), Path(folder, "out.journal.jsonl")
            queries.write_text("where does the okapi live\n")
            place = url + path
            if provider == "json":
                place = str(Path(folder, "service.toml"))
                Path(place).write_text(
                    f'url = "{url}/?q={{query}}"\n[paths]\nresults = "results"\nurl = "url"\ntext = "content"\n'
                    '[headers]\nX-Api-Key = "BRAVE_SEARCH_API_KEY"\n'
                )
            settings = WebOptions(
                provider, place, contact="me@example.org", timeout=DEADLINE, retries=0, requests_per_second=1000
            )
            try:
                collected = collect_snippets(queries, Path(folder, "out.jsonl"), settings).collection
                failure = next(iter(collected.failed.values()), None)
                texts = repr(collected)
            except WebError as error:
                failure = texts = str(error)
            return Outcome(failure, texts + journal.read_text())

    return ask


def page(url: str) -> Outcome:
    limits = Limits(timeout=DEADLINE, retries=0, requests_per_second=1000)
    fetcher = Fetcher("test/1", limits, allow_private=True)
    try:
        return Outcome(None, Pages(fetcher, "test/1", page_text).text(f"{url}/okapi"))
    except WebError as error:
        return Outcome(error.type, str(error))


def _path(wire: Wire) -> bytes:
    return wire.request.split(b" ")[1] if b" " in wire.request else b""


_COMPLETION = {"choices": [{"message": {"content": '{"answer": "the Congo", "snippets": [1]}'}}]}
CLIENTS: Mapping[str, Client] = {
    "speech": Client(speech, as_json({"text": "where does the okapi live"})),
    "answers": Client(answers, as_json(_COMPLETION)),
    "interprets": Client(interprets, as_json({"choices": [{"message": {"content": '{"intent": "the Congo"}'}}]})),
    "brave": Client(search("brave"), as_json(brave(_RESULT))),
    "searxng": Client(search("searxng"), as_json(searxng(_RESULT))),
    "mediawiki": Client(search("mediawiki", "/w/api.php"), as_json(mediawiki(("Okapi", 1, _TEXT)))),
    "json": Client(search("json"), as_json(searxng(_RESULT))),
    "page": Client(page, _PAGE, "text/html", lambda wire: b"" if _path(wire) == b"/robots.txt" else None),
    "robots.txt": Client(
        page, b"User-agent: *\nDisallow:\n", "text/plain", lambda wire: _PAGE if _path(wire) == b"/okapi" else None
    ),
}
# The providers share one fetcher: what a server can do to one it can do to all, so that one is enough every day.
_DAILY = ("speech", "answers", "brave", "page", "robots.txt")
_CASES = [
    pytest.param(client, name, marks=[] if client in _DAILY else [pytest.mark.slow])
    for client in CLIENTS
    for name in BEHAVIOURS
]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """A key for every service, and no proxy: the clients of one kind all run at once, so this holds for the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OPENAI_BASE_URL", raising=False)
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv("BRAVE_SEARCH_API_KEY", KEY)
        yield


def test_there_are_many() -> None:
    assert len(BEHAVIOURS) >= 40
    assert sum(behaviour.endless for behaviour in BEHAVIOURS.values()) >= 15


@pytest.mark.parametrize("client", CLIENTS)
def test_a_good_server_is_answered(client: str) -> None:
    good = CLIENTS[client]
    with serving(BEHAVIOURS["says nothing"], good.good, good.media_type, lambda wire: _good(good, wire)) as server:
        outcome = good.ask(server.url)
    assert outcome.failure is None
    assert "okapi" in outcome.texts.lower() or "Congo" in outcome.texts


def _good(client: Client, wire: Wire) -> bytes:
    answer = client.innocent(wire)
    return client.good if answer is None else answer


@pytest.mark.parametrize(("client", "name"), _CASES)
def test_every_exchange_ends_and_says_why(client: str, name: str) -> None:
    behaviour, outcome = BEHAVIOURS[name], outcomes(client)[name]
    assert not isinstance(outcome, BaseException), f"raised {outcome!r}"
    assert outcome is not None, f"not back {SLACK:g} s after its deadline"
    assert KEY not in outcome.texts
    if client == "robots.txt":
        return  # what is no robots.txt may allow all or nothing
    if behaviour.endless:
        assert outcome.failure is not None
        no_rules = client == "page" and behaviour.unread  # the site's robots.txt was not to be had either
        assert "Timeout" in outcome.failure or "401" in outcome.texts or no_rules
    elif not behaviour.answers:
        assert outcome.failure is not None or client == "page"  # a page is any text


@cache
def outcomes(client: str) -> Mapping[str, Outcome | BaseException | None]:
    """What each behaviour makes of a client, all at once since most of them only wait; `None` for one that hangs."""
    with ThreadPoolExecutor(12) as pool:
        return dict(zip(BEHAVIOURS, pool.map(lambda name: _met(CLIENTS[client], name), BEHAVIOURS), strict=True))


def _met(client: Client, name: str) -> Outcome | BaseException | None:
    outcome: list[Outcome | BaseException] = []
    with serving(BEHAVIOURS[name], client.good, client.media_type, client.innocent) as server:

        def ask() -> None:
            try:
                outcome.append(client.ask(server.url))
            except BaseException as error:
                outcome.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(DEADLINE + SLACK)
    return outcome[0] if outcome else None
