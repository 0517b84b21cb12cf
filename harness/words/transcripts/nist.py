"""The formats of NIST's scoring tools: trn, ctm and stm (sctk's documentation, `infmts.htm`)."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import TranscriptError
from harness.records import Seconds, Transcript, Word
from harness.words.transcripts.alternations import Choices, MalformedAlternation, parse_choices
from harness.words.transcripts.entries import Entry, filled_lines, neighbours_as_nbest
from harness.words.transcripts.timed_words import timed_word

IGNORED_SEGMENT = "ignore_time_segment_in_scoring"
NOTHING = frozenset({"@", "<eps>"})  # how sclite and Kaldi write that no word is there
_TRN = re.compile(r"(?P<text>.*)\((?P<id>[^()\s]+)\)\s*")


def read_trn(path: Path) -> Iterator[Entry]:
    """`a b c (id)`; neighbouring lines of one id are its N-best list."""
    return neighbours_as_nbest(_trn_lines(path))


def _trn_lines(path: Path) -> Iterator[Entry]:
    for number, line in _lines(path):
        match = _TRN.fullmatch(line)
        if match is None:
            raise TranscriptError("expected words and then the id in brackets: `a b c (id)`", file=path, line=number)
        text, choices = _with_choices(match["text"].strip(), path, number)
        yield Entry(match["id"], Transcript(text), number, choices=choices)


def read_ctm(path: Path) -> Iterator[Entry]:
    """`file channel start duration word [confidence]`, one entry for each file and channel, words in time order.

    The id is the file's name, with `-channel` where the file has several channels. `@` or `<eps>` in place of the word
    stands for an empty transcript; a recording without any line has no transcript.
    """
    first_line: dict[tuple[str, str], int] = {}
    words: dict[tuple[str, str], list[Word]] = {}
    for number, line in _lines(path):
        recording, channel, word = _ctm_word(line, path, number)
        first_line.setdefault((recording, channel), number)
        channel_words = words.setdefault((recording, channel), [])
        if word.text not in NOTHING:
            channel_words.append(word)
    channels = Counter(recording for recording, _ in words)
    for (recording, channel), channel_words in words.items():
        ordered = _in_time_order(channel_words)
        transcript = Transcript(" ".join(word.text for word in ordered), words=tuple(ordered))
        identity = f"{recording}-{channel}" if channels[recording] > 1 else recording
        yield Entry(identity, transcript, first_line[recording, channel], audio=recording, channel=channel)


def _in_time_order(words: Sequence[Word]) -> list[Word]:
    """Return the words by their beginnings; one without times stays behind the word that it follows in the file."""
    starts: list[Seconds] = []
    for word in words:
        starts.append(word.start if word.start is not None else (starts[-1] if starts else 0.0))
    return [words[index] for index in sorted(range(len(words)), key=starts.__getitem__)]


def _ctm_word(line: str, path: Path, number: int) -> tuple[str, str, Word]:
    columns = line.split()
    if len(columns) > 4 and columns[4].upper().startswith("<ALT"):
        problem = "alternations (<ALT_BEGIN> ...) are not supported. Keep the words of one alternative"
        raise TranscriptError(problem, file=path, line=number)
    if len(columns) not in (5, 6):
        problem = f"{len(columns)} columns, expected file, channel, start, duration, word and perhaps a confidence"
        raise TranscriptError(problem, file=path, line=number)
    recording, channel, start, duration, text, *rest = columns
    begin, length = _number(start, "start", path, number), _number(duration, "duration", path, number)
    known = rest and rest[0].upper() != "NA"
    confidence = _number(rest[0], "confidence", path, number) if known else None
    return recording, channel, timed_word(text, begin, round(begin + length, 6), confidence)


def read_stm(path: Path) -> Iterator[Entry]:
    """`file channel speaker begin end [<label>] text`, one entry a segment; segments not to be scored are left out.

    The id of a recording's only segment is the file's name. Where there are several it is `file-channel_begin-end`, in
    hundredths of a second: `sw2001-A_000098-001156`.
    """
    return (segment for segment in read_segments(path) if not is_ignored(segment))


def read_segments(path: Path) -> list[Entry]:
    """Return all segments of an stm, those that are not to be scored among them."""
    segments = [_segment(line, path, number) for number, line in _lines(path)]
    counts = Counter(segment.audio for segment in segments)
    return [replace(segment, id=segment.audio) if counts[segment.audio] == 1 else segment for segment in segments]


def is_ignored(segment: Entry) -> bool:
    """Return whether the segment says of itself that it is not to be scored."""
    return segment.text.lower() == IGNORED_SEGMENT


def cut_to_segments(recordings: Iterable[Entry], segments: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the words of whole recordings, shared out among the segments of the same file and channel.

    As sclite has it: a word belongs to the first segment that ends after its middle, and those behind all segments to
    the last; a word without times to that of the word before. A segment of a recording that is not there gets no entry;
    one without words gets an empty transcript. A recording without segments stays whole, under a name that says its
    channel and is no segment's.
    """
    whole = {_place(entry): entry for entry in recordings}
    by_place: dict[tuple[str, str], list[Entry]] = {}
    for segment in segments:
        by_place.setdefault(_place(segment), []).append(segment)
    for place, at_place in by_place.items():
        at_place.sort(key=lambda segment: segment.start or 0.0)
        ends = [segment.end or 0.0 for segment in at_place]
        shares: list[list[Word]] = [[] for _ in at_place]
        at = 0
        for word in whole[place].transcript.words if place in whole else ():
            middle = ((word.start or 0.0) + (word.end or 0.0)) / 2
            at = max(at, min(bisect_right(ends, middle), len(at_place) - 1))  # words that overlap never go back
            shares[at].append(word)
        for segment, share in zip(at_place, shares, strict=True):
            if place in whole and not is_ignored(segment):
                text = " ".join(word.text for word in share)
                yield replace(segment, transcript=Transcript(text, words=tuple(share)), choices=None)
    for place, entry in whole.items():
        if place not in by_place:
            yield replace(entry, id=f"{entry.audio} (channel {entry.channel})", audio="")


