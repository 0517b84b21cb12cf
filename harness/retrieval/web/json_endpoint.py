"""Any search service that answers in JSON, described in a TOML file:

name = "my-search"                                          # how sources call it
url = "https://search.example/v1?q={query}&n={count}"       # {query} is required and comes URL-encoded; {language}: "es"
html = false                                                # the texts hold tags, which are taken out

[paths]                                                     # dotted; a number picks from a list: "data.0.hits"
results = "data.items"
title = "heading"                                           # these three from each of the results
url = "link"
text = "summary"

[headers]                                                   # each value names the environment variable with the key
X-Api-Key = "MY_SEARCH_KEY"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import msgspec

from harness.errors import SpecError, UsageError, WebError
from harness.http.secrets import is_key_name, remember
from harness.retrieval.web.addresses import check_url
from harness.retrieval.web.cleaning import strip_tags
from harness.retrieval.web.protocol import SearchResult, key_from, list_at, text_at
from harness.words.languages import primary

_HEADER = re.compile(r"[A-Za-z0-9-]+")
_MAX_BYTES = 100_000


class _Paths(msgspec.Struct, forbid_unknown_fields=True):
    results: str
    url: Annotated[str, msgspec.Meta(min_length=1)]
    text: Annotated[str, msgspec.Meta(min_length=1)]
    title: str = "title"


class _Description(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    paths: _Paths
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")] = "json"
    html: bool = False
    headers: dict[str, str] = {}


@dataclass(frozen=True)
class JsonEndpoint:
    """A service as its description defines it."""

    name: str
    template: str
    paths: _Paths
    html: bool
    headers: Mapping[str, str]
    secrets: Mapping[str, str]
    advice: Mapping[int, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """The address without its query."""
        return urlunsplit((*urlsplit(self.url("x", 1))[:3], "", ""))

    @property
    def identity(self) -> Mapping[str, str]:
        """A digest of the description, without its keys."""
        described = msgspec.json.encode([self.template, self.paths, self.html])
        return {"description": sha256(described).hexdigest()[:16]}

    def url(self, query: str, count: int) -> str:
        """Return the template, filled in."""
        return self.template.replace("{query}", quote(query, safe="")).replace("{count}", str(count))

    def results(self, answer: Any) -> list[SearchResult]:
        """Return the results at the description's paths."""
        plain = strip_tags if self.html else str
        return [
            SearchResult(
                plain(text_at(entry, self.paths.title)),
                text_at(entry, self.paths.url),
                plain(text_at(entry, self.paths.text)),
            )
            for entry in list_at(answer, self.paths.results)
        ]


def read_endpoint(path: Path | str, language: str) -> JsonEndpoint:
    """Read a description; `{language}` in its address becomes the primary subtag of `language`.

    Raises `SpecError` for a file that is not one, `UsageError` for a key that is not set.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise SpecError("is too large for a description of a search service", file=path)
        described = msgspec.convert(tomllib.loads(content.decode("utf-8")), _Description)
    except OSError as error:
        raise SpecError(
            f"cannot be read: {error.strerror}. A TOML file that describes the service was expected", file=path
        ) from error
    except UnicodeDecodeError as error:
        raise SpecError("is not UTF-8 text; a TOML file was expected", file=path) from error
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"is not valid TOML: {error}", file=path) from error
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        raise SpecError(problem, file=path, field=place.strip("`.") or None) from error
    if "{query}" not in described.url:
        raise SpecError("has no {query}: write it where the words that are searched for belong", file=path, field="url")
    keys = _keys(described.headers, path) | _keys_in(described.url)
    headers = {header: keys[variable] for header, variable in described.headers.items()}
    template = described.url.replace("{language}", primary(language))
    endpoint = JsonEndpoint(described.name, template, described.paths, described.html, headers, keys)
    try:
        check_url(endpoint.url("x", 1))
    except WebError as error:
        raise SpecError(f"{error}. Expected http(s)://HOST/...{{query}}...", file=path, field="url") from error
    return endpoint


def _keys_in(address: str) -> dict[str, str]:
    """Return the keys in the query of an address, which the service may give back."""
    keys = {}
    for name, value in parse_qsl(urlsplit(address).query):
        if is_key_name(name) and "{" not in value:
            remember(name, value)
            keys[name] = value
    return keys


def _keys(headers: Mapping[str, str], path: Path) -> dict[str, str]:
    keys = {}
    for header, variable in headers.items():
        if not _HEADER.fullmatch(header):
            raise SpecError(f"{header!r} is no name of a header", file=path, field="headers")
        try:
            keys[variable] = key_from(variable)
        except UsageError as error:
            raise SpecError(str(error), file=path, field=f"headers.{header}") from error
    return keys
