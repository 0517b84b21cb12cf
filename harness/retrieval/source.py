"""What an index is made of: the text of a snippet that is indexed, its terms, and the digest of all snippets together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from harness.records import Snippet
from harness.words.normalise import NORMALISER_VERSION, tokenise


@dataclass(frozen=True, slots=True)
class Analyser:
    """From text to the terms that are indexed and searched. `name` changes whenever the terms of some text do."""

    name: str
    terms: Callable[[str], list[str]]


WORDS: Final = Analyser(str(NORMALISER_VERSION), tokenise)


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
