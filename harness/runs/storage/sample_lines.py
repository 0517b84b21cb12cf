"""Lines of sample files: each a JSON object, with a digest that is checked when it is read.

What damage leaves readable is read: lines in another order, repeated lines, ends of lines as Windows has them, a mark of byte
order, empty lines. A line that is not what was written is refused by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.errors import RunError, one_line
from harness.records import PlannedSample, Sample
from harness.runs.storage import schema_one
from harness.seal import UNREADABLE, BrokenSeal, opened, sealed

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REMEDY = "Put back what was there, or delete that line and run the same command again."


@dataclass(frozen=True, slots=True)
class Owner:
    """The run that lines belong to: its identity, and whether every line must carry a digest, as all do of this version."""

    identity: str
    complete: bool


@dataclass(frozen=True, slots=True)
class StoredSample:
    """A sample, its line as it lies in the file, and where that is."""

    sample: Sample
    line: bytes
    path: Path
    number: int


def whole_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each line that holds anything. What follows the last newline is torn, and left out."""
    for number, line in enumerate(content.removeprefix(_BYTE_ORDER_MARK).split(b"\n")[:-1], start=1):
        if stripped := line.strip():
            yield number, stripped


def encoded(sample: Sample, owner: Owner) -> bytes:
    """Return the line of a sample, with its newline."""
    return sealed(msgspec.json.encode(sample), owner.identity) + b"\n"


def decoded(content: bytes, path: Path, owner: Owner) -> Iterator[StoredSample]:
    """Yield the samples of a file. Raises `RunError` (file, line) for one that does not read, or is not what was written."""
    decoder = msgspec.json.Decoder(Sample)
    for number, line in whole_lines(content):
        try:
            body = opened(line, owner.identity, required=owner.complete)
            sample = decoder.decode(schema_one.sample_line(line) if body is None else body)
            if body is None:
                _check_times(sample)  # what a digest vouches for is what was measured
        except BrokenSeal as error:
            raise RunError(f"{error}, or is of another run than run.json. {_REMEDY}", file=path, line=number) from error
        except UNREADABLE as error:
            raise RunError(f"does not read: {one_line(str(error))}. {_REMEDY}", file=path, line=number) from error
        yield StoredSample(sample, line, path, number)


def _check_times(sample: Sample) -> None:
    if any(not seconds >= 0 for seconds in sample.timings.values()):
        raise BrokenSeal("does not read: a time is negative, so it was damaged")


def require_planned(stored: Iterable[StoredSample], plan: Sequence[PlannedSample]) -> None:
    """Raise one `RunError` for all samples that are not of the plan."""
    planned = {one.key: one for one in plan}
    foreign = [one for one in stored if not _is_of(one.sample, planned.get(one.sample.key))]
    if foreign:
        first, more = foreign[0], len(foreign) - 1
        raise RunError(
            f"{one_line(first.sample.key)!r} is not a sample that this run planned"
            f"{f', nor are {more} more of its samples' if more else ''}. Delete what came here from another run.",
            file=first.path,
            line=first.number,
        )


def _is_of(sample: Sample, planned: PlannedSample | None) -> bool:
    if planned is None:
        return False
    names = "utterance_id", "question_id", "condition", "backend"
    return all(getattr(sample, name) == getattr(planned, name) for name in names)


def in_plan_order(stored: Mapping[str, StoredSample], plan: Sequence[PlannedSample], backend: str) -> bytes:
    """Return what a backend's file holds when its run is finished: one line a sample, in the order of the plan."""
    return b"".join(stored[one.key].line + b"\n" for one in plan if one.backend == backend and one.key in stored)
