"""Lines of other people's files, plain or gzipped, with one clear message where a file is not what it should be."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import msgspec

from harness.errors import SuiteError

MAX_LINE_BYTES = 20_000_000  # one document of a corpus
T = TypeVar("T")


def read_lines(path: Path, expected: str) -> Iterator[tuple[int, str]]:
    """Numbered lines without line ends, blank ones left out. `expected` says what the file should have been.

    Raises `SuiteError` for a file that is absent, torn, binary, or not UTF-8.
    """
    number = 0
    try:
        with _open(path) as stream:
            for raw in _raw_lines(stream):
                number += 1
                if len(raw) > MAX_LINE_BYTES or b"\0" in raw:
                    raise SuiteError(
                        f"is binary, or has a line without end; expected {expected}", file=path, line=number
                    )
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} of the line is not UTF-8; expected {expected}"
        raise SuiteError(problem, file=path, line=number) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SuiteError(f"is not a whole gzip file ({error}); expected {expected}", file=path) from error
    except OSError as error:
        raise SuiteError(f"cannot be read: {error.strerror}; expected {expected}", file=path) from error


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines with their ends; the pieces between carriage returns of a file that has no newline."""
    first = stream.readline(MAX_LINE_BYTES + 1)
    yield from first.split(b"\r") if len(first) <= MAX_LINE_BYTES and b"\n" not in first else (first,)
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        yield raw


def read_json_lines(path: Path, kind: type[T], expected: str) -> Iterator[tuple[int, T]]:
    """Numbered JSON objects as `kind`. Raises `SuiteError` with the line of the first that is not one."""
    decoder = msgspec.json.Decoder(kind)
    for number, line in read_lines(path, expected):
        try:
            yield number, decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            problem, _, field = str(error).partition(" - at `$")
            raise SuiteError(
                f"{problem}; expected {expected}", file=path, line=number, field=field.strip("`.") or None
            ) from error


def read_columns(
    path: Path, delimiter: str, columns: Sequence[str], expected: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table with a header by column name. Raises `SuiteError` when one of `columns` is missing, or a row is short."""
    rows = csv.reader((line + "\n" for _, line in read_lines(path, expected)), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise SuiteError(
                f"has no column {' and no column '.join(missing)}; it has {', '.join(header[:20])[:300] or 'nothing'}; "
                f"expected {expected}",
                file=path,
                line=1,
            )
        for row in rows:
            if len(row) != len(header):
                problem = f"{len(row)} columns, but the header has {len(header)}; expected {expected}"
                raise SuiteError(problem, file=path, line=rows.line_num)
            yield rows.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise SuiteError(f"{error}; expected {expected}", file=path, line=rows.line_num) from error


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
