"""Search services and the JSON that each documents: what to ask, and where title, URL and text stand in the answer.

searxng     GET {url}/search?q=&format=json&language= -> results[].{title,url,content}
brave       GET https://api.search.brave.com/res/v1/web/search?q=&count=&search_lang= -> web.results[].{title,url,description}
mediawiki   GET {url}?action=query&list=search&srsearch= -> query.search[].{title,pageid,snippet}; Wikipedia unless named
json        any other, described in TOML: see `json_endpoint`

Each searches in the language of the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit, urlunsplit

from harness.errors import UnknownName, UsageError, WebError
from harness.retrieval.web.addresses import check_url
from harness.retrieval.web.blocked import no_answering_engine
from harness.retrieval.web.cleaning import clean, strip_tags
from harness.retrieval.web.json_endpoint import read_endpoint
from harness.retrieval.web.protocol import Provider, SearchResult, key_from, list_at, text_at, value_at
from harness.words.languages import primary

BRAVE_URL = "https://api.search.brave.com/res/v1/web/search"
BRAVE_KEY = "BRAVE_SEARCH_API_KEY"
MAX_RESULTS = 50  # per query; Brave gives 20 at most
# Languages of Brave's `search_lang` (https://api-dashboard.search.brave.com/documentation/resources/language-codes).
_BRAVE_LANGUAGES = {
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr", "gl", "gu", "he", "hi", "hr", "hu", "is",
    "it", "jp", "kn", "ko", "lt", "lv", "ml", "mr", "ms", "nb", "nl", "pa", "pl", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "te",
    "th", "tr", "uk", "vi",
}  # fmt: skip
_BRAVE_NAMES = {"ja": "jp", "no": "nb"}
_WIKIPEDIAS = {"nb": "no", "cmn": "zh", "yue": "zh-yue", "fil": "tl"}
_WIKI_TRANSIENT = ("maxlag", "ratelimited", "readonly", "internal_api_error", "search-backend-error", "cirrussearch-")
_SEARXNG_ADVICE = {
    403: "Does the instance give JSON? Add json to search.formats in its settings.yml",
    404: "Is --url the address of the instance, without a path of its own?",
    429: "Its limiter turns this program away: lower --rate, or set server.limiter: false in the settings.yml of your instance",
}
_BRAVE_ADVICE = dict.fromkeys((401, 403, 422), f"Is {BRAVE_KEY} a key of this service?") | {
    429: "The key's plan allows no more for now: lower --rate, or go on later"
}


@dataclass(frozen=True)
class SearXNG:
    """A SearXNG instance by its address. It gives one page, of about twenty results, whatever is asked for."""

    base: str
    language: str
    name: str = "searxng"
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def advice(self) -> Mapping[int, str]:
        """Instances give JSON only where their settings allow it, and turn programs away with their limiter."""
        return _SEARXNG_ADVICE

    @property
    def endpoint(self) -> str:
        """The address of its search."""
        return self.base.rstrip("/").removesuffix("/search") + "/search"

    @property
    def identity(self) -> Mapping[str, str]:
        """The language that is searched in."""
        return {"language": self.language}

    def url(self, query: str, count: int) -> str:
        """Return the first page."""
        return f"{self.endpoint}?{urlencode({'q': query, 'format': 'json', 'language': self.language})}"

    def results(self, answer: Any) -> list[SearchResult]:
        """`results`, as the engines behind it were merged. No result because no engine answered is a failure."""
        results = [
            SearchResult(text_at(entry, "title"), text_at(entry, "url"), text_at(entry, "content"))
            for entry in list_at(answer, "results")
        ]
        if not results and (problem := no_answering_engine(value_at(answer, "unresponsive_engines"))):
            raise problem
        return results


@dataclass(frozen=True)
class Brave:
    """Brave Search. A query may have 400 characters and 50 words: what is longer is cut."""

    endpoint: str
    headers: Mapping[str, str]
    secrets: Mapping[str, str]
    language: str
    name: str = "brave"
    advice: Mapping[int, str] = field(default_factory=lambda: _BRAVE_ADVICE)

    @property
    def identity(self) -> Mapping[str, str]:
        """The language that is searched in, as Brave calls it."""
        return {"language": self.language}

    def url(self, query: str, count: int) -> str:
        """Twenty results at most."""
        asked = " ".join(query.split()[:50])[:400]
        parameters = {"q": asked, "count": min(count, 20), "text_decorations": "false", "search_lang": self.language}
        return f"{self.endpoint}?{urlencode(parameters)}"

    def results(self, answer: Any) -> list[SearchResult]:
        """`web.results`; news, videos and discussions stand elsewhere in the answer."""
        if value_at(answer, "type") == "search" and value_at(answer, "web") is None:  # it is left out without results
            return []
        return [
            SearchResult(text_at(entry, "title"), text_at(entry, "url"), strip_tags(text_at(entry, "description")))
            for entry in list_at(answer, "web.results")
        ]


@dataclass(frozen=True)
class MediaWiki:
    """A wiki by the address of its `api.php`. The same request asks for the site's page addresses."""

    endpoint: str
    name: str = "mediawiki"
    identity: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    advice: Mapping[int, str] = field(default_factory=dict)

    def url(self, query: str, count: int) -> str:
        """Results, and where the site's pages are; with `maxlag` a busy wiki refuses."""
        asked = {
            "action": "query",
            "list": "search",
            "srsearch": query,
            "srlimit": count,
            "srprop": "snippet",
            "meta": "siteinfo",
            "siprop": "general",
            "format": "json",
            "formatversion": 2,
            "maxlag": 5,
        }
        return f"{self.endpoint}?{urlencode(asked)}"

    def results(self, answer: Any) -> list[SearchResult]:
        """`query.search`. Problems come with status 200, too."""
        if code := text_at(answer, "error.code"):
            info = text_at(answer, "error.info")
            transient = code.startswith(_WIKI_TRANSIENT)
            raise WebError(
                "Unavailable" if transient else "Rejected", clean(f"{code}: {info}", 200), transient=transient
            )
        site = value_at(answer, "query.general")
        return [
            SearchResult(text_at(entry, "title"), self._page(site, entry), strip_tags(text_at(entry, "snippet")))
            for entry in list_at(answer, "query.search")
        ]

    def _page(self, site: object, entry: Mapping[str, Any]) -> str:
        """`articlepath` of the site with the title in it, or else the page by its number."""
        path, title = text_at(site, "articlepath"), text_at(entry, "title").replace(" ", "_")
        if "$1" in path:
            base = urljoin(self.endpoint, text_at(site, "server") or "/")
            return urljoin(base, path.replace("$1", quote(title, safe="/:@!$()*,;~")))
        return urljoin(self.endpoint, f"index.php?curid={entry.get('pageid', 0)}")


