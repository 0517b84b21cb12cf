"""Words that say little of what a text is about, as `tokenise` writes them: spaCy's stop words of a language.

English has lists of its own where figures rest on them: `analysis.word_classes`, `answering.question`, `words.entities`.
"""

from __future__ import annotations

from functools import cache

from harness.words.languages import primary, spacy_stop_words
from harness.words.text.normalise import tokenise


def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language; empty where none are known."""
    return _stop_words(primary(language))


@cache
def _stop_words(language: str) -> frozenset[str]:
    tokens = (tokenise(word, language) for word in spacy_stop_words(language))
    return frozenset(words[0] for words in tokens if len(words) == 1)
