"""Which words of a question name what it is about.

Three sources, in this order: the suite's own annotation, a spaCy pipeline, and a rule. The rule takes runs of words
that are capitalised inside a sentence, or that are rare; where case is uninformative (all lower, all upper, title case, or no
capitals but those of "I" and of the first word of a sentence), of words that are not common. In German, where every noun
has a capital, it takes capitalised words that are rare. The source that was used goes
with every number that rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from harness.errors import UsageError
from harness.records import Question, Zipf
from harness.words.languages import capitalises_nouns, frequency_list, primary
from harness.words.rarity import DEFAULT_THRESHOLD, is_rare
from harness.words.stop_words import stop_words
from harness.words.text.normalise import Token, normalise, tokenise_spans
from harness.words.text.normalisers import DEFAULT, Normaliser

Span = tuple[int, int]  # half-open

# A capital on one of these at the start of a sentence is uninformative.
_SENTENCE_STARTERS = frozenset({
    "a", "after", "an", "and", "are", "as", "at", "before", "by", "can", "could", "describe", "did", "do", "does",
    "during", "explain", "find", "for", "from", "give", "had", "has", "have", "he", "her", "his", "how", "i", "if",
    "in", "is", "it", "its", "list", "many", "may", "me", "name", "of", "on", "or", "please", "she", "should",
    "show", "since", "tell", "that", "the", "their", "there", "these", "they", "this", "those", "to", "under",
    "until", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose", "why", "will",
    "with", "would", "you", "your",
})  # fmt: skip
_PRONOUNS = frozenset({"i", "i'm", "i've", "i'll", "i'd"})
# Inside a name: Lord of the Rings.
_LINKS = frozenset({"of", "the", "de", "la", "del", "da", "di", "van", "von", "der"})
# Without case, a threshold of 3.0 finds too little: of the words in the entities of 2,400 EntityQuestions in lower case
# 29 %; 4.0 finds 46 %. Of what either finds, 95 % or more lies in an entity; at 4.5 that falls to 90 %. Measured for English
# only: in other languages rare words are taken.
_UNCOMMON: Zipf = 4.0
_LONGEST_ABBREVIATION = 3  # a dot after St, Mr, Dr, Mrs ends no sentence


@dataclass(frozen=True, slots=True)
class EntityMentions:
    """Mentions as half-open ranges over the question's tokens, in order.

    `source` is `suite`, `spacy:<pipeline>` or `rule`. `unlocated` counts mentions whose words a normaliser melted with others,
    or removed: they have no range.
    """

    source: str
    spans: tuple[Span, ...]
    unlocated: int = 0


def mentions(question: Question, language: str, pipeline: str | None = None) -> EntityMentions:
    """Return the entity mentions of a question. `pipeline` names an installed spaCy pipeline, or its folder.

    Raises `UsageError` for a pipeline that is not installed.
    """
    tokens = tokenise_spans(question.text, language)
    if question.entities is not None:
        return EntityMentions("suite", _token_ranges(tokens, ((e.start, e.end) for e in question.entities)))
    if pipeline is not None:
        ranges = ((entity.start_char, entity.end_char) for entity in spacy_pipeline(pipeline)(question.text).ents)
        return EntityMentions(f"spacy:{pipeline}", _token_ranges(tokens, ranges))
    return EntityMentions("rule", _by_rule(question.text, tokens, language))


def mentions_among(own: EntityMentions, text: str, language: str, rules: Normaliser) -> EntityMentions:
    """Return the mentions of a text as ranges over the words that a normaliser makes of it."""
    if rules.name == DEFAULT:
        return own
    tokens = tokenise_spans(text, language)
    places = [rules.locate(text, (tokens[start].start, tokens[end - 1].end)) for start, end in own.spans]
    located = tuple(place for place in places if place is not None)
    return EntityMentions(own.source, located, len(places) - len(located))


def aliases(question: Question, language: str, rules: Normaliser) -> dict[Span, tuple[tuple[str, ...], ...]]:
    """Return the other names of the question's entities by the mentions, both in the words that a normaliser makes."""
    tokens = tokenise_spans(question.text, language)
    named: dict[Span, tuple[tuple[str, ...], ...]] = {}
    for entity in (entity for entity in question.entities or () if entity.aliases):
        own = EntityMentions("suite", _token_ranges(tokens, [(entity.start, entity.end)]))
        for span in mentions_among(own, question.text, language, rules).spans:
            named[span] = tuple(tuple(rules.tokenise(alias)) for alias in entity.aliases)
    return named


