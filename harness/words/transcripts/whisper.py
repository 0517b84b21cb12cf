"""JSON of the programs around Whisper, one file for each recording, named after it.

openai-whisper (`--output_format json`), WhisperX, and whisper.cpp (`-oj`; `-ojf` with its tokens, which make up words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec

from harness.errors import TranscriptError
from harness.records import Transcript, Word
from harness.words.transcripts.entries import Entry, read_bytes
from harness.words.transcripts.matching import AUDIO_ENDINGS
from harness.words.transcripts.timed_words import decode_json, finite, timed_word

_NOT_SPEECH = re.compile(r"\[_[A-Za-z]+_?\d*\]")  # [_BEG_], [_TT_150]: whisper.cpp's own tokens


class _Word(msgspec.Struct):
    """openai-whisper gives a `probability`, WhisperX a `score`; WhisperX has words without times, such as numbers."""

    word: str
    start: Any = None
    end: Any = None
    probability: Any = None
    score: Any = None


class _Segment(msgspec.Struct):
    text: str = ""
    words: list[_Word] = []


class _Document(msgspec.Struct):
    """WhisperX writes no `text` beside the segments."""

    segments: list[_Segment]
    text: str | None = None


class _Token(msgspec.Struct):
    text: str
    offsets: Any = None
    p: Any = None


class _CppSegment(msgspec.Struct):
    text: str
    tokens: list[_Token] = []


class _CppDocument(msgspec.Struct):
    """What whisper.cpp writes; offsets are milliseconds."""

    transcription: list[_CppSegment]


def is_whisper(document: object) -> bool:
    """Return whether a JSON document is one of those that are read here."""
    return isinstance(document, dict) and any(
        isinstance(document.get(name), list) for name in ("segments", "transcription")
    )


def read_whisper(path: Path) -> Iterator[Entry]:
    """Yield the transcript in the file `path`, or those in all `.json` files of the folder `path`, in order of names.

    The id is the file's name without its ending, and without that of the recording, which whisper.cpp leaves in. Words
    come with `--word_timestamps True` of openai-whisper, always from WhisperX, and with `-ojf` of whisper.cpp.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise TranscriptError("a folder without .json files; expected one for each recording", file=path)
    for number, file in enumerate(files, start=1):
        recording = Path(file.stem)
        named = recording.stem if recording.suffix.lower() in AUDIO_ENDINGS else recording.name
        yield Entry(named, _transcript(file), number, audio=recording.name)


def _transcript(file: Path) -> Transcript:
    content = read_bytes(file)
    try:
        if isinstance(document := decode_json(content, dict), dict) and "transcription" in document:
            return _from_cpp(msgspec.convert(document, _CppDocument))
        return _from_segments(msgspec.convert(document, _Document))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = (
            'expected {"text": ..., "segments": [...]} as openai-whisper writes it, {"segments": [...]} as WhisperX, or '
            f'{{"transcription": [...]}} as whisper.cpp: {error}'
        )
        raise TranscriptError(problem, file=file) from error


def _from_segments(document: _Document) -> Transcript:
    text = (
        document.text if document.text is not None else " ".join(segment.text.strip() for segment in document.segments)
    )
    words = [
        timed_word(
            word.word.strip(), word.start, word.end, word.score if word.probability is None else word.probability
        )
        for segment in document.segments
        for word in segment.words
    ]
    return Transcript(text.strip(), words=tuple(words))


def _from_cpp(document: _CppDocument) -> Transcript:
    text = " ".join(segment.text.strip() for segment in document.transcription)
    words = tuple(word for segment in document.transcription for word in _words_of_tokens(segment.tokens))
    return Transcript(text.strip(), words=words)


def _words_of_tokens(tokens: list[_Token]) -> Iterator[Word]:
    """Yield the words that tokens make up: one begins at each space; its confidence is the mean of its tokens'."""
    words: list[list[_Token]] = []
    for token in tokens:
        if token.text and not _NOT_SPEECH.fullmatch(token.text):
            if not words or token.text.startswith(" "):
                words.append([])
            words[-1].append(token)
    for parts in words:
        text = "".join(part.text for part in parts).strip()
        known = [probability for part in parts if (probability := finite(part.p)) is not None]
        confidence = fmean(known) if len(known) == len(parts) else None
        if text:
            yield timed_word(text, _seconds(parts[0], "from"), _seconds(parts[-1], "to"), confidence)


def _seconds(token: _Token, which: str) -> float | None:
    offset = finite(token.offsets.get(which)) if isinstance(token.offsets, Mapping) else None
    return None if offset is None else offset / 1000
