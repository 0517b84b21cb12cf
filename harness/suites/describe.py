"""How large a suite is and how rare its words are: counts only, nothing is recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.audio.decoding import length
from harness.errors import SuiteError
from harness.records import Question, Seconds, Suite
from harness.suites.reading import safe_path
from harness.words.entities import mentions
from harness.words.languages import frequency_list
from harness.words.rarity import BANDS, band, is_rare, zipf
from harness.words.text.normalise import tokenise
from harness.words.typos import possible_typos


@dataclass(frozen=True)
class Description:
    """Counts of one suite.

    `entities` are marked by the suite; `guessed_entities` are those that the rule finds in questions where none are marked.
    `tags` counts questions by tag and value, `bands` questions by the band of their rarest entity word (only where
    entities are marked), `voices` utterances by speaker. `words` are the distinct tokens of the questions, `rare_words`
    those under the default Zipf threshold (`None`: the language has no frequency list), `possible_typos` those that may be
    typing errors, each with the commoner word that may be meant. `audio_seconds` sums the recordings that can be read, of
    which there are `recordings`.
    """

    name: str
    version: str
    digest: str
    speech: str
    questions: int
    entities: int
    guessed_entities: int
    snippets: int
    utterances: int
    recordings: int
    audio_seconds: Seconds
    words: int
    rare_words: int | None
    possible_typos: Mapping[str, str]
    voices: Mapping[str, int]
    accents: Mapping[str, int]
    tags: Mapping[str, Mapping[str, int]]
    bands: Mapping[str, int]


def describe_suite(suite: Suite) -> Description:
    """Count what `suite` holds. Reads the headers of its recordings."""
    seconds = [length for length in map(suite_audio_seconds(suite).get, _audio(suite)) if length is not None]
    words = {token for question in suite.questions for token in tokenise(question.text, suite.language)}
    listed = frequency_list(suite.language) is not None
    bands = Counter(
        band_name for question in suite.questions if (band_name := rarest_band(question, suite.language)) is not None
    )
    return Description(
        name=suite.name,
        version=suite.version,
        digest=suite.digest,
        speech=suite.speech,
        questions=len(suite.questions),
        entities=sum(len(question.entities or ()) for question in suite.questions),
        guessed_entities=sum(
            len(mentions(question, suite.language).spans) for question in suite.questions if question.entities is None
        ),
        snippets=len(suite.snippets),
        utterances=len(suite.utterances),
        recordings=len(seconds),
        audio_seconds=round(sum(seconds), 3),
        words=len(words),
        rare_words=sum(is_rare(word, suite.language) for word in words) if listed else None,
        possible_typos=possible_typos((question.text for question in suite.questions), suite.language),
        voices=_counts(utterance.speaker for utterance in suite.utterances),
        accents=_counts(utterance.accent for utterance in suite.utterances),
        tags=_tag_counts(suite.questions),
        bands={name: bands[name] for name in BANDS},
    )


def rarest_band(question: Question, language: str) -> str | None:
    """Return the Zipf band of the rarest word in the question's entities; `None` where none is marked, or none is listed."""
    tokens = [token for entity in question.entities or () for token in tokenise(entity.text, language)]
    return band(min(zipf(token, language) for token in tokens)) if tokens and frequency_list(language) else None


def suite_audio_seconds(suite: Suite) -> dict[str, Seconds]:
    """Length of each recording that can be read, by its path in the suite, from the file's headers."""
    seconds: dict[str, Seconds] = {}
    for relative in _audio(suite):
        try:
            seconds_of_one = length(safe_path(suite.root, relative))
        except SuiteError:
            continue
        if seconds_of_one is not None:  # `validate` lists the others; only recordings that can be read count here
            seconds[relative] = seconds_of_one
    return seconds


def _audio(suite: Suite) -> list[str]:
    return [utterance.audio for utterance in suite.utterances if utterance.audio is not None]


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(value for value in values if value).items()))


def _tag_counts(questions: Iterable[Question]) -> dict[str, dict[str, int]]:
    values: dict[str, list[str]] = {}
    for question in questions:
        for tag, value in question.tags.items():
            if tag != "pronunciation":  # nearly every question has a value of its own
                values.setdefault(tag, []).append(value)
    return {tag: _counts(values[tag]) for tag in sorted(values)}