def _place(entry: Entry) -> tuple[str, str]:
    return entry.audio.lower(), entry.channel.lower()


def _segment(line: str, path: Path, number: int) -> Entry:
    columns = line.split(None, 5)
    if len(columns) < 5:
        problem = f"{len(columns)} columns, expected file, channel, speaker, begin, end and the text"
        raise TranscriptError(problem, file=path, line=number)
    recording, channel, speaker, begin, end, *rest = columns
    text = re.sub(r"^<[^>]*>\s*", "", rest[0]).strip() if rest else ""
    text, choices = _with_choices(text, path, number)
    start, stop = _number(begin, "begin", path, number), _number(end, "end", path, number)
    if not 0 <= start <= stop < math.inf:
        problem = f"the segment runs from {begin} to {end}: expected 0 <= begin <= end"
        raise TranscriptError(problem, file=path, line=number, field="end")
    identity = f"{recording}-{channel}_{round(start * 100):06d}-{round(stop * 100):06d}"
    place = Entry(identity, Transcript(text), number, audio=recording, channel=channel, speaker=speaker)
    return replace(place, start=start, end=stop, choices=choices)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in filled_lines(path) if not line.startswith(";;"))


def _number(text: str, field: str, path: Path, number: int) -> float:
    """Return the number, which may be negative, infinite or NaN."""
    try:
        return float(text)
    except ValueError as error:
        raise TranscriptError(f"{text!r} is no number", file=path, line=number, field=field) from error


def _with_choices(text: str, path: Path, number: int) -> tuple[str, Choices | None]:
    """Return the text where the first of all choices is taken, and the choices; `None` where it leaves none."""
    try:
        choices = parse_choices(text)
    except MalformedAlternation as error:
        raise TranscriptError(str(error), file=path, line=number, field="text") from error
    return (text, None) if choices is None else (choices.first, choices)
