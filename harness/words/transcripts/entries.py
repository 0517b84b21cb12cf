"""What every format is read into, and the lines of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from harness.errors import TranscriptError
from harness.records import Alternative, Seconds, Transcript
from harness.words.transcripts.alternations import Choices


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance of a file. `line` counts from 1 (in a JSON list: items).

    `audio`, `channel` and `speaker` are empty where the file does not say; `start` and `end` place it in a longer
    recording. `rare_words` are its own, where the format has them. `choices` are what the text leaves open in NIST's formats;
    the transcript holds the first of them.
    """

    id: str
    transcript: Transcript
    line: int
    audio: str = ""
    channel: str = ""
    speaker: str = ""
    start: Seconds | None = None
    end: Seconds | None = None
    rare_words: tuple[str, ...] | None = None
    choices: Choices | None = None

    @property
    def text(self) -> str:
        """The text of the utterance."""
        return self.transcript.text


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers from 1, decoded one by one so that a bad byte can be placed."""
    for number, line in enumerate(split_lines(read_bytes(path).removeprefix(b"\xef\xbb\xbf")), start=1):
        try:
            yield number, line.decode("utf-8")
        except UnicodeDecodeError as error:
            problem = f"byte {error.start + 1} of the line is not UTF-8. Convert the file to UTF-8"
            raise TranscriptError(problem, file=path, line=number) from error


def split_lines(content: bytes) -> list[bytes]:
    """Return the lines between newlines, between carriage returns where a file has these only, without their ends."""
    content_lines = content.split(b"\n" if b"\n" in content else b"\r")
    if content_lines[-1] == b"":
        content_lines.pop()  # what ends the last line begins no other
    return [line.removesuffix(b"\r") for line in content_lines]


def filled_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Return the lines that are not blank."""
    return ((number, line) for number, line in lines(path) if line.strip())


def read_bytes(path: Path) -> bytes:
    """Return the file's content. Raises `TranscriptError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = f"cannot be read: {error.strerror}. A file of transcripts was expected"
        raise TranscriptError(problem, file=path) from error


def read_word_list(path: Path) -> list[str]:
    """Return the lines of a file with one word a line, without the empty ones."""
    words = [text.strip() for _, text in lines(path) if text.strip()]
    if not words:
        raise TranscriptError("no words; one a line was expected", file=path)
    return words


def neighbours_as_nbest(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Neighbouring entries of one id become one, its N-best list in their order."""
    for _, group in groupby(entries, key=lambda entry: entry.id):
        yield as_nbest(list(group))


def as_nbest(ranked: Sequence[Entry]) -> Entry:
    """Return the first of some entries of one utterance, with all of their texts as its N-best list, best first."""
    best = ranked[0]
    if len(ranked) == 1:
        return best
    listed = [entry.transcript.nbest[0] if entry.transcript.nbest else Alternative(entry.text) for entry in ranked]
    return replace(best, transcript=replace(best.transcript, nbest=tuple(listed)))