def lexicon(questions: Iterable[Question], language: str, pipeline: str | None = None) -> tuple[str, ...]:
    """Return the distinct entities of the questions as they are written there, in order of first mention.

    Those that normalise alike are one entity; the first spelling is kept. Bias lists are made of these.
    """
    first_spelling: dict[str, str] = {}
    for question in questions:
        tokens = tokenise_spans(question.text, language)
        for start, end in mentions(question, language, pipeline).spans:
            text = question.text[tokens[start].start : tokens[end - 1].end]
            first_spelling.setdefault(normalise(text, language), text)
    return tuple(first_spelling.values())


def _token_ranges(tokens: Sequence[Token], characters: Iterable[Span]) -> tuple[Span, ...]:
    """Return the token ranges that overlap the given character ranges; a range without any word in it is left out."""
    ranges: set[Span] = set()
    for start, end in characters:
        inside = [index for index, token in enumerate(tokens) if token.start < end and token.end > start]
        if inside:
            ranges.add((inside[0], inside[-1] + 1))
    return tuple(sorted(ranges))


@cache
def spacy_pipeline(name: str) -> Any:
    """Return the installed spaCy pipeline of that name, or in that folder. Raises `UsageError` where it is not installed."""
    import spacy

    try:
        return spacy.load(name)
    except OSError as error:
        raise UsageError(
            f"the spaCy pipeline {name!r} is not installed. Install it with: python -m spacy download {name}"
        ) from error


def _by_rule(text: str, tokens: Sequence[Token], language: str) -> tuple[Span, ...]:
    capitals = [_is_capitalised(text, token) for token in tokens]
    initial = [_starts_sentence(text, tokens, index) for index in range(len(tokens))]
    english = primary(language) == "en"
    rare = [_is_rarer(token, language, DEFAULT_THRESHOLD) for token in tokens]
    if capitalises_nouns(language) and any(capitals):
        named = [capital and known for capital, known in zip(capitals, rare, strict=True)]
        return tuple(_runs(tokens, named, capitals))
    if not _case_is_informative(text, tokens, capitals, initial):
        named = [_is_rarer(token, language, _UNCOMMON) for token in tokens] if english else rare
        return tuple(_runs(tokens, named, [False] * len(tokens)))
    named, starters = rare, _SENTENCE_STARTERS if english else stop_words(language)
    for index, token in enumerate(tokens):
        if capitals[index] and not initial[index]:
            named[index] |= token.text not in _PRONOUNS
        elif capitals[index]:
            followed = index + 1 < len(tokens) and capitals[index + 1] and not initial[index + 1]
            named[index] |= followed and token.text not in starters
        elif index > 0 and text[token.start].isdigit():
            named[index] = capitals[index] = named[index - 1] and capitals[index - 1]  # Apollo 11, Boeing 747
    return tuple(_runs(tokens, named, capitals))


def _case_is_informative(text: str, tokens: Sequence[Token], capitals: Sequence[bool], initial: Sequence[bool]) -> bool:
    """Return whether some words inside the sentences are capitalised and others are not.

    "who wrote Middlemarch", but neither "Who wrote middlemarch" nor "Can I read middlemarch" nor "WHO WROTE IT IN 1871".
    """
    inside = [
        capital
        for token, capital, first in zip(tokens, capitals, initial, strict=True)
        if not first and token.text not in _PRONOUNS and any(map(str.isalpha, text[token.start : token.end]))
    ]
    return any(inside) and not all(inside)


def _is_rarer(token: Token, language: str, limit: Zipf) -> bool:
    """Return whether a word is less frequent than a limit; without a frequency list, case alone tells names."""
    return frequency_list(language) is not None and is_rare(token.text, language, limit)


def _is_capitalised(text: str, token: Token) -> bool:
    return any(character.isupper() for character in text[token.start : token.end])  # iPhone too


def _starts_sentence(text: str, tokens: Sequence[Token], index: int) -> bool:
    if index == 0:
        return True
    before = tokens[index - 1]
    gap = text[before.end : tokens[index].start]
    return "?" in gap or "!" in gap or ("." in gap and len(before.text) > _LONGEST_ABBREVIATION)


def _runs(tokens: Sequence[Token], named: Sequence[bool], capitals: Sequence[bool]) -> list[Span]:
    """Return runs of named words; one or two links between capitalised ones belong to the name."""
    runs: list[Span] = []
    for index in (index for index, is_named in enumerate(named) if is_named):
        end = runs[-1][1] if runs else -1
        links = tokens[end:index] if runs and capitals[end - 1] and capitals[index] else ()
        if index == end or (0 < len(links) <= 2 and all(token.text in _LINKS for token in links)):
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs
