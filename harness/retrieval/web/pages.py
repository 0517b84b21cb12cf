"""Web pages to text (trafilatura), and the passage of a text that fits a query."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from harness.errors import MissingDependency, WebError
from harness.retrieval.web.cleaning import clean
from harness.retrieval.web.fetch import Body, Fetcher
from harness.words.text.normalise import tokenise

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_MAX_TEXT_CHARACTERS = 400_000  # of one page
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")


class Pages:
    """Fetches pages as their sites' robots.txt allows. Raises `MissingDependency` when the extra `web` is absent."""

    def __init__(self, fetcher: Fetcher, user_agent: str) -> None:
        try:
            import trafilatura  # noqa: F401
        except ImportError as error:
            raise MissingDependency("--fetch-pages", "trafilatura", "pip install 'spoken-qa-harness[web]'") from error
        self._fetcher, self._user_agent = fetcher, user_agent
        self._robots: dict[str, RobotFileParser] = {}

    def text(self, url: str) -> str:
        """Return the main text of a page. Raises `WebError` for one that cannot be fetched, or that has no text."""
        if not self._rules(url).can_fetch(self._user_agent, url):
            raise WebError("Refused", f"the robots.txt of {urlsplit(url).netloc} asks not to read this page")
        text = page_text(self._fetcher.page(url, PAGE_TYPES))
        if not text:
            raise WebError("NoText", "the page holds no text")
        return text

    def _rules(self, url: str) -> RobotFileParser:
        """Return the site's rules (RFC 9309): all is allowed without a robots.txt, nothing where it cannot be read."""
        place = urljoin(url, "/robots.txt")
        if place not in self._robots:
            rules = self._robots[place] = RobotFileParser()
            try:
                robots = self._fetcher.page(place, ("text/plain", "text/html"))
                rules.parse(
                    robots.content.decode("utf-8", "replace").splitlines() if robots.media_type == "text/plain" else []
                )
            except WebError as error:
                rules.parse([] if error.type in ("Rejected", "WrongType") else ["User-agent: *", "Disallow: /"])
        return self._robots[place]


def page_text(body: Body) -> str:
    """Return the main text of a page: paragraphs, one a line. Bytes that are not text in its encoding become U+FFFD."""
    from trafilatura import extract

    text = _decode(body)
    if body.media_type != "text/plain":
        text = extract(text, include_comments=False) or ""
    lines = (clean(line, _MAX_TEXT_CHARACTERS) for line in text[:_MAX_TEXT_CHARACTERS].splitlines())
    return "\n".join(line for line in lines if line)


def best_passage(text: str, query: str, language: str, max_characters: int) -> str:
    """Whole sentences of one paragraph that hold most of the query's different words; of equals, the first."""
    wanted = set(tokenise(query, language))
    passages = [passage for line in text.splitlines() for passage in _passages(line, max_characters)]
    return max(passages, key=lambda passage: len(wanted & set(tokenise(passage, language))), default="")


def _passages(line: str, max_characters: int) -> list[str]:
    """Return the line in pieces of whole sentences, each as long as fits."""
    pieces: list[str] = []
    for sentence in _SENTENCE.split(line):
        if pieces and len(pieces[-1]) + 1 + len(sentence) <= max_characters:
            pieces[-1] += " " + sentence
        else:
            pieces.append(clean(sentence, max_characters))
    return pieces


def _decode(body: Body) -> str:
    """Decode by the header's charset, else the page's own, else as UTF-8."""
    declared = _META_CHARSET.search(body.content[:2048])
    charset = body.charset or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        text = body.content.decode(charset, "replace")
    except (LookupError, ValueError):  # unknown, or a codec that is none of text, such as base64
        text = body.content.decode("utf-8", "replace")
    return text.replace("\0", "")
