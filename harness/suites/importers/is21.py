"""LibriSpeech biasing lists (Le et al., Interspeech 2021): utterances whose rare words are listed, and systems' outputs.

Reference, tab-separated without a header: id, text, JSON list of the text's rare words, JSON list of words to bias with.
Hypotheses: id, text. Each utterance becomes a question without snippets: its words can be scored, nothing is retrieved. Every
token that is listed becomes an entity, so that "rare" is what the lists say and not what a frequency says alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from harness.errors import SuiteError
from harness.records import Entity, Question, Utterance
from harness.suites.importers.lines import read_lines
from harness.suites.importers.writing import Imported, check_labels, write_suite

LICENCE = "lists: MIT (facebookresearch/fbai-speech); LibriSpeech text: CC BY 4.0"
CITATION = (
    "Le et al., Contextualized Streaming End-to-End Speech Recognition with Trie-Based Deep Biasing, Interspeech 2021"
)
_EXPECTED = "id, text and JSON lists of rare words and of bias words, with tabs between (is21)"
_TOKEN = re.compile(r"\S+")
_WORDS = msgspec.json.Decoder(list[str])


def import_is21(
    reference: Path,
    out: Path,
    *,
    transcripts: Mapping[str, Path],
    name: str | None = None,
    licence: str = LICENCE,
    language: str = "en",
) -> Imported:
    """Read `reference` and the hypotheses of `transcripts` (name to file), and write the suite folder `out`.

    Raises `SuiteError` for a file that is not of the format, `UsageError` for a name that cannot be a file's.
    """
    check_labels(transcripts)
    dropped: Counter[str] = Counter()
    questions = _read_reference(reference, dropped)
    known = {question.id for question in questions}
    imported = Imported(
        name=name or reference.name.partition(".")[0],
        description=f"Imported from LibriSpeech biasing lists ({reference.name}); entities are the listed rare words.",
        licence=licence,
        citation=CITATION,
        speech="human",
        language=language,
        questions=questions,
        snippets=[],
        utterances=[Utterance(q.id, q.id, speaker=q.id.partition("-")[0] if "-" in q.id else "") for q in questions],
        transcripts={label: _read_hypotheses(path, known, dropped) for label, path in transcripts.items()},
        dropped=dropped,
    )
    write_suite(imported, out)
    return imported


def _read_reference(path: Path, dropped: Counter[str]) -> list[Question]:
    questions: dict[str, Question] = {}
    for number, line in read_lines(path, _EXPECTED):
        columns = line.split("\t")
        if len(columns) not in (3, 4) or not columns[0].strip():
            raise SuiteError(f"{len(columns)} columns between tabs; expected {_EXPECTED}", file=path, line=number)
        identity, text = columns[0].strip(), columns[1].strip()
        rare = _word_list(columns[2], path, number)
        if len(columns) == 4 and _word_list(columns[3], path, number):
            dropped['bias lists: a recogniser is given its own, bias = "entities" or a file'] += 1
        if not text:
            dropped["utterances without text"] += 1
        elif identity in questions:
            dropped["utterances whose id came before"] += 1
        else:
            entities = tuple(_entities(text, frozenset(rare)))
            missing = set(rare) - {entity.text for entity in entities}
            if missing:
                dropped["rare words that do not stand in their text"] += len(missing)
            questions[identity] = Question(identity, text, entities=entities)
    if not questions:
        raise SuiteError(f"holds no utterance; expected {_EXPECTED}", file=path)
    return list(questions.values())


def _word_list(column: str, path: Path, number: int) -> list[str]:
    try:
        return _WORDS.decode(column)
    except msgspec.MsgspecError as error:
        raise SuiteError(
            f"{column[:40]!r} is no JSON list of words; expected {_EXPECTED}", file=path, line=number
        ) from error


def _entities(text: str, rare: frozenset[str]) -> Iterator[Entity]:
    for match in _TOKEN.finditer(text):
        if match[0] in rare:
            yield Entity(match[0], match.start(), match.end(), "RARE")


def _read_hypotheses(path: Path, known: set[str], dropped: Counter[str]) -> dict[str, str]:
    expected = "id and text with a tab between"
    hypotheses: dict[str, str] = {}
    for number, line in read_lines(path, expected):
        identity, tab, text = line.partition("\t")
        if not tab or "\t" in text:
            raise SuiteError(f"expected {expected}; an empty text keeps its tab", file=path, line=number)
        if identity.strip() not in known:
            dropped[f"transcripts of {path.name} whose utterance is not in the reference"] += 1
        elif identity.strip() in hypotheses:
            dropped[f"transcripts of {path.name} whose id came before"] += 1
        else:
            hypotheses[identity.strip()] = text.strip()
    if missing := len(known) - len(hypotheses):
        dropped[f"no transcript in {path.name}: those samples will count as failed"] += missing
    return hypotheses
