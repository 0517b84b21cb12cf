"""What openai-whisper writes with `--output_format json`: one file for each recording, named after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.errors import TranscriptError
from harness.records import Transcript, Word
from harness.words.transcripts.entries import Entry, first_word_problem, read_bytes


class _Word(msgspec.Struct):
    word: str
    start: float | None = None
    end: float | None = None
    probability: float | None = None


class _Segment(msgspec.Struct):
    words: list[_Word] = []


class _Document(msgspec.Struct):
    text: str
    segments: list[_Segment] = []


def read_whisper(path: Path) -> Iterator[Entry]:
    """Yield the transcript in the file `path`, or those in all `.json` files of the folder `path`, in order of names.

    The id is the file's name without its ending. Words come with `--word_timestamps True`.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise TranscriptError("a folder without .json files; expected one for each recording", file=path)
    for number, file in enumerate(files, start=1):
        yield Entry(file.stem, _transcript(file), number)


def _transcript(file: Path) -> Transcript:
    try:
        document = msgspec.json.decode(read_bytes(file), type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = f'expected {{"text": ..., "segments": [...]}} as openai-whisper writes it: {error}'
        raise TranscriptError(problem, file=file) from error
    words = [
        Word(word.word.strip(), word.start, word.end, word.probability)
        for segment in document.segments
        for word in segment.words
    ]
    if fault := first_word_problem(words):
        index, field, problem = fault
        raise TranscriptError(problem, file=file, field=f"words[{index}].{field}")
    return Transcript(document.text.strip(), words=tuple(words))
