"""Every client against a server that gives its key back, in answers and in refusals, in every disguise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from harness.answering.openai_api import OpenAIApi
from harness.answering.protocol import Reading, parse_answerer
from harness.errors import WebError
from harness.http.disguise import holds
from harness.records import Failure, Snippet
from harness.retrieval.web.fetch import Fetcher, Limits
from harness.retrieval.web.providers import make_provider
from tests import loopback
from tests.asr.speech import build, noise
from tests.http.disguises import DISGUISES
from tests.loopback import Server, send
from tests.retrieval.web import servers

KEY = "sk-planted/0123+45_6789-abcdef"
SERVICE = """
url = "{url}/search?q={{query}}&api_key={key}"
[paths]
results = "hits"
url = "link"
text = "text"
[headers]
X-Login = "MY_LOGIN"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("MY_LOGIN", KEY)  # a name that does not say what it holds


@pytest.fixture(scope="module")
def echo() -> Iterator[Server[str]]:
    """Answers with `echo.text` as a transcript and as a model's reply, or refuses with it, by the model that is asked for."""

    def act(handler: BaseHTTPRequestHandler, number: int) -> None:
        if "refuses" in server.received[number]:
            send(handler, f"bad key: {server.text}".encode(), 401)
        else:
            reply = json.dumps({"answer": server.text, "snippets": [1]})
            send(handler, {"text": server.text, "choices": [{"message": {"content": reply}}]})

    with loopback.serving(act, lambda request: request.body.decode("utf-8", "replace")) as server:
        yield server


@pytest.mark.parametrize("name", DISGUISES)
def test_speech(echo: Server[str], name: str) -> None:
    echo.text = DISGUISES[name](KEY)
    for model, type_ in (("m", "BadResponse"), ("refuses", "Rejected")):
        (result,) = build(f"openai-api:{model},url={echo.url},key_env=MY_LOGIN,retries=0").transcribe([noise()])
        assert isinstance(result, Failure)
        assert result.type == type_
        assert not holds(result.message, [KEY])


@pytest.mark.parametrize("name", DISGUISES)
def test_answers(echo: Server[str], name: str) -> None:
    echo.text = DISGUISES[name](KEY)
    for model, type_ in (("m", "BadResponse"), ("refuses", "Rejected")):
        spec = parse_answerer(f"openai-api:{model},url={echo.url},key_env=MY_LOGIN,retries=0")
        (answer,) = OpenAIApi(spec, "en").answer([Reading("q", (Snippet("s", "t"),))])
        assert answer.error is not None
        assert answer.error.type == type_
        assert not holds(answer.error.message, [KEY])


@pytest.mark.parametrize(
    "target",
    ["http://{}.invalid/", "http://a.invalid/{}", "http://u:{}@a.invalid/", "//{}/", "ftp://{}/", "/{}/again", "http://127.0.0.1:1/{}"],
)  # fmt: skip
def test_redirects_to_places_that_repeat_the_key(target: str) -> None:
    key = "sk-planted-0123456789abcdef"

    def act(handler: servers.Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target.format(key))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with servers.serving(act) as served:
        limits = Limits(100_000, 5.0, 0, requests_per_second=1000)
        fetcher = Fetcher("test", limits, endpoint=served.url, allow_private=True, secrets={"MY_LOGIN": key})
        with pytest.raises(WebError) as raised:
            fetcher.ask(f"{served.url}/search", {"X-Login": key}, lambda body: body)
        fetcher.close()
    assert not holds(str(raised.value), [key])


@pytest.mark.parametrize("where", ["header", "address"])
def test_searches(tmp_path: Path, where: str) -> None:
    """The key of a header, and one that stands in the address of a service's description."""
    key = KEY if where == "header" else "of-the-address-4711"
    text = ""

    def act(handler: servers.Handler) -> None:
        handler.answer(
            {"hits": [{"link": "https://a.example/", "text": text}]}, 401 if "refuse" in handler.path else 200
        )

    with servers.serving(act) as served:
        description = tmp_path / "service.toml"
        description.write_text(SERVICE.format(url=served.url, key="of-the-address-4711"))
        provider = make_provider("json", str(description), language="en")
        limits = Limits(100_000, 5.0, 0, requests_per_second=1000)
        fetcher = Fetcher("test", limits, endpoint=provider.endpoint, secrets=provider.secrets)
        for name in DISGUISES:
            text = DISGUISES[name](key)
            for query, type_ in (("okapi", "BadResponse"), ("refuse", "Rejected")):
                with pytest.raises(WebError) as raised:
                    fetcher.ask(provider.url(query, 1), provider.headers, lambda body: body)
                assert raised.value.type == type_, name
                assert not holds(str(raised.value), [key]), name
        fetcher.close()
