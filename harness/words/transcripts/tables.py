"""Rows to transcripts: which field is the id, which the text, and what else there is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.errors import TranscriptError, UsageError
from harness.records import Alternative, Transcript, Word
from harness.words.transcripts.entries import Entry, as_nbest
from harness.words.transcripts.rows import Row, read_rows
from harness.words.transcripts.timed_words import decode_json, timed_word

Role = Literal["reference", "hypothesis"]

_RECORDING = ("audio_filepath", "audio", "audio_path", "audio_file", "wav", "file", "filename", "file_name", "path")
_USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("utterance_id", "utt_id", "utterance", "utt", "uttid", "id", "segment_id", "key", *_RECORDING),
    "audio": _RECORDING,
    "nbest": ("nbest", "n_best", "alternatives"),
    "words": ("words",),
    "rank": ("rank",),
    "score": ("score",),
    "speaker": ("speaker", "speaker_id"),
}
# A file may hold a reference and a hypothesis, as NeMo's manifests do: a name in the first tuple means this text only,
# one in the second may mean either.
_TEXTS: Mapping[Role, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hypothesis": (("pred_text", "hypothesis", "hyp", "prediction"), ("text", "transcript", "transcription")),
    "reference": (("reference", "ref"), ("text", "sentence", "transcript", "transcription")),
}
_WORD_TEXTS = ("text", "word")
_CONFIDENCES = ("confidence", "probability", "score", "conf")
_SCORES = ("score", "confidence", "logprob", "log_prob")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file is, and which of its columns holds what; `None`: to be found out from its name and usual names.

    Columns are named by their headers or fields, or counted from 1 in a table without a header.
    """

    format: str | None = None
    delimiter: str | None = None
    id: str | None = None
    text: str | None = None
    nbest: str | None = None
    words: str | None = None
    rank: str | None = None
    score: str | None = None

    def columns(self) -> dict[str, str]:
        """Return the columns that are named, by what they hold."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {what: name for what, name in named.items() if name and what not in ("format", "delimiter")}


def parse_layout(pairs: Iterable[str]) -> Layout:
    """Return what `KEY=VALUE,...` says of a file, as on the command line. Raises `UsageError` for an unknown key."""
    known = [field.name for field in fields(Layout)]
    values: dict[str, str] = {}
    for pair in (pair for text in pairs for pair in text.split(",")):
        key, _, value = (piece.strip() for piece in pair.partition("="))
        if key not in known or not value:
            raise UsageError(f"--columns {pair!r}: expected KEY=VALUE, with one of {', '.join(known)}")
        values[key] = value
    return Layout(**values)


def read_table(path: Path, format: str, layout: Layout, role: Role) -> list[Entry]:
    """Return the utterances of a csv, tsv, jsonl or json file, in order. A JSON `null` for a text says: no transcript.

    Rows of one id are its N-best list where a column ranks or scores them. Raises `TranscriptError`.
    """
    rows = read_rows(path, format, lambda names: _is_header(names, layout, role), layout.delimiter)
    if not rows:
        return []
    table = _Table(path, _columns(rows[0], path, layout, role))
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if not table.is_absent(row):
            groups.setdefault(table.identity(row), []).append(row)
    return [entry for group in groups.values() for entry in table.entries(group)]


def _is_header(names: Sequence[str], layout: Layout, role: Role) -> bool:
    here = {name.lower() for name in names}
    named = [name.lower() for name in layout.columns().values()]
    if named:
        return here.issuperset(named) and not all(name.isdigit() for name in named)
    texts = {*_TEXTS[role][0], *_TEXTS[role][1], *_USUAL["nbest"]}
    return not here.isdisjoint(_USUAL["id"]) and not here.isdisjoint(texts)


def _columns(row: Row, path: Path, layout: Layout, role: Role) -> dict[str, str]:
    """Return the field that holds each of "id", "text" and so on, judged by the first row."""
    by_lower = {name.lower(): name for name in row.fields}
    chosen: dict[str, str] = {"id": "1", "text": "2"} if list(row.fields) == ["1", "2"] else {}
    for what, wanted in layout.columns().items():
        name = wanted if wanted in row.fields else by_lower.get(wanted.lower())
        if name is None:
            raise TranscriptError(_no_column(row, f"no column {wanted!r}", what), file=path, line=row.line)
        chosen[what] = name
    for what, usual in _USUAL.items():
        name = next((by_lower[name] for name in usual if name in by_lower), None)
        if name is not None:
            chosen.setdefault(what, name)
    if "text" not in chosen and (texts := _text_columns(by_lower, role)):
        if len(texts) > 1:
            problem = f"{' and '.join(map(repr, texts))} may each be the text: say which, with text=COLUMN"
            raise TranscriptError(problem, file=path, line=row.line)
        chosen["text"] = texts[0]
    for what in ("id", "text"):
        if what not in chosen and not (what == "text" and "nbest" in chosen):
            problem = _no_column(row, f"no column is known to be the {what}", what)
            raise TranscriptError(problem, file=path, line=row.line)
    return chosen


def _text_columns(by_lower: Mapping[str, str], role: Role) -> list[str]:
    """Return the columns that can only be the text, or else those that may be."""
    certain, likely = ([by_lower[name] for name in names if name in by_lower] for names in _TEXTS[role])
    return certain or likely


def _no_column(row: Row, problem: str, what: str) -> str:
    numbered = "1" in row.fields
    cells = row.fields.values() if numbered else row.fields
    shown = ", ".join(str(cell)[:40] for cell in list(cells)[:20])
    by_number = f", or its number, {what}=1" if numbered else ""
    return (
        f"{problem}; the first line has {shown}. Expected an id and a text; name the column: {what}=COLUMN{by_number}"
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """One file's way of writing. `columns`: the field that holds each of "id", "text", "nbest" ..."""

    path: Path
    columns: Mapping[str, str]

    def is_absent(self, row: Row) -> bool:
        return "text" in self.columns and self._value(row, "text") is None

    def identity(self, row: Row) -> str:
        value = self._value(row, "id")
        identity = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(identity, str) or not identity.strip():
            raise self._error(row, "id", "empty, or no text; every line needs the id of its utterance")
        return identity.strip()

    def entries(self, rows: Sequence[Row]) -> list[Entry]:
        """Rows of one id as one entry where something ranks them; otherwise as many entries as rows."""
        if len(rows) == 1 or not {"rank", "score"} & self.columns.keys():
            return [self._entry(row) for row in rows]
        return [as_nbest([self._scored(row) for row in sorted(rows, key=self._rank)])]

    def _rank(self, row: Row) -> float:
        if "rank" in self.columns:
            return self._number(row, "rank")
        return -self._number(row, "score")

    def _scored(self, row: Row) -> Entry:
        entry = self._entry(row)
        score = self._number(row, "score") if "score" in self.columns else None
        return replace(entry, transcript=replace(entry.transcript, nbest=(Alternative(entry.text, score),)))

    def _entry(self, row: Row) -> Entry:
        nbest = tuple(self._alternative(row, item) for item in self._list(row, "nbest"))
        text = self._value(row, "text") if "text" in self.columns else (nbest[0].text if nbest else "")
        if not isinstance(text, str):
            raise self._error(row, "text", f"found {type(text).__name__}, expected a string")
        transcript = Transcript(text, nbest, self._words(row))
        audio, speaker = (str(self._value(row, what) or "") for what in ("audio", "speaker"))
        return Entry(self.identity(row), transcript, row.line, audio=audio, speaker=speaker)

    def _alternative(self, row: Row, item: Any) -> Alternative:
        if isinstance(item, str):
            return Alternative(item)
        text = _first(item, ("text", *_TEXTS["hypothesis"][0], *_TEXTS["hypothesis"][1]))
        score = _first(item, _SCORES)
        if not isinstance(text, str) or not isinstance(score, int | float | None):
            problem = 'expected a JSON list of texts, or of {"text": ..., "score": number}'
            raise self._error(row, "nbest", problem)
        return Alternative(text, score)

    def _words(self, row: Row) -> tuple[Word, ...]:
        return tuple(self._word(row, item) for item in self._list(row, "words"))

    def _word(self, row: Row, item: Any) -> Word:
        text = _first(item, _WORD_TEXTS)
        if not isinstance(text, str):
            problem = 'expected a JSON list of {"text": ..., "start": s, "end": s, "confidence": p}'
            raise self._error(row, "words", problem)
        return timed_word(text, _first(item, ("start",)), _first(item, ("end",)), _first(item, _CONFIDENCES))

    def _list(self, row: Row, what: str) -> list[Any]:
        value = self._value(row, what)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            try:
                value = decode_json(value.encode(), object)
            except (msgspec.DecodeError, RecursionError) as error:
                raise self._error(row, what, f"expected a JSON list: {error}") from error
        if not isinstance(value, list):
            raise self._error(row, what, f"found {type(value).__name__}, expected a JSON list")
        return value

    def _number(self, row: Row, what: str) -> float:
        value = self._value(row, what)
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise self._error(row, what, f"{str(value)[:40]!r} is no number, and an N-best list is ordered by it")
        return number

    def _value(self, row: Row, what: str) -> Any:
        name = self.columns.get(what)
        if name is not None and name not in row.fields and what in ("id", "text"):
            raise TranscriptError(
                f"missing required field `{name}`: expected it as on the first line", file=self.path, line=row.line
            )
        return row.fields.get(name) if name is not None else None

    def _error(self, row: Row, what: str, problem: str) -> TranscriptError:
        name = self.columns.get(what, what)
        return TranscriptError(problem, file=self.path, line=row.line, field=what if name.isdigit() else name)


def _first(item: Any, names: Sequence[str]) -> Any:
    return next((item[name] for name in names if name in item), None) if isinstance(item, dict) else None
