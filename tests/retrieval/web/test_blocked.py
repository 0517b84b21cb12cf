"""Services that answer without having searched: told from services that found nothing, and asked again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.errors import WebError
from harness.retrieval.web.blocked import quoted, read_results
from harness.retrieval.web.fetch import Body, Fetcher, Limits
from harness.retrieval.web.protocol import Provider, SearchResult
from harness.retrieval.web.providers import BRAVE_KEY, make_provider
from harness.runs.collect import Collected, WebOptions, collect_snippets
from harness.suites.load import load_suite
from tests.conftest import WriteSuite
from tests.hostile import Behaviour, Wire, as_json, serving
from tests.retrieval.web import servers
from tests.retrieval.web.servers import brave, mediawiki, pages_of, searxng

KEY = "BSA-planted-77d1"
NAMES = ("searxng", "brave", "mediawiki", "json")
EMPTY: dict[str, dict[str, object]] = {
    "searxng": searxng(), "brave": brave(), "mediawiki": mediawiki(), "json": {"results": []},
}  # fmt: skip
CHALLENGE = b"<!doctype html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BRAVE_KEY, KEY)


def collected(
    folder: Path, provider: str, answer: bytes, status: str = "200 OK", media_type: str = "application/json"
) -> str:
    """The failure that one query ends with in the journal, or "nothing found"."""
    (folder / "queries.txt").write_text("okapi\n")

    def act(wire: Wire) -> None:
        wire.media_type = media_type
        wire.whole(answer, status=status)

    with serving(Behaviour(act)) as server:
        place = server.url
        if provider == "json":
            place = str(folder / "service.toml")
            Path(place).write_text(
                f'url = "{server.url}/?q={{query}}"\n[paths]\nresults = "results"\nurl = "url"\ntext = "content"\n'
            )
        settings = WebOptions(provider, place, contact="me@example.org", retries=0, requests_per_second=1000)
        with pytest.raises(WebError, match="no snippet was collected"):
            collect_snippets(folder / "queries.txt", folder / "out.jsonl", settings)
    (line,) = (folder / "out.journal.jsonl").read_text().splitlines()[1:]
    assert KEY not in line
    return json.loads(line)["error"] or "nothing found"


@pytest.mark.parametrize("provider", NAMES)
def test_nothing_found_stays_nothing_found(tmp_path: Path, provider: str) -> None:
    assert collected(tmp_path, provider, as_json(EMPTY[provider])) == "nothing found"


COMPLAINTS: dict[str, tuple[dict[str, object], str]] = {
    "a text": ({"error": "rate limit exceeded"}, "Blocked: *: the service did not search: rate limit exceeded"),
    "an object": ({"error": {"code": 429, "message": "slow down"}}, "Blocked: *: the service did not search: 429: slow down"),
    "a list": ({"errors": [{"code": "ratelimited", "text": "later"}]}, "Blocked: *: the service did not search: ratelimited: later"),
    "a remark": ({"message": "Too many requests"}, "Blocked: *: the service did not search: Too many requests"),
    "a status": ({"status": "error", "detail": "quota used up"}, "Blocked: *: the service did not search: quota used up"),
    "a number": ({"status": 503, "reason": "x"}, "Rejected: *: the service did not search: x"),
    "no success": ({"success": False, "msg": "no such index"}, "Rejected: *: the service did not search: no such index"),
    "a captcha": ({"warning": "please solve the CAPTCHA"}, "Blocked: *: the service did not search: please solve the CAPTCHA"),
}  # fmt: skip


@pytest.mark.parametrize("empty", [True, False], ids=["beside no results", "alone"])
@pytest.mark.parametrize("complaint", COMPLAINTS)
@pytest.mark.parametrize("provider", NAMES)
def test_a_complaint_with_status_200_is_no_answer(provider: str, complaint: str, empty: bool) -> None:
    answer, message = COMPLAINTS[complaint]
    service = (
        make_provider(provider, "http://x.example/api.php", contact="me@example.org", language="en")
        if provider != "json"
        else Json()
    )
    with pytest.raises(WebError) as caught:
        read_results(service, {**(EMPTY[provider] if empty else {}), **answer})  # type: ignore[arg-type]
    type_, _, text = message.partition(": *: ")
    assert (caught.value.type, str(caught.value)) == (type_, text)


class Json:
    """A service as a description may define it."""

    def results(self, answer: Any) -> list[Any]:
        if "results" not in answer:
            raise WebError("BadResponse", "the answer has no list at 'results'")
        return list(answer["results"])


@pytest.mark.parametrize(
    "remark",
    [{"message": "No results for okapi"}, {"error": None}, {"errors": []}, {"status": "ok"}, {"status": 200}, {"success": True},
     {"warnings": {}}, {"error": ""}, {"code": 0}, {"info": ["page 1 of 0"]}],
)  # fmt: skip
def test_remarks_that_tell_of_no_trouble_leave_nothing_found(remark: dict[str, object]) -> None:
    assert read_results(Json(), {"results": [], **remark}) == []  # type: ignore[arg-type]


def test_a_complaint_beside_results_costs_nothing() -> None:
    provider = make_provider("searxng", "http://x.example", language="en")
    answer = {
        **searxng(("T", "https://x.example/", "text")),
        "error": "one shard failed",
        "unresponsive_engines": [["a", "b"]],
    }
    assert len(read_results(provider, answer)) == 1


@pytest.mark.parametrize(
    ("engines", "named", "transient"),
    [
        ([["google", "CAPTCHA"], ["brave", "Suspended: too many requests"]], "google (CAPTCHA), brave (Suspended: too many requests)", False),
        ([["google", "CAPTCHA"], ["bing", "timeout"]], "google (CAPTCHA), bing (timeout)", True),
        ([["duckduckgo", "HTTP error", 403]], "duckduckgo (HTTP error 403)", True),
        (["google"], "google", True),
        ([[]], "unnamed", True),
        ([[f"e{n}", "timeout"] for n in range(30)], "e9 (timeout), ...", True),
    ],
)  # fmt: skip
def test_engines_that_did_not_answer_are_named(engines: list[object], named: str, transient: bool) -> None:
    provider = make_provider("searxng", "http://x.example", language="en")
    with pytest.raises(WebError, match="no result, and these of its engines did not answer") as caught:
        provider.results({"results": [], "unresponsive_engines": engines})
    assert named in str(caught.value)
    assert (caught.value.type, caught.value.transient) == ("Blocked", transient)


@pytest.mark.parametrize("engines", [None, [], "google", 7, {}])
def test_engines_that_are_no_list_say_nothing(engines: object) -> None:
    provider = make_provider("searxng", "http://x.example", language="en")
    assert provider.results({"results": [], "unresponsive_engines": engines}) == []


@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        (CHALLENGE, "text/html", 'Blocked: *"Just a moment...". It asks for a captcha or a consent'),
        (CHALLENGE, "application/json", 'Blocked: *is not JSON*"Just a moment..."'),
        (b"<title>Before you continue</title>", "text/html; charset=utf-8", 'Blocked: *"Before you continue"'),
        (b"Rate limit exceeded", "text/plain", 'Blocked: *"Rate limit exceeded". Ask again later'),
        (b"<html><title>My shop</title><p>Welcome", "text/html", 'WrongType: *text/html, expected application/json*"My shop"'),
        (b"<p>Wel\x1b[31mcome " + b"a" * 500, "text/html", 'WrongType: *"Wel[31mcome'),
        (b"hello", "application/json", 'BadResponse: *is not JSON*"hello"'),
        (b"", "text/html", "WrongType: *: nothing"),
        (b"token " + KEY.encode(), "text/html", 'WrongType: *"token [BRAVE_SEARCH_API_KEY]"'),
    ],
)  # fmt: skip
def test_a_page_in_place_of_json_is_quoted(tmp_path: Path, body: bytes, media_type: str, expected: str) -> None:
    failure = collected(tmp_path, "brave", body, media_type=media_type)
    pieces = expected.split("*")
    assert failure.startswith(pieces[0])
    assert all(piece in failure for piece in pieces[1:])
    assert failure.isprintable()
    assert len(failure) < 400


@pytest.mark.parametrize(
    ("provider", "status", "advice"),
    [
        ("searxng", "403 Forbidden", "Does the instance give JSON? Add json to search.formats in its settings.yml"),
        ("searxng", "429 Too Many Requests", "Its limiter turns this program away"),
        ("brave", "401 Unauthorized", f"Is {BRAVE_KEY} a key of this service?"),
        ("brave", "422 Unprocessable", f"Is {BRAVE_KEY} a key of this service?"),
        ("brave", "429 Too Many Requests", "The key's plan allows no more for now"),
    ],
)
def test_a_refusal_says_what_to_do(tmp_path: Path, provider: str, status: str, advice: str) -> None:
    failure = collected(tmp_path, provider, b"<h1>No</h1>", status, "text/html")
    assert f'status {status[:3]}, expected 200; the server says: "No". {advice}' in failure


def test_a_passing_trouble_is_waited_for_and_a_captcha_is_not() -> None:
    good = as_json(searxng(("T", "https://x.example/", "text")))
    for first, n_requests, transient in (
        (as_json({"results": [], "unresponsive_engines": [["bing", "timeout"]]}), 2, True),
        (as_json({"results": [], "unresponsive_engines": [["bing", "CAPTCHA"]]}), 1, False),
    ):
        answers = iter([first, good])
        with serving(Behaviour(lambda wire, answers=answers: wire.whole(next(answers)))) as server:  # type: ignore[misc]
            provider = make_provider("searxng", server.url, language="en")
            fetcher = Fetcher("test/1", Limits(retries=1, requests_per_second=1000), endpoint=server.url)

            def read(body: Body, provider: Provider = provider) -> list[SearchResult]:
                return read_results(provider, json.loads(body.content))

            if transient:
                assert len(fetcher.ask(server.url, {}, read)) == 1
            else:
                with pytest.raises(WebError, match="CAPTCHA"):
                    fetcher.ask(server.url, {}, read)
            assert len(server.requests) == n_requests


def test_a_question_that_was_blocked_is_unknown_until_it_is_asked_again(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    blocked = {**searxng(), "unresponsive_engines": [["google", "CAPTCHA"]]}

    def act(handler: servers.Handler) -> None:
        query = handler.asked.query["q"]
        if "Paris" in query and len(served.asked) <= 4:
            handler.answer(blocked)
        elif "okapi" in query:
            handler.answer(searxng())
        else:
            handler.answer(searxng(*pages_of(query)))

    with servers.serving(act) as served:
        arguments = ["web", "collect", str(write_suite()), "--provider", "searxng", "--url", served.url, "--out",
                     str(tmp_path / "web"), "--rate", "1000", "--retries", "0"]  # fmt: skip
        first = CliRunner().invoke(main, arguments)
        assert first.exit_code == 3, first.output
        assert "failed paris: Blocked: " in first.output
        assert "google (CAPTCHA)" in first.output
        relevant = {question.id: question.snippet_ids for question in load_suite(tmp_path / "web").questions}
        assert (relevant["paris"], relevant["okapi"]) == (None, ())

        again = CliRunner().invoke(main, arguments)
        assert again.exit_code == 0, again.output
        assert served.queries()[4:] == ["Which river flows through Paris?"]
        relevant = {question.id: question.snippet_ids for question in load_suite(tmp_path / "web").questions}
        assert relevant["paris"] == ()


def test_three_blocked_queries_in_a_row_end_the_collection(write_suite: WriteSuite, tmp_path: Path) -> None:
    with servers.serving(
        lambda handler: handler.answer({**searxng(), "unresponsive_engines": [["bing", "CAPTCHA"]]})
    ) as served:
        settings = WebOptions("searxng", served.url, requests_per_second=1000)
        result: Collected = collect_snippets(write_suite(), tmp_path / "web", settings)
        assert len(served.asked) == 3
    assert result.out is None
    assert "bing (CAPTCHA)" in str(result.collection.stopped)
    assert "run the same command again to go on" in str(result.collection.stopped)


def test_what_is_quoted_is_short_and_on_one_line() -> None:
    assert quoted(b"<title>\n A <b> </title>x") == '"A"'
    assert quoted(b"\xff\x00\n\n  ") == '"\ufffd"'
    assert len(quoted(b"word " * 5000)) <= 102
