"""A file of transcripts in any format, read into entries by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from harness.errors import TranscriptError, UnknownName
from harness.words.transcripts.entries import Entry, read_bytes
from harness.words.transcripts.lines import read_is21, read_kaldi, read_text
from harness.words.transcripts.nist import cut_to_segments, read_ctm, read_segments, read_stm, read_trn
from harness.words.transcripts.rows import ROW_FORMATS
from harness.words.transcripts.tables import Layout, Role, read_table
from harness.words.transcripts.timed_words import decode_json
from harness.words.transcripts.whisper import is_whisper, read_whisper

_READERS: Mapping[str, Callable[[Path], Iterable[Entry]]] = {
    "trn": read_trn,
    "ctm": read_ctm,
    "stm": read_stm,
    "kaldi": read_kaldi,
    "whisper": read_whisper,
    "text": read_text,
    "is21": read_is21,
}
FORMATS = ("trn", "ctm", "stm", "kaldi", *ROW_FORMATS, "whisper")  # those with ids of utterances
_ENDINGS = {
    ".trn": "trn",
    ".ctm": "ctm",
    ".stm": "stm",
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class UnknownFormat(TranscriptError):
    """A file whose name does not tell its format."""


def read_transcripts(path: Path, layout: Layout | None = None, role: Role = "hypothesis") -> dict[str, Entry]:
    """Return the utterances of a file by id, in file order.

    Raises `TranscriptError` (file, line, field) for what cannot be read, no utterance at all, or an id that comes twice;
    `UnknownName` for an unknown format. A format that is not named is inferred from the file's name; messages tell so.
    """
    layout = layout or Layout()
    format = layout.format or infer_format(path)
    if format not in FORMATS:
        raise UnknownName("transcript format", format, FORMATS)
    try:
        entries = by_id(read_entries(path, format, layout, role), path)
    except TranscriptError as error:
        if layout.format is not None:
            raise
        problem = f"{error.problem}. (Read as {format}, by its name; format=NAME says otherwise.)"
        raise TranscriptError(problem, file=error.file, line=error.line, field=error.field) from error
    if not entries:
        raise TranscriptError(f"no utterances; at least one was expected. Read as {format}", file=path)
    return entries


def read_entries(path: Path, format: str, layout: Layout, role: Role) -> Iterable[Entry]:
    """Return the utterances of a file of any format, those for scoring included. Raises as `read_transcripts` does."""
    if format in ROW_FORMATS:
        return read_table(path, format, layout, role)
    if columns := layout.columns():
        problem = f"format {format} has no columns to choose: leave out {', '.join(columns)}"
        raise TranscriptError(problem, file=path)
    entries = _READERS[format](path)
    return _without_alternatives(entries, path) if role == "hypothesis" else entries


def _without_alternatives(entries: Iterable[Entry], path: Path) -> Iterator[Entry]:
    """Yield the entries. Raises `TranscriptError` for one that leaves a choice: a recogniser says one text."""
    for entry in entries:
        if entry.choices is not None and entry.choices.has_alternatives:
            problem = "alternations `{ a / b }` are for references. Keep the words of one alternative"
            raise TranscriptError(problem, file=path, line=entry.line, field="text")
        yield entry


def cut_recordings(ctm: Path, stm: Path) -> dict[str, Entry]:
    """Return the words of the recordings in a ctm file, by id of the stm's segments that they fall into.

    Of a recording that the stm lacks all words stay together, with an id that is no segment's.
    """
    return by_id(cut_to_segments(read_ctm(ctm), read_segments(stm)), ctm)


def by_id(entries: Iterable[Entry], path: Path | str, key: Callable[[str], str] = str) -> dict[str, Entry]:
    """Entries by `key` of their id. Raises `TranscriptError` for one that comes twice."""
    unique: dict[str, Entry] = {}
    for entry in entries:
        first = unique.setdefault(key(entry.id), entry)
        if first is not entry:
            problem = f"{entry.id!r} is on line {first.line} already. Ids must be unique: remove one of the two"
            raise TranscriptError(problem, file=path, line=entry.line, field="id")
    return unique


def infer_format(path: Path) -> str:
    """Return the format that a file's name tells, or a .json file's beginning. Raises `TranscriptError` where none does."""
    if path.is_dir():
        return "whisper"
    if path.name == "text" or path.name.endswith(".trans.txt"):
        return "kaldi"
    ending = path.suffix.lower()
    if ending == ".json":
        return _json_kind(path)
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    problem = f"its format cannot be told from its name: say format=NAME, one of {', '.join(FORMATS)}"
    raise UnknownFormat(problem, file=path)


def _json_kind(path: Path) -> str:
    """A list of objects, one document of a program around Whisper, or (as NeMo's manifests) one object a line."""
    content = read_bytes(path)
    if content.lstrip()[:1] == b"[":
        return "json"
    try:
        return "whisper" if is_whisper(decode_json(content, object)) else "jsonl"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "jsonl"
