"""The names that an index holds: what its snippets are titled, and what stands with capitals in their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.records import Question, Snippet
from harness.words.entities import mentions
from harness.words.rarity import is_rare
from harness.words.text.normalise import tokenise
from harness.words.titles import title_name

Name = tuple[str, ...]  # normalised words


def indexed_names(snippets: Sequence[Snippet], language: str) -> list[Name]:
    """Return the names in snippets, and the rare words in them, which name the same alone (`medawar`): most frequent first.

    Names are guessed by the rule that guesses the entities of questions.
    """
    counts: Counter[Name] = Counter()
    for snippet in snippets:
        for name in names_in(snippet, language):
            counts[name] += 1
            if len(name) > 1:
                counts.update((word,) for word in name if is_rare(word, language))
    return sorted(counts, key=lambda name: (-counts[name], name))


def names_in(snippet: Snippet, language: str) -> Iterator[Name]:
    """Yield the name that a snippet is titled with, and those in its text, in order."""
    titled = title_name(snippet.title)
    if titled and (words := tokenise(titled, language)):
        yield tuple(words)
    tokens = tokenise(snippet.text, language)
    for start, end in mentions(Question(snippet.id, snippet.text), language).spans:
        yield tuple(tokens[start:end])
