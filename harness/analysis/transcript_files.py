"""Files of reference and hypothesis transcripts in the formats that recognition toolkits write.

text    one utterance a line, the same lines in both files; an empty line is an empty text
trn     words, then the utterance's id in brackets (NIST sclite); `;;` begins a comment
tsv     id, tab, text
jsonl   {"id": ..., "text": ...}; other fields are ignored
is21    reference: id, text, JSON list of the utterance's rare words, and optionally JSON list of bias words, with
        tabs between (LibriSpeech biasing lists, Le et al., Interspeech 2021); hypothesis: as tsv
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.errors import TranscriptError, UnknownName


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance of a file, on `line` (from 1). `rare_words` are its own, where the format has them."""

    id: str
    text: str
    line: int
    rare_words: tuple[str, ...] | None = None


class _JsonRow(msgspec.Struct):
    id: str
    text: str


_TRN = re.compile(r"(?P<text>.*)\((?P<id>[^()\s]+)\)\s*")
_JSON_ROW = msgspec.json.Decoder(_JsonRow)
_WORD_LIST = msgspec.json.Decoder(tuple[str, ...])


def read_pair(reference: Path, hypothesis: Path, format: str) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The entries of both files by id, each in file order. The hypotheses may lack ids, but have none of their own.

    Raises `TranscriptError` for a file or line that cannot be read, a repeated id, an id that the reference lacks;
    `UnknownName` for an unknown format.
    """
    if format not in _READERS:
        raise UnknownName("transcript format", format, _READERS)
    read_reference, read_hypothesis = _READERS[format]
    references = _by_id(reference, read_reference)
    hypotheses = _by_id(hypothesis, read_hypothesis)
    if not references:
        raise TranscriptError("no utterances; at least one was expected", file=reference)
    if format == "text" and len(references) != len(hypotheses):
        raise TranscriptError(
            f"{len(hypotheses)} lines, but the reference {reference} has {len(references)}. Files of format text are "
            f"matched line by line; where hypotheses may be missing, use tsv or jsonl, which have ids",
            file=hypothesis,
        )
    for entry in hypotheses.values():
        if entry.id not in references:
            raise TranscriptError(
                f"{entry.id!r} is not in the reference {reference}. Every hypothesis needs a reference: "
                f"remove the line or add the reference",
                file=hypothesis,
                line=entry.line,
                field="id",
            )
    return references, hypotheses


def read_word_list(path: Path) -> list[str]:
    """The lines of a file with one word a line, without the empty ones."""
    words = [text.strip() for _, text in _lines(path) if text.strip()]
    if not words:
        raise TranscriptError("no words; one a line was expected", file=path)
    return words


def _by_id(path: Path, read: Callable[[Path], Iterator[Entry]]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for entry in read(path):
        first = entries.setdefault(entry.id, entry)
        if first is not entry:
            problem = f"{entry.id!r} is on line {first.line} already. Ids must be unique: remove one of the two"
            raise TranscriptError(problem, file=path, line=entry.line, field="id")
    return entries


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1, decoded one by one so that a bad byte can be placed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TranscriptError(
            f"cannot be read: {error.strerror}. A file of transcripts was expected", file=path
        ) from error
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # the newline that ends the last line begins no other
    for number, line in enumerate(lines, start=1):
        try:
            yield number, line.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            problem = f"byte {error.start + 1} of the line is not UTF-8. Convert the file to UTF-8"
            raise TranscriptError(problem, file=path, line=number) from error


def _filled_lines(path: Path) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in _lines(path) if line.strip())


def _read_text(path: Path) -> Iterator[Entry]:
    return (Entry(str(number), line, number) for number, line in _lines(path))


def _read_trn(path: Path) -> Iterator[Entry]:
    for number, line in _filled_lines(path):
        if line.startswith(";;"):
            continue
        match = _TRN.fullmatch(line)
        if match is None:
            raise TranscriptError("expected words and then the id in brackets: `a b c (id)`", file=path, line=number)
        if "{" in match["text"]:
            problem = "alternations `{ a / b }` are not supported. Write the words that were said"
            raise TranscriptError(problem, file=path, line=number, field="text")
        yield Entry(match["id"].lower(), match["text"], number)  # sclite, too, takes ids in either case


def _read_tsv(path: Path) -> Iterator[Entry]:
    for number, line in _filled_lines(path):
        identity, text = _columns(path, number, line, ("id", "text"))
        yield Entry(identity, text, number)


def _read_is21(path: Path) -> Iterator[Entry]:
    for number, line in _filled_lines(path):
        identity, text, rare, *_ = _columns(path, number, line, ("id", "text", "rare words"), optional=1)
        try:
            words = _WORD_LIST.decode(rare)
        except msgspec.MsgspecError as error:
            problem = f"expected a JSON list of words, found {rare[:40]!r}: {error}"
            raise TranscriptError(problem, file=path, line=number, field="rare words") from error
        yield Entry(identity, text, number, words)


def _columns(path: Path, number: int, line: str, names: tuple[str, ...], optional: int = 0) -> list[str]:
    columns = line.split("\t")
    if not len(names) <= len(columns) <= len(names) + optional:
        expected = ", ".join(names)
        problem = f"{len(columns)} columns between tabs, expected {len(names)}: {expected}. An empty text keeps its tab"
        raise TranscriptError(problem, file=path, line=number)
    if not columns[0].strip():
        raise TranscriptError("empty; every line needs the id of its utterance", file=path, line=number, field="id")
    return [columns[0].strip(), *columns[1:]]


def _read_jsonl(path: Path) -> Iterator[Entry]:
    for number, line in _filled_lines(path):
        try:
            row = _JSON_ROW.decode(line)
        except msgspec.MsgspecError as error:
            problem = f"expected {json.dumps({'id': '...', 'text': '...'})}: {error}"
            raise TranscriptError(problem, file=path, line=number) from error
        yield Entry(row.id, row.text, number)


_Reader = Callable[[Path], Iterator[Entry]]
_READERS: Mapping[str, tuple[_Reader, _Reader]] = {
    "text": (_read_text, _read_text),
    "trn": (_read_trn, _read_trn),
    "tsv": (_read_tsv, _read_tsv),
    "jsonl": (_read_jsonl, _read_jsonl),
    "is21": (_read_is21, _read_tsv),
}
