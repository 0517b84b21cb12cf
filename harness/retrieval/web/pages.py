"""Web pages as their sites allow them to be read, and the passage of a text that fits a query."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from harness.errors import MissingDependency, WebError
from harness.retrieval.web.cleaning import clean
from harness.retrieval.web.fetch import Body, Fetcher
from harness.retrieval.web.reduction import PageReader
from harness.retrieval.web.robots import allows, rules_of
from harness.words.text.normalise import tokenise

PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")


class Pages:
    """Fetches pages as their sites' robots.txt allows, and reduces them to text, each in the time that one answer may take.

    Raises `MissingDependency` when the extra `web` is absent. `reduce` stands for the process that reduces pages.
    """

    def __init__(self, fetcher: Fetcher, user_agent: str, reduce: Callable[[Body], str] | None = None) -> None:
        if find_spec("trafilatura") is None:
            raise MissingDependency("--fetch-pages", "trafilatura", "pip install 'spoken-qa-harness[web]'")
        self._fetcher, self._user_agent = fetcher, user_agent
        self._reader = PageReader(fetcher.limits.timeout)
        self._reduce = reduce or self._reader.text
        self._robots: dict[str, RobotFileParser] = {}

    def text(self, url: str) -> str:
        """Return the main text of a page. Raises `WebError` for one that cannot be fetched or reduced, or that has no text."""
        if not allows(self._rules(url), self._user_agent, url):
            raise WebError("Refused", f"the robots.txt of {urlsplit(url).netloc} asks not to read this page")
        text = self._reduce(self._fetcher.page(url, PAGE_TYPES))
        if not text:
            raise WebError("NoText", "the page holds no text")
        return text

    def close(self) -> None:
        """End the process that reduces pages."""
        self._reader.close()

    def _rules(self, url: str) -> RobotFileParser:
        """Return the site's rules (RFC 9309): all is allowed without a robots.txt, nothing where it cannot be read."""
        place = urljoin(url, "/robots.txt")
        if place not in self._robots:
            try:
                robots = self._fetcher.page(place, ("text/plain", "text/html"))
                rules = robots.content if robots.media_type == "text/plain" else b""
            except WebError as error:
                rules = b"" if error.type in ("Rejected", "WrongType") else b"User-agent: *\nDisallow: /"
            self._robots[place] = rules_of(rules)
        return self._robots[place]


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
