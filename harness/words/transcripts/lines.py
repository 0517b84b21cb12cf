"""Formats of one utterance a line that need no more than a split."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.errors import TranscriptError
from harness.records import Transcript
from harness.words.transcripts.entries import Entry, filled_lines, lines, neighbours_as_nbest

_WORD_LIST = msgspec.json.Decoder(tuple[str, ...])


def read_text(path: Path) -> Iterator[Entry]:
    """A line is a text, its number the id; an empty line is an empty text."""
    return (Entry(str(number), Transcript(line), number) for number, line in lines(path))


def read_kaldi(path: Path) -> Iterator[Entry]:
    """`id words ...`; neighbouring lines of one id are its N-best list."""
    return neighbours_as_nbest(_kaldi_lines(path))


def _kaldi_lines(path: Path) -> Iterator[Entry]:
    for number, line in filled_lines(path):
        identity, *text = line.split(None, 1)
        yield Entry(identity, Transcript(text[0].strip() if text else ""), number)


def read_is21(path: Path) -> Iterator[Entry]:
    """References of the biasing lists: id, text, JSON list of rare words, and perhaps one of bias words, with tabs."""
    for number, line in filled_lines(path):
        columns = line.split("\t")
        if not 3 <= len(columns) <= 4:
            problem = f"{len(columns)} columns between tabs, expected 3: id, text, rare words"
            raise TranscriptError(problem, file=path, line=number)
        try:
            words = _WORD_LIST.decode(columns[2])
        except msgspec.MsgspecError as error:
            problem = f"expected a JSON list of words, found {columns[2][:40]!r}: {error}"
            raise TranscriptError(problem, file=path, line=number, field="rare words") from error
        yield Entry(columns[0].strip(), Transcript(columns[1]), number, rare_words=words)
