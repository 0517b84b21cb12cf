"""Pages that keep a parser busy, and the process that is ended for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from unicodedata import combining

import pytest

from harness.errors import WebError
from harness.retrieval.web.cleaning import clean, strip_tags
from harness.retrieval.web.fetch import Body
from harness.retrieval.web.reduction import PageReader, page_text
from harness.retrieval.web.robots import allows, rules_of
from harness.words.text.normalise import normalise

pytest.importorskip("trafilatura", reason="the extra 'web' is not installed")

SOON = 60.0  # seconds, for a busy machine; without a bound the pages below take from minutes to days
TEXT = "The okapi lives in the rain forest of the Congo, and was unknown to science until 1901."
GOOD = f"<html><body><article><h1>Okapi</h1>{f'<p>{TEXT}</p>' * 3}</article></body></html>".encode()
N = 2_000_000  # bytes: what is read of a page unless set
# By what they are made of; each is about N bytes.
ENDLESS = {
    "attributes": b"<p " + b" ".join(b"a%d=b" % number for number in range(N // 9)) + b">x</p>",
    "paragraphs": b"<p>a" * (N // 4),
}
QUICK = {
    "accents": ("<p>" + f"{TEXT} a".replace("a", "a" + "\u0316\u0301" * 30) + "\u0316\u0301" * (N // 4)).encode(),
    "tags that stay open": b"<div>" * (N // 5),
    "tags that are closed": b"<div>" * (N // 11) + b"x" + b"</div>" * (N // 11),
    "tables in tables": b"<table><tr><td>" * (N // 15),
    "a long script": b"<script>" + b"var a=1;" * (N // 8) + b"</script>",
    "comments that stay open": b"<!--" * (N // 4),
    "angles": b"<" * N,
    "sections": b"<![CDATA[" * (N // 9),
}


def body(content: bytes) -> Body:
    return Body("http://x.example/", "text/html", "utf-8", content)


@pytest.fixture
def reader() -> Iterator[PageReader]:
    reader = PageReader(3)
    yield reader
    reader.close()


def test_the_process_reduces_a_page_as_the_function_does(reader: PageReader) -> None:
    assert reader.text(body(GOOD)) == page_text(body(GOOD))
    assert TEXT in reader.text(body(GOOD))
    assert reader.text(Body("http://x.example/", "text/plain", "", b"a\n\n b")) == "a\nb"


@pytest.mark.parametrize("page", ENDLESS)
def test_a_page_that_takes_too_long_costs_itself(page: str) -> None:
    reader = PageReader(0.5)
    begun = time.monotonic()
    with pytest.raises(WebError, match=r"the page was not reduced to text within 0\.5 s") as caught:
        reader.text(body(ENDLESS[page]))
    assert caught.value.type == "Timeout"
    assert time.monotonic() - begun < SOON
    patient = PageReader(30)
    assert TEXT in patient.text(body(GOOD))
    patient.close()


@pytest.mark.slow
@pytest.mark.parametrize("page", QUICK)
def test_pages_that_only_look_bad(page: str) -> None:
    reader = PageReader(SOON)
    assert "<" not in reader.text(body(QUICK[page])) or page == "angles"
    reader.close()


def test_the_page_after_one_that_was_given_up_is_read(reader: PageReader) -> None:
    with pytest.raises(WebError, match="not reduced"):
        reader.text(body(ENDLESS["paragraphs"]))
    patient, process = PageReader(30), reader._process
    assert process is None
    assert TEXT in patient.text(body(GOOD))
    assert patient._process is not None
    patient._process.kill()  # as a parser that crashes
    patient._process.wait()
    with pytest.raises(WebError, match="ended the process") as caught:
        patient.text(body(GOOD))
    assert caught.value.type == "Unreadable"
    assert TEXT in patient.text(body(GOOD))
    patient.close()


def test_what_a_parser_stumbles_over_costs_the_page(reader: PageReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PageReader, "_ask", lambda self, page: ("RecursionError",))
    with pytest.raises(WebError, match=r"cannot be reduced to text \(RecursionError\)") as caught:
        reader.text(body(GOOD))
    assert caught.value.type == "Unreadable"


def test_the_process_ends_with_its_reader() -> None:
    reader = PageReader(30)
    reader.text(body(GOOD))
    process = reader._process
    assert process is not None
    assert process.poll() is None
    del reader
    assert process.poll() is not None


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<!--", "<![", "</", "<a b='", "<?", "&#", "<a b=c ", "&#1114112;", "<title>"]
)
def test_a_megabyte_of_broken_tags_is_stripped_at_once(piece: str) -> None:
    begun = time.monotonic()
    strip_tags(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - begun < 20


def test_a_heap_of_accents_is_cut_to_thirty() -> None:
    heap = "\u0301\u0316" * 200_000
    begun = time.monotonic()
    assert sum(combining(c) > 0 for c in clean(f"o{heap}kapi", 20_000)) == 0 + sum(
        combining(c) > 0 for c in clean("o" + "\u0301\u0316" * 15 + "kapi", 20_000)
    )
    assert normalise(f"o{heap} kapi", "en") == "o kapi"
    assert time.monotonic() - begun < 20
    assert clean("Zu\u0308rich", 99) == "Zürich"


@pytest.mark.parametrize(
    "line",
    ["Crawl-delay: \u00b2", f"Crawl-delay: {'9' * 5000}", "Request-rate: \u00b2/\u00b2", "Disallow: //[", "Allow: //%5B", "a" * 100_000, "\0:\0"],
)  # fmt: skip
def test_a_robots_txt_with_nonsense_keeps_its_other_rules(line: str) -> None:
    rules = rules_of(f"User-agent: *\n{line}\nDisallow: /private # not for you\n".encode())
    assert allows(rules, "harness/1", "http://x.example/page")
    assert not allows(rules, "harness/1", "http://x.example/private/page")


def test_an_address_that_the_parser_cannot_take_is_not_read() -> None:
    assert not allows(rules_of(b"User-agent: *\nDisallow: /x\n"), "harness/1", "http://%5B/page")


def test_a_robots_txt_of_megabytes_is_read_to_its_bound() -> None:
    content = b"User-agent: *\n" + b"Disallow: /a\n" * 500_000 + b"Disallow: /late\n"
    begun = time.monotonic()
    rules = rules_of(content)
    assert not allows(rules, "harness/1", "http://x.example/a")
    assert allows(rules, "harness/1", "http://x.example/late")
    assert time.monotonic() - begun < 20


def test_groups_of_a_robots_txt_stay_apart() -> None:
    rules = rules_of(b"User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /x\nSitemap: http://x.example/s\n")
    assert allows(rules, "harness/1", "http://x.example/page")
    assert not allows(rules, "other", "http://x.example/page")
