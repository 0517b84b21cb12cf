"""What importers of voice commands share: recordings that are labelled with an intent and slots become a suite.

The intent and each slot become tags of the question; a slot whose value stands in the text is marked there as an entity, its
label the slot's name. Recordings of one text and one meaning are recordings of one question, which is what is resampled and
what folds are made of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.audio.reading import recording_problem
from harness.errors import SuiteError
from harness.records import Entity, Question, Utterance
from harness.suites.importers.writing import Dropped, Imported, write_suite
from harness.suites.recordings import file_names
from harness.words.text.normalise import normalise

INTENT = "intent"


@dataclass(frozen=True, slots=True)
class Command:
    """One recording: `place` is where it is named, for messages; slots without a value are left out."""

    identity: str
    place: str
    path: Path
    text: str
    intent: str
    slots: Mapping[str, str]
    speaker: str = ""
    accent: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """What describes the suite; `warnings` hold of every recording."""

    name: str
    description: str
    licence: str
    citation: str
    language: str
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Commands:
    """The tables of a suite, and where its recordings are now."""

    questions: Sequence[Question]
    utterances: Sequence[Utterance]
    recordings: Mapping[str, Path]


def import_commands(
    commands: Iterable[Command], dropped: Dropped, about: About, out: Path, *, file: Path, when_empty: str
) -> Imported:
    """Write the suite folder `out` of the commands that can be used, with copies of their recordings.

    Raises `SuiteError` where none can, of `file`, with the reasons or else `when_empty`; `UsageError` for an `out` that exists.
    """
    mended = Dropped()
    kept = usable(commands, about.language, dropped, mended)
    if not kept:
        reasons = "; ".join(f"{why}: {n}" for why, n in dropped.reasons().items())
        raise SuiteError(f"holds no recording that can be used. {reasons or when_empty}", file=file)
    made = tables(kept, about.language, dropped)
    imported = Imported(
        name=about.name,
        description=about.description,
        licence=about.licence,
        citation=about.citation,
        speech="human",
        language=about.language,
        questions=made.questions,
        snippets=[],
        utterances=made.utterances,
        recordings=made.recordings,
        dropped=dropped.reasons() + Counter(dict.fromkeys(about.warnings, len(kept))),
        mended=mended.reasons(),
    )
    write_suite(imported, out)
    return imported


def usable(commands: Iterable[Command], language: str, dropped: Dropped, mended: Dropped) -> list[Command]:
    """Return those with a text, an id that did not come before, and a recording; each recording is decoded once."""
    kept: dict[str, Command] = {}
    for command in commands:
        if not normalise(command.text, language):
            dropped.add("recordings whose text has no words", command.place)
            continue
        if command.identity in kept:
            dropped.add("recordings that were named before", command.place)
            continue
        problem, notes = recording_problem(command.path, command.identity)
        if problem:
            why = "cannot be used" if command.path.is_file() else "are not there"
            dropped.add(f"recordings that {why}", f"{command.place}: {problem}")
            continue
        for note in notes:
            mended.add(note, command.place)
        kept[command.identity] = command
    return list(kept.values())


def tables(commands: Sequence[Command], language: str, dropped: Dropped) -> Commands:
    """Return questions and utterances of commands that can be used, in their order."""
    questions: dict[tuple[object, ...], Question] = {}
    asked: list[str] = []  # the question of each command
    for command in commands:
        meaning = (normalise(command.text, language), command.intent, *sorted(command.slots.items()))
        if meaning not in questions:
            questions[meaning] = _question(command, dropped)
        asked.append(questions[meaning].id)
    endings = (command.path.suffix.lower() for command in commands)
    names = file_names((command.identity, ending) for command, ending in zip(commands, endings, strict=True))
    utterances = [
        Utterance(command.identity, question, f"audio/{name}", command.speaker, command.accent, command.tags)
        for command, question, name in zip(commands, asked, names, strict=True)
    ]
    recordings = {f"audio/{name}": command.path for command, name in zip(commands, names, strict=True)}
    return Commands(list(questions.values()), utterances, recordings)


def _question(command: Command, dropped: Dropped) -> Question:
    entities = tuple(slot_entities(command.text, command.slots))
    for slot in sorted(command.slots.keys() - {entity.label for entity in entities}):
        dropped.add(
            "slots whose value does not stand in the text: they are in the tags only",
            f"{slot} = {command.slots[slot]}, {command.text!r}",
        )
    tags = {INTENT: command.intent, **{_tag(slot): value for slot, value in command.slots.items()}}
    return Question(command.identity, command.text, entities=entities, tags=tags)


def _tag(slot: str) -> str:
    return "slot intent" if slot == INTENT else slot


def slot_entities(text: str, slots: Mapping[str, str]) -> list[Entity]:
    """Return the slots whose values stand in a text as whole words, where each first does, in the text's order.

    The longest value takes its place first, and no two share a word: of "iced coffee" and "coffee" only the first is in
    "an iced coffee".
    """
    taken: list[Entity] = []
    for slot, value in sorted(slots.items(), key=lambda item: (-len(item[1]), item[0])):
        words = r"\s+".join(map(re.escape, value.split()))
        for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) if words else ():
            if all(match.end() <= entity.start or entity.end <= match.start() for entity in taken):
                taken.append(Entity(match[0], match.start(), match.end(), slot))
                break
    return sorted(taken, key=lambda entity: entity.start)
