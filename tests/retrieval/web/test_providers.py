"""Each service's documented JSON, what is asked of it, and descriptions of other services."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.errors import HarnessError, SpecError, UsageError, WebError
from harness.retrieval.web.json_endpoint import read_endpoint
from harness.retrieval.web.protocol import SearchResult, value_at
from harness.retrieval.web.providers import BRAVE_KEY, make_provider
from tests.retrieval.web import servers

KEY = "BSA-planted-77d1"


def parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("base", ["http://localhost:8080", "http://localhost:8080/", "http://localhost:8080/search"])
def test_searxng(base: str) -> None:
    provider = make_provider("searxng", base, language="de")
    url = provider.url("Wo lebt das Okapi? & mehr", 5)
    assert url.startswith("http://localhost:8080/search?")
    assert parameters(url) == {"q": "Wo lebt das Okapi? & mehr", "format": "json", "language": "de"}
    answer = servers.searxng(("Okapi", "https://x.example/okapi", "lives in the Congo"))
    assert provider.results(answer) == [SearchResult("Okapi", "https://x.example/okapi", "lives in the Congo")]


def test_brave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BRAVE_KEY, KEY)
    provider = make_provider("brave", None, language="en")
    url = provider.url("word " * 80, 50)
    assert url.startswith("https://api.search.brave.com/res/v1/web/search?")
    assert parameters(url)["count"] == "20"
    assert len(parameters(url)["q"].split()) == 50
    assert KEY not in url
    assert provider.headers["X-Subscription-Token"] == KEY
    answer = servers.brave(("Okapi", "https://x.example/okapi", "the <strong>okapi</strong> lives &amp; eats"))
    assert provider.results(answer) == [SearchResult("Okapi", "https://x.example/okapi", "the okapi lives & eats")]
    assert provider.results({"type": "search", "query": {}}) == []


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en-GB", "en"),
        ("es", "es"),
        ("pt", "pt-br"),
        ("pt-PT", "pt-pt"),
        ("ja", "jp"),
        ("zh", "zh-hans"),
        ("zh-TW", "zh-hant"),
        ("no", "nb"),
    ],
)
def test_brave_searches_in_the_language(monkeypatch: pytest.MonkeyPatch, language: str, code: str) -> None:
    monkeypatch.setenv(BRAVE_KEY, KEY)
    provider = make_provider("brave", None, language=language)
    assert parameters(provider.url("okapi", 5))["search_lang"] == code
    assert provider.identity == {"language": code}


def test_a_language_that_brave_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BRAVE_KEY, KEY)
    with pytest.raises(UsageError, match="--provider brave cannot search in 'sw-KE': use searxng, mediawiki, or json"):
        make_provider("brave", None, language="sw-KE")


def test_brave_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BRAVE_KEY, raising=False)
    with pytest.raises(UsageError, match=f"export {BRAVE_KEY}="):
        make_provider("brave", None, language="en")


def test_mediawiki() -> None:
    provider = make_provider("mediawiki", "https://wiki.example/w/api.php", contact="me@example.org", language="en")
    asked = parameters(provider.url("okapi", 7))
    assert (asked["action"], asked["list"], asked["srsearch"], asked["srlimit"], asked["format"]) == (
        "query", "search", "okapi", "7", "json",
    )  # fmt: skip
    answer = servers.mediawiki(("Rubik's Cube/é?", 12, 'a <span class="searchmatch">cube</span>'))
    assert provider.results(answer) == [
        SearchResult("Rubik's Cube/é?", "https://wiki.example/wiki/Rubik%27s_Cube/%C3%A9%3F", "a cube")
    ]
    answer = servers.mediawiki(("Okapi", 12, "x"), site=False)
    assert provider.results(answer)[0].url == "https://wiki.example/w/index.php?curid=12"


@pytest.mark.parametrize(("language", "host"), [("en", "en"), ("es-MX", "es"), ("nb", "no"), ("fil", "tl")])
def test_mediawiki_is_the_wikipedia_of_the_language_unless_one_is_named(language: str, host: str) -> None:
    provider = make_provider("mediawiki", None, language=language, contact="me@example.org")
    assert provider.endpoint == f"https://{host}.wikipedia.org/w/api.php"
    named = make_provider("mediawiki", "https://wiki.example/w/api.php", language=language, contact="me@example.org")
    assert named.endpoint == "https://wiki.example/w/api.php"


def test_mediawiki_asks_for_a_contact() -> None:
    with pytest.raises(UsageError, match="--contact"):
        make_provider("mediawiki", "https://wiki.example/w/api.php", language="en")


@pytest.mark.parametrize(("code", "transient"), [("maxlag", True), ("ratelimited", True), ("badvalue", False)])
def test_mediawiki_problems_come_with_status_200(code: str, transient: bool) -> None:
    provider = make_provider("mediawiki", "https://wiki.example/w/api.php", contact="me@example.org", language="en")
    with pytest.raises(WebError, match=f"{code}: why") as caught:
        provider.results({"error": {"code": code, "info": "why"}})
    assert caught.value.transient is transient


@pytest.mark.parametrize(
    "answer", [{}, [], {"results": 3}, {"results": {"a": 1}}, {"web": 3}, {"query": []}, {"query": {"search": None}}]
)
@pytest.mark.parametrize("name", ["searxng", "brave", "mediawiki"])
def test_other_json_is_a_bad_response(name: str, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BRAVE_KEY, KEY)
    provider = make_provider(name, "https://x.example/api.php", contact="me@example.org", language="en")
    with pytest.raises(WebError, match="has no list at") as caught:
        provider.results(answer)
    assert caught.value.type == "BadResponse"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (None, "--url is missing"),
        ("localhost:8080", "not http or https"),
        ("file:///x", "not http or https"),
        ("http://me:hunter2@localhost/", "user name or password"),
        ("http://localhost/?key=hunter2", "not used"),
    ],
)
def test_addresses_of_services(url: str | None, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        make_provider("searxng", url, language="en")
    assert "hunter2" not in str(caught.value)


def test_unknown_provider() -> None:
    with pytest.raises(HarnessError, match="Did you mean 'searxng'"):
        make_provider("searx", None, language="en")


def test_paths() -> None:
    document = {"a": [{"b": "x"}, {"b": "y"}], "c": "z"}
    assert value_at(document, "a.1.b") == "y"
    assert value_at(document, "") is document
    assert [value_at(document, path) for path in ("a.7.b", "a.b", "c.0", "d.e")] == [None] * 4


DESCRIPTION = """
name = "mine"
url = "https://search.example/v1/{count}?q={query}"
html = true
[paths]
results = "data.hits"
title = "meta.heading"
url = "link"
text = "excerpts"
[headers]
X-Api-Key = "MINE_KEY"
"""


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINE_KEY", KEY)
    path = tmp_path / "mine.toml"
    path.write_text(DESCRIPTION)
    return path


def test_any_other_service(described: Path) -> None:
    provider = make_provider("json", str(described), language="en")
    assert provider.url("a b&c/ü", 4) == "https://search.example/v1/4?q=a%20b%26c%2F%C3%BC"
    assert provider.endpoint == "https://search.example/v1/1"
    assert provider.headers == {"X-Api-Key": KEY}
    answer = {
        "data": {
            "hits": [{"meta": {"heading": "<b>T</b>"}, "link": "https://x.example", "excerpts": ["a", "<i>b</i>"]}, 3]
        }
    }
    assert provider.results(answer) == [SearchResult("T", "https://x.example", "a b")]
    assert KEY not in str(provider.identity)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"mine"', '"../mine"', "name"),
        ("{query}", "fixed", "has no {query}"),
        ("https://", "file://", "not http or https"),
        ("https://", "https://me:hunter2@", "user name or password"),
        ('results = "data.hits"', "", "results"),
        ("html = true", "htlm = true", "htlm"),
        ("html = true", 'html = "yes"', "html"),
        ("X-Api-Key", '"X Api: Key"', "no name of a header"),
        ('"MINE_KEY"', '"NOT_SET_ANYWHERE"', "NOT_SET_ANYWHERE is not set"),
        ('"MINE_KEY"', '"sk-hunter2!"', "never written itself"),
        ("[paths]", "[paths", "not valid TOML"),
    ],
)
def test_descriptions_that_are_wrong(described: Path, old: str, new: str, why: str) -> None:
    described.write_text(DESCRIPTION.replace(old, new))
    with pytest.raises(SpecError, match=why) as caught:
        read_endpoint(described, "en")
    assert str(described) in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00binary", b"#" * 200_000])
def test_files_that_are_no_description(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError, match=r"x\.toml"):
        read_endpoint(path, "en")


def test_a_description_may_name_the_language(described: Path) -> None:
    described.write_text(DESCRIPTION.replace("?q=", "?lang={language}&q="))
    providers = [make_provider("json", str(described), language=language) for language in ("es-MX", "es-AR", "fi")]
    assert [parameters(provider.url("a", 1))["lang"] for provider in providers] == ["es", "es", "fi"]
    assert providers[0].identity == providers[1].identity != providers[2].identity
