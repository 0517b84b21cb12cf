"""Pages to passages, over real sockets."""

from __future__ import annotations

import pytest

from harness.errors import WebError
from harness.retrieval.web.fetch import Body, Fetcher, Limits
from harness.retrieval.web.pages import PAGE_TYPES, Pages, best_passage
from harness.retrieval.web.reduction import page_text
from tests.retrieval.web.servers import Act, Handler, serving

LIMITS = Limits(max_bytes=200_000, timeout=2, retries=0, requests_per_second=1000)
PAGE = """<!doctype html><html><head><title>Okapi</title>{meta}<script>var evil = 1;</script><style>p {{}}</style></head>
<body><nav><a href="/">Home</a> <a href="/x">Other</a></nav><article><h1>Okapi</h1>
<p>The okapi is a relative of the giraffe. It was unknown to zoologists until 1901, when Harry Johnston sent a skin.</p>
<p>Okapis live in the Ituri rain forest of the Congo. They eat leaves, grasses and fungi. {extra}</p>
</article><footer>Imprint</footer></body></html>"""


def html(extra: str = "", meta: str = "", encoding: str = "utf-8", errors: str = "strict") -> bytes:
    return PAGE.format(extra=extra, meta=meta).encode(encoding, errors)


def text_of(content: bytes, media_type: str = "text/html", charset: str = "") -> str:
    return page_text(Body("http://x.example/", media_type, charset, content))


def test_the_text_without_what_stands_around_it() -> None:
    text = text_of(html())
    assert "Ituri rain forest" in text
    assert "evil" not in text
    assert "Imprint" not in text


@pytest.mark.parametrize(
    ("content", "charset", "expected"),
    [
        (html("Café Zürich."), "", "Café Zürich."),
        (html("Café Zürich.", encoding="latin-1"), "iso-8859-1", "Café Zürich."),
        (html("Café Zürich.", '<meta charset="windows-1252">', "cp1252"), "", "Café Zürich."),
        (html("Café Zürich.", "<meta http-equiv=Content-Type content='text/html; charset=latin1'>", "latin-1"), "", "Café Zürich."),
        (html("Café Zürich.", encoding="latin-1"), "utf-8", "Caf\ufffd Z\ufffdrich."),
        (html("Café Zürich."), "no-such-code", "Café Zürich."),
        (html("Café Zürich."), "base64", "Café Zürich."),
        (html("Café Zürich."), "idna", "Café Zürich."),
        (html("A\x00B\x07C\u202eD."), "", "ABCD."),
    ],
)  # fmt: skip
def test_encodings_right_wrong_and_broken(content: bytes, charset: str, expected: str) -> None:
    assert expected in text_of(content, charset=charset)


def test_plain_text_is_taken_as_it_is() -> None:
    assert text_of(b"one <b>two</b>\n\n  three\xff ", "text/plain") == "one <b>two</b>\nthree\ufffd"


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"\x89PNG\r\n\x1a\n" * 50, b"<div>" * 20_000, b"&#0;" * 1000]
)
def test_pages_without_text(content: bytes) -> None:
    assert "\0" not in text_of(content)


def test_the_best_passage() -> None:
    text = text_of(html())
    assert (
        best_passage(text, "Where do okapis live in the Congo?", "en", 60)
        == "Okapis live in the Ituri rain forest of the Congo."
    )
    assert best_passage(text, "Who sent a skin in 1901?", "en", 200).startswith("The okapi is a relative")
    assert best_passage(text, "zzz", "en", 60).startswith("Okapi")
    assert best_passage("", "x", "en", 60) == ""
    assert len(best_passage("word " * 10_000, "word", "en", 100)) <= 100


def read(act: Act, path: str = "/page") -> tuple[str, list[str]]:
    with serving(act) as served:
        fetcher = Fetcher("spoken-qa-harness/1", LIMITS, allow_private=True)
        try:
            pages = Pages(fetcher, "spoken-qa-harness/1", page_text)
            return pages.text(served.url + path), [a.path for a in served.asked]
        finally:
            fetcher.close()


def page_or(robots: Act) -> Act:
    def act(handler: Handler) -> None:
        if handler.path == "/robots.txt":
            robots(handler)
        else:
            handler.answer(html(), Content_Type="text/html; charset=utf-8")

    return act


def robots_txt(text: str, status: int = 200) -> Act:
    return page_or(lambda h: h.answer(text.encode(), status, **{"Content-Type": "text/plain"}))


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("", 200),
        ("User-agent: *\nDisallow: /private", 200),
        ("User-agent: other\nDisallow: /", 200),
        ("gone", 404),
        ("\xff\x00 nonsense", 200),
    ],
)
def test_pages_that_may_be_read(rules: str, status: int) -> None:
    text, asked = read(robots_txt(rules, status))
    assert "Ituri" in text
    assert asked == ["/robots.txt", "/page"]


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("User-agent: *\nDisallow: /", 200),
        ("User-agent: spoken-qa-harness\nDisallow: /page", 200),
        ("down", 503),
    ],
)
def test_pages_that_may_not(rules: str, status: int) -> None:
    with pytest.raises(WebError, match=r"robots\.txt"):
        read(robots_txt(rules, status))


def test_pages_of_private_machines_are_not_read() -> None:
    with serving(lambda h: h.answer(html(), Content_Type="text/html")) as served:
        fetcher = Fetcher(
            "x", LIMITS, endpoint=served.url
        )  # the service itself may be private; what it links to may not
        with pytest.raises(WebError, match="private address"):
            fetcher.page(served.url + "/page", PAGE_TYPES)
        assert not served.asked
        fetcher.close()


@pytest.mark.parametrize("media_type", ["application/pdf", "image/svg+xml", "application/json", "video/mp4"])
def test_only_pages_are_read(media_type: str) -> None:
    with pytest.raises(WebError) as caught:
        read(lambda h: h.answer(b"%PDF" * 100, 404 if h.path == "/robots.txt" else 200, **{"Content-Type": media_type}))
    assert caught.value.type == "WrongType"
