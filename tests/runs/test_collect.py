"""`collect_snippets` from end to end, against servers on loopback: what is written, what a kill changes, what is refused."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import harness
from harness.cli import main
from harness.errors import InputError, UsageError, WebError
from harness.runs.collect import WebOptions, collect_snippets
from harness.suites.load import load_suite
from tests.conftest import QUESTIONS, WriteSuite
from tests.retrieval.web.servers import Act, Handler, brave, mediawiki, pages_of, searxng, serving

KEY = "BSA-planted-0d41c6"


def answering(handler: Handler) -> None:
    handler.answer(searxng(*pages_of(handler.asked.query["q"])))


def options(url: str, **others: Any) -> WebOptions:
    return WebOptions(provider="searxng", url=url, requests_per_second=1000, retries=0, **others)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_times(folder: Path) -> dict[str, str]:
    """Every file of a suite, with the times of collecting taken out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for record in lines(folder / "snippets.jsonl"):
                text = text.replace(record["collected_at"], "TIME")
            found[path.relative_to(folder).as_posix()] = text
    return found


def test_a_suite_that_can_be_run(write_suite: WriteSuite, tmp_path: Path) -> None:
    facts = {q["text"]: f"{q['text'][:-1]} is {q['answers'][0]}." for q in QUESTIONS}  # type: ignore[index]
    facts["Where does the okapi live?"] = "Nobody says."

    def act(handler: Handler) -> None:
        query = handler.asked.query["q"]
        handler.answer(searxng(*pages_of(query, 2), (query, f"https://x.example/{handler.n}", facts[query])))

    with serving(act) as served:
        found = collect_snippets(write_suite(), tmp_path / "web", options(served.url))
    assert (found.collection.n_asked, found.collection.failed) == (4, {})
    suite = load_suite(tmp_path / "web")
    assert suite.name == "small-searxng"
    assert "each page's own" in suite.licence
    assert [p for p in harness.validate_suite(tmp_path / "web") if p.severity == "error"] == []
    texts = {snippet.id: snippet.text for snippet in suite.snippets}
    relevant = {q.id: [texts[identity] for identity in q.snippet_ids or ()] for q in suite.questions}
    assert relevant["paris"] == [facts["Which river flows through Paris?"]]
    assert relevant["okapi"] == []
    assert suite.questions[0].entities == load_suite(tmp_path / "small").questions[0].entities
    sources = lines(tmp_path / "web" / "snippets.sources.jsonl")
    assert sources[0] == {
        "snippet_id": suite.snippets[0].id, "question_id": "medawar", "query": "What did Peter Medawar study?",
        "provider": "searxng", "rank": 1, "url": suite.snippets[0].url, "collected_at": suite.snippets[0].collected_at,
        "from_page": False,
    }  # fmt: skip
    result = harness.run(tmp_path / "web", backends=["replay:vendor"], jobs=1, out=tmp_path / "run")
    rows = {(row.metric, row.source): row.value for row in result.summary.rows if row.group == "all"}
    assert rows["hit@1", "reference"] is not None


