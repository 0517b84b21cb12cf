"""What an index is made of: the text of a snippet that is indexed, its terms, and the digest of all snippets together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from harness.records import Snippet
from harness.words.languages import primary
from harness.words.text.normalise import NORMALISER_VERSION, tokenise

WORDS: Final = "words"


@dataclass(frozen=True, slots=True)
class Analyser:
    """From text in a language to the terms that are indexed and searched: `kind` says what they are, `WORDS` or others.

    `name` changes whenever the terms of some text do.
    """

    kind: str
    language: str
    name: str
    terms: Callable[[str], list[str]]

    def identity(self) -> dict[str, str]:
        """Return what decides the terms."""
        return {"tokeniser": self.name, **language_identity(self.language)}


def language_identity(language: str) -> dict[str, str]:
    """Return the part of a retriever's identity that is its language; nothing for English, the only one of older indexes."""
    return {} if primary(language) == "en" else {"language": primary(language)}


@cache
def word_analyser(language: str) -> Analyser:
    """Return the analyser whose terms are a text's normalised words."""
    return Analyser(WORDS, primary(language), NORMALISER_VERSION, partial(tokenise, language=language))


def indexed_text(snippet: Snippet) -> str:
    """Return the text of a snippet that lexical retrievers index: its title and its text."""
    return f"{snippet.title} {snippet.text}"


class SourceDigest:
    """sha256 over the ids, titles and texts of snippets, added in order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, snippet: Snippet) -> None:
        """Add the next snippet."""
        for part in (snippet.id, snippet.title, snippet.text):
            encoded = part.encode("utf-8", "surrogatepass")
            self._hash.update(len(encoded).to_bytes(8, "little"))  # so that no two lists of parts look alike
            self._hash.update(encoded)

    def hexdigest(self) -> str:
        """Return the digest of all snippets added so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()


def source_digest(snippets: Iterable[Snippet]) -> str:
    """Return the `SourceDigest` of all of `snippets`."""
    digest = SourceDigest()
    for snippet in snippets:
        digest.add(snippet)
    return digest.hexdigest()