def make_provider(name: str, url: str | None, *, language: str, contact: str = "") -> Provider:
    """Return the provider `name`: for `json`, `url` is the TOML file that describes it. Raises `UsageError`, `InputError`."""
    if name not in PROVIDERS:
        raise UnknownName("provider", name, PROVIDERS)
    if name == "mediawiki" and not contact:
        raise UsageError(
            "--provider mediawiki needs --contact with a mail address or a page of yours: wikis ask every program for one"
        )
    return PROVIDERS[name](url, language)


def service_url(url: str | None, example: str) -> str:
    """Return the address that the user gave. Raises `UsageError` for one that cannot be a service's, or that holds a secret."""
    if not url:
        raise UsageError(f"--url is missing: give the service's address, for example {example}")
    try:
        check_url(url)
    except WebError as error:
        raise UsageError(f"--url: {error}. Expected an address such as {example}") from error
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise UsageError(
            f"--url: the part from '?' or '#' on is not used; give the bare address, for example {example}"
        )
    return urlunsplit(parts)


def _searxng(url: str | None, language: str) -> Provider:
    return SearXNG(service_url(url, "http://localhost:8080"), language)


def _brave(url: str | None, language: str) -> Provider:
    key = key_from(BRAVE_KEY)
    headers = {"X-Subscription-Token": key, "Accept": "application/json"}
    return Brave(service_url(url or BRAVE_URL, BRAVE_URL), headers, {BRAVE_KEY: key}, _brave_language(language))


def _brave_language(language: str) -> str:
    """Return what Brave calls a language: "pt-PT" -> "pt-pt". Raises `UsageError` for one that it does not search in."""
    tag, code = language.lower(), primary(language)
    if code == "pt":
        return "pt-pt" if tag == "pt-pt" else "pt-br"
    if code == "zh":
        return "zh-hant" if any(part in tag.split("-") for part in ("hant", "tw", "hk", "mo")) else "zh-hans"
    code = _BRAVE_NAMES.get(code, code)
    if code not in _BRAVE_LANGUAGES:
        raise UsageError(
            f"--provider brave cannot search in {language!r}: use searxng, mediawiki, or json with a service of yours"
        )
    return code


def _mediawiki(url: str | None, language: str) -> Provider:
    code = primary(language)
    wikipedia = f"https://{_WIKIPEDIAS.get(code, code)}.wikipedia.org/w/api.php"
    return MediaWiki(service_url(url or wikipedia, wikipedia))


def _json(url: str | None, language: str) -> Provider:
    if not url:
        raise UsageError("--provider json needs --url FILE.toml, the file that describes the service")
    return read_endpoint(url, language)


PROVIDERS: Mapping[str, Callable[[str | None, str], Provider]] = {
    "searxng": _searxng,
    "brave": _brave,
    "mediawiki": _mediawiki,
    "json": _json,
}