def test_the_suites_own_snippets_can_stay(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(answering) as served:
        collect_snippets(write_suite(), tmp_path / "web", options(served.url, add=True, relevance="none"))
    suite = load_suite(tmp_path / "web")
    assert [snippet.id for snippet in suite.snippets[:6]] == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert len(suite.snippets) == 18
    assert suite.questions[0].snippet_ids == ("s1",)


def test_copies_are_kept_once_and_every_source_is_told(write_suite: WriteSuite, tmp_path: Path) -> None:
    shared = [
        ("Shared", "https://a.example/1", "The same text."),
        ("Mirror", "https://b.example/1", "the SAME text"),
        ("Again", "http://www.a.example/1/#top", "Another text of a page that came before."),
        ("None", "ftp://a.example/1", "x"),
        ("None", "https://c.example/empty", " \u200e "),
    ]
    with serving(lambda h: h.answer(searxng(*shared, *pages_of(h.asked.query["q"], 1)))) as served:
        found = collect_snippets(write_suite(), tmp_path / "web", options(served.url)).collection
    assert found.snippets[0].text == "The same text."
    assert len(found.snippets) == 5
    assert len(found.sources) == 12
    assert found.dropped == {
        "results whose URL is not a plain http(s) one": 4,
        "results for a page that came before": 4,
        "results without text": 4,
        "results with the text of an earlier one: kept once": 7,
        "control characters and direction marks in texts": 4,
    }


def test_a_failed_question_is_asked_again_and_the_others_are_not(write_suite: WriteSuite, tmp_path: Path) -> None:
    def act(handler: Handler) -> None:
        if "Paris" in handler.asked.query["q"] and len(served.asked) <= 4:
            handler.answer(b'{"results": [{"title": "torn', 200)
        else:
            answering(handler)

    with serving(act) as served:
        first = collect_snippets(write_suite(), tmp_path / "web", options(served.url)).collection
        assert list(first.failed) == ["paris"]
        assert "not JSON" in first.failed["paris"]
        assert len(first.snippets) == 9
        second = collect_snippets(tmp_path / "small", tmp_path / "web", options(served.url)).collection
        assert (second.n_asked, second.failed, len(second.snippets)) == (1, {}, 12)
        assert [source.question_id for source in second.sources] == [q["id"] for q in QUESTIONS for _ in range(3)]
        third = collect_snippets(tmp_path / "small", tmp_path / "web", options(served.url)).collection
        assert third.n_asked == 0
        assert third.snippets == second.snippets
    assert len(served.asked) == 5


def test_a_service_that_is_down_is_not_asked_on(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(lambda h: h.answer({}, 500)) as served:
        found = collect_snippets(write_suite(), tmp_path / "web", options(served.url))
        assert len(served.asked) == 3
    assert found.out is None
    assert not (tmp_path / "web").exists()
    assert "3 queries failed in a row" in str(found.collection.stopped)


def test_a_service_that_asks_for_an_hour_gets_it(write_suite: WriteSuite, tmp_path: Path) -> None:
    def act(handler: Handler) -> None:
        answering(handler) if handler.n == 0 else handler.answer({}, 429, Retry_After="3600")

    with serving(act) as served:
        found = collect_snippets(write_suite(), tmp_path / "web", options(served.url))
        assert len(served.asked) == 2
    assert "3600 s" in str(found.collection.stopped)
    assert list(found.collection.failed) == ["ljubljana", "paris", "okapi"]


@pytest.mark.parametrize("moment", [0.35, 0.6])
def test_a_kill_changes_nothing(write_suite: WriteSuite, tmp_path: Path, moment: float) -> None:
    """The process is killed while it works, and once more with a torn line behind it."""
    questions = [{"id": f"q{n}", "text": f"Question {n}?", "answers": [f"{n}"]} for n in range(12)]
    suite = write_suite(questions=questions, hypotheses={f"q{n}": "x" for n in range(12)})

    def act(handler: Handler) -> None:
        time.sleep(0.1)
        answering(handler)

    with serving(act) as served:
        collect_snippets(suite, tmp_path / "whole", options(served.url))
        n_before = len(served.asked)
        command = [
            sys.executable, "-m", "harness", "web", "collect", str(suite), "--provider", "searxng", "--url", served.url,
            "--out", str(tmp_path / "killed"), "--rate", "1000", "--retries", "0",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        journal = tmp_path / "killed.journal.jsonl"
        wait_until(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 1 + int(12 * moment))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert not (tmp_path / "killed").exists()
        kept = lines_of_whole(journal)
        assert len(kept) >= int(12 * moment)
        with journal.open("ab") as file:
            file.write(b'{"query_id": "q11", "torn')
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        asked_again = served.queries()[n_before:]
    assert len(asked_again) <= 12 + 1  # the one that was under way
    assert without_times(tmp_path / "killed") == without_times(tmp_path / "whole")
    times = {
        source["question_id"]: source["collected_at"]
        for source in lines(tmp_path / "killed" / "snippets.sources.jsonl")
    }
    assert all(times[answered["query_id"]] == answered["collected_at"] for answered in kept)


def lines_of_whole(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_bytes().split(b"\n")[1:-1]]


def wait_until(true: Any) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.005)


def test_the_keys_are_nowhere(write_suite: WriteSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAVE_SEARCH_API_KEY", KEY)

    def act(handler: Handler) -> None:
        assert handler.headers["X-Subscription-Token"] == KEY
        if handler.n == 0:
            handler.answer({"type": "ErrorResponse", "error": {"detail": f"the token {KEY} is over its limit"}}, 422)
        elif handler.n == 1:
            handler.answer(
                {"web": {"results": [{"title": KEY, "url": f"https://x.example/{KEY}", "description": KEY}]}}
            )
        else:
            handler.answer(brave(*pages_of(handler.asked.query["q"])))

    with serving(act) as served:
        arguments = ["web", "collect", str(write_suite()), "--provider", "brave", "--url", served.url,
                     "--out", str(tmp_path / "web"), "--rate", "1000"]  # fmt: skip
        result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3, result.output
    assert "[BRAVE_SEARCH_API_KEY]" in result.output
    assert KEY not in result.output
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_a_wiki_with_its_pages(write_suite: WriteSuite, tmp_path: Path) -> None:
    page = (
        "<html><body><article><p>{}</p><p>Menu and other things that nobody asked for here.</p></article></body></html>"
    )

    def act(handler: Handler) -> None:
        if handler.path == "/robots.txt":
            handler.answer(b"", 404)
        elif handler.path.startswith("/w/index.php"):
            text = "The Seine is the river that flows through Paris, all of it, from the east to the west of the town."
            handler.answer(page.format(text).encode(), **{"Content-Type": "text/html"})
        elif handler.n == 0:
            handler.answer({"error": {"code": "maxlag", "info": "lagged"}}, Retry_After="0")
        else:
            handler.answer(mediawiki(("Paris", handler.n, 'a <span class="searchmatch">town</span>'), site=False))

    with serving(act) as served:
        wiki = WebOptions(
            "mediawiki", served.url + "/w/api.php", contact="me@example.org", fetch_pages=1, allow_private=True,
            requests_per_second=1000,
        )  # fmt: skip
        found = collect_snippets(write_suite(), tmp_path / "web", wiki).collection
        agents = {asked.headers["User-Agent"] for asked in served.asked}
    assert agents == {f"spoken-qa-harness/{harness.__version__} (web collect; me@example.org)"}
    assert [snippet.text[:26] for snippet in found.snippets] == ["The Seine is the river tha"]
    assert all(source.from_page for source in found.sources)


def test_pages_that_cannot_be_had_leave_the_services_text(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(lambda h: h.answer(searxng(("T", f"{served.url}/secret", "The service's own text.")))) as served:
        found = collect_snippets(write_suite(), tmp_path / "web", options(served.url, fetch_pages=1)).collection
        assert {asked.path for asked in served.asked} == {"/search"}
    assert [snippet.text for snippet in found.snippets] == ["The service's own text."]
    assert found.dropped["pages not read (Refused): the service's own text stands"] == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [("q.txt", "where is it?\n\nwho was she?\n"), ("q.jsonl", '{"id": "1", "text": "where is it?"}\n{"id": "3", "text": "who was she?"}\n')],
)  # fmt: skip
def test_a_file_of_queries(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with serving(answering) as served:
        found = collect_snippets(tmp_path / name, tmp_path / "snippets.jsonl", options(served.url))
        again = collect_snippets(tmp_path / name, tmp_path / "snippets.jsonl", options(served.url))
        assert served.queries() == ["where is it?", "who was she?"]
    assert again.collection.n_asked == 0
    assert len(lines(tmp_path / "snippets.jsonl")) == 6 == len(found.collection.snippets)
    assert {source["question_id"] for source in lines(tmp_path / "snippets.sources.jsonl")} == {"1", "3"}
    assert json.loads((tmp_path / "snippets.collection.json").read_text())["snippets"] == 6


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no query"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{}\n", "expected"),
        (b'{"id": "1", "text": ""}', "empty"),
        (b'{"id": "1", "text": "a"}\n{"id": "1", "text": "b"}', "used twice"),
    ],
)
def test_files_that_are_no_queries(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=why):
        collect_snippets(tmp_path / "q.jsonl", tmp_path / "s.jsonl", options("http://localhost:1"))


def test_what_is_not_ours_is_not_overwritten(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    with pytest.raises(UsageError, match="not collected from the web"):
        collect_snippets(suite, suite, options("http://localhost:1"))
    with pytest.raises(UsageError, match="not collected from the web"):
        collect_snippets(suite, suite / "snippets.jsonl", options("http://localhost:1"))


def test_a_journal_of_other_options_is_not_mixed_in(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    with serving(answering) as served:
        collect_snippets(suite, tmp_path / "web", options(served.url))
        with pytest.raises(UsageError, match="begun with another count"):
            collect_snippets(suite, tmp_path / "web", options(served.url, count=3))
    (tmp_path / "other.journal.jsonl").write_text("hello\nworld\n")
    with pytest.raises(InputError, match="not a journal"):
        collect_snippets(suite, tmp_path / "other", options("http://localhost:1"))


def test_two_collections_do_not_share_a_journal(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite()
    refused = []

    def act(handler: Handler) -> None:
        if handler.n == 0:
            with pytest.raises(UsageError, match="another collection"):
                collect_snippets(suite, tmp_path / "web", options(served.url))
            refused.append(True)
        answering(handler)

    with serving(act) as served:
        collect_snippets(suite, tmp_path / "web", options(served.url))
    assert refused == [True]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == [
        "small",
        "web",
        "web.journal.jsonl",
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"count": 51}, {"fetch_pages": 11}, {"retries": 99}, {"timeout": 0.0}, {"contact": "a\r\nX: b"}],
)
def test_options_out_of_bounds(write_suite: WriteSuite, tmp_path: Path, wrong: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"provider": "searxng", "url": "http://localhost:1", **wrong}
    with pytest.raises(UsageError, match="--"):
        collect_snippets(write_suite(), tmp_path / "web", WebOptions(**settings))


def test_nothing_found_at_all_is_said(write_suite: WriteSuite, tmp_path: Path) -> None:
    with serving(lambda h: h.answer(searxng())) as served, pytest.raises(WebError, match="no snippet was collected"):
        collect_snippets(write_suite(), tmp_path / "web", options(served.url))


FAULTS: dict[str, Act] = {
    "five megabytes": lambda h: h.answer(b"x" * 5_000_000),
    "redirect to metadata": lambda h: h.redirect("http://169.254.169.254/latest/meta-data/"),
    "redirect to a file": lambda h: h.redirect("file:///etc/passwd"),
    "another type": lambda h: h.answer(b"<html>", **{"Content-Type": "text/html"}),
    "broken off": lambda h: h.answer(b'{"results": [{"ti'),
    "deep": lambda h: h.answer(b"[" * 100_000),
    "a number": lambda h: h.answer(b"7"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_its_question_alone(write_suite: WriteSuite, tmp_path: Path, fault: str) -> None:
    def act(handler: Handler) -> None:
        FAULTS[fault](handler) if "Paris" in handler.asked.query.get("q", "") else answering(handler)

    with serving(act) as served:
        result = CliRunner().invoke(
            main,
            ["web", "collect", str(write_suite()), "--provider", "searxng", "--url", served.url,
             "--out", str(tmp_path / "web"), "--rate", "1000", "--retries", "0"],
        )  # fmt: skip
    assert result.exit_code == 3, result.output
    assert "failed paris: " in result.output
    assert "9 snippets for 3 of 4 questions" in result.output
    assert "Traceback" not in result.output


def test_broken_utf8_is_replaced(write_suite: WriteSuite, tmp_path: Path) -> None:
    content = json.dumps(searxng(("T", "https://x.example/", "caf@ in Paris"))).encode().replace(b"@", b"\xe9")
    with serving(lambda h: h.answer(content)) as served:
        collect_snippets(write_suite(), tmp_path / "web", options(served.url))
    assert load_suite(tmp_path / "web").snippets[0].text == "caf\ufffd in Paris"


def test_the_service_is_asked_in_the_suites_language_or_in_the_one_that_is_named(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    suite, queries = write_suite(), tmp_path / "queries.txt"
    header = suite / "suite.toml"
    header.write_text(re.sub(r"(?m)^language = .*\n", "", header.read_text()))
    header.write_text(f'language = "es-MX"\n{header.read_text()}')
    queries.write_text("okapi\n")
    asked = []
    with serving(answering) as served:
        for number, (source, language) in enumerate([(suite, None), (suite, "pt"), (queries, None), (queries, "fi")]):
            collect_snippets(source, tmp_path / f"{number}.jsonl", options(served.url, language=language))
            asked.append(served.asked[-1].query["language"])
    assert asked == ["es-MX", "pt", "en", "fi"]
