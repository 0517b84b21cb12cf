"""Answers from the web, query by query: JSON lines, appended and flushed, so that a kill costs the query under way.

The first line holds the settings of the collection; the others are answers, in the order in which they came. Bytes after the last
line end are a torn line and are overwritten. Where a query stands twice, the later line counts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

import msgspec

from harness.errors import InputError, UsageError
from harness.files import append_line, writing

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One result, cleaned. `rank` counts from 1; `from_page`: the text is a passage of the page, not the service's."""

    rank: int
    title: str
    url: str
    text: str
    from_page: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """One query and its results. `dropped` counts results that were left out, by reason; `error` is why there are none."""

    query_id: str
    query: str
    collected_at: str
    results: tuple[Result, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


class _Header(msgspec.Struct):
    schema_version: int
    asked: dict[str, str | int | float | bool]


class Journal:
    """The journal at `path`. `asked` holds what decides the answers; it must be the same when a collection is resumed."""

    def __init__(self, path: Path, asked: Mapping[str, str | int | float | bool]) -> None:
        self.path, self._asked = path, dict(asked)
        self._file: FileIO | None = None

    def read(self) -> dict[str, Answered]:
        """Return the answers by query id. Raises `UsageError` for a journal of other questions, `InputError` for none at all."""
        if not self.path.exists():
            return {}
        lines = self.path.read_bytes().split(b"\n")[:-1]
        if not lines:
            return {}
        self._check_header(lines[0])
        decoder, answers = msgspec.json.Decoder(Answered), {}
        for number, line in enumerate(lines[1:], start=2):
            try:
                answered = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise InputError(f"does not read: {error}. Delete that line", file=self.path, line=number) from error
            answers[answered.query_id] = answered
        return answers

    def append(self, answered: Answered) -> None:
        """Add a line and flush it to disk."""
        with writing(self.path):
            if self._file is None:
                self._file = self._open()
            append_line(self._file, msgspec.json.encode(answered) + b"\n")
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> FileIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = FileIO(self.path, "ab+")  # no buffer: what is refused once is not tried again when the file is closed
        file.seek(0)
        whole = file.readall().rfind(b"\n") + 1
        file.truncate(whole)
        if whole == 0:
            append_line(file, msgspec.json.encode(_Header(SCHEMA_VERSION, self._asked)) + b"\n")
        return file

    def _check_header(self, line: bytes) -> None:
        try:
            header = msgspec.json.decode(line, type=_Header)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InputError("is not a journal of `harness web collect`; remove it", file=self.path, line=1) from error
        before = header.asked
        changed = [key for key in {**before, **self._asked} if before.get(key) != self._asked.get(key)]
        if header.schema_version != SCHEMA_VERSION or changed:
            raise UsageError(
                f"{self.path} was begun with another {', '.join(sorted(changed)) or 'version'}. Give the same options to go "
                f"on, or another --out to begin anew"
            )
