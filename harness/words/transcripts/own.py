"""The harness's own files of recorded transcripts, `transcripts/NAME.jsonl` of a suite: nothing in them is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.errors import TranscriptError
from harness.records import Alternative, Transcript
from harness.words.transcripts.entries import Entry, split_lines
from harness.words.transcripts.timed_words import RawWord, decode_json


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line of the file."""

    utterance_id: str
    text: str
    nbest: list[str | Alternative] = []
    words: list[RawWord] = []


def read_own(path: Path, name: str) -> Iterator[Entry]:
    """Yield the transcripts in `path`, in file order. `name` stands for the file in messages. Raises `TranscriptError`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}): expected recorded transcripts, one JSON object a line"
        raise TranscriptError(problem, file=name) from error
    for number, raw in enumerate(split_lines(content), start=1):
        if raw.strip():
            yield _entry(raw, name, number)


def _entry(raw: bytes, name: str, number: int) -> Entry:
    try:
        line = decode_json(raw, _Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem, _, field = str(error).partition(" - at `$")
        raise TranscriptError(
            f"{problem}: expected an object with utterance_id and text, and perhaps nbest and words",
            file=name,
            line=number,
            field=field.rstrip("`").lstrip(".") or None,
        ) from error
    nbest = tuple(Alternative(entry) if isinstance(entry, str) else entry for entry in line.nbest)
    return Entry(line.utterance_id, Transcript(line.text, nbest, tuple(word.word() for word in line.words)), number)
