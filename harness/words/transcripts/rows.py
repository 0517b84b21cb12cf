"""Tables and JSON objects of any origin, as rows of named fields."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import TranscriptError, UsageError
from harness.words.transcripts.entries import filled_lines, lines, read_bytes
from harness.words.transcripts.timed_words import decode_json

DELIMITERS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ROW_FORMATS = ("csv", "tsv", "jsonl", "json")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: `line` counts from 1 (in a JSON list: items). Cells of a table are strings."""

    line: int
    fields: Mapping[str, Any]


IsHeader = Callable[[Sequence[str]], bool]


def read_rows(path: Path, format: str, is_header: IsHeader, delimiter: str | None = None) -> list[Row]:
    """Return the rows of a csv, tsv, jsonl or json file.

    A table whose first line is no header has columns called "1", "2" and so on. A csv file's delimiter, unless given by
    name or as itself, is the one that makes its first line a header.
    """
    if format == "jsonl":
        return list(_json_lines(path))
    if format == "json":
        return _json_list(path)
    records = _tsv_records(path) if format == "tsv" and delimiter is None else _csv_records(path, is_header, delimiter)
    return _with_names(records, path, is_header)


def _tsv_records(path: Path) -> list[tuple[int, list[str]]]:
    """Cells between tabs, as they stand: a quotation mark is part of a text."""
    return [(number, line.split("\t")) for number, line in filled_lines(path)]


def _csv_records(path: Path, is_header: IsHeader, delimiter: str | None) -> list[tuple[int, list[str]]]:
    content = list(lines(path))
    first = next((line for _, line in content if line.strip()), "")
    chosen = _delimiter(delimiter) if delimiter is not None else _sniffed(first, is_header)
    reader = csv.reader((line + "\n" for _, line in content), delimiter=chosen, strict=True)
    records: list[tuple[int, list[str]]] = []
    begun = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((begun + 1, cells))
            begun = reader.line_num
    except csv.Error as error:
        raise TranscriptError(f"is no CSV: {error}. Mend the quotation marks", file=path, line=begun + 1) from error
    return records


def _delimiter(given: str) -> str:
    delimiter = DELIMITERS.get(given, given)
    if delimiter not in DELIMITERS.values():
        raise UsageError(f"delimiter is {given!r}: expected {', '.join(DELIMITERS)}")
    return delimiter


def _sniffed(first_line: str, is_header: IsHeader) -> str:
    """Return the delimiter that makes a header of the first line; a comma where none does."""
    for delimiter in DELIMITERS.values():
        cells = next(csv.reader([first_line], delimiter=delimiter), [])
        if is_header([cell.strip() for cell in cells]):
            return delimiter
    return ","


def _with_names(records: list[tuple[int, list[str]]], path: Path, is_header: IsHeader) -> list[Row]:
    if not records:
        return []
    names = [name.strip() for name in records[0][1]]
    if is_header(names):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise TranscriptError(f"the header has {twice!r} twice: rename one", file=path, line=records[0][0])
        records = records[1:]
    else:
        names = [str(index) for index in range(1, len(names) + 1)]
    rows = []
    for line, cells in records:
        if len(cells) != len(names):
            problem = (
                f"{len(cells)} columns, expected {len(names)}, as the first line has. An empty cell keeps its place"
            )
            raise TranscriptError(problem, file=path, line=line)
        rows.append(Row(line, dict(zip(names, cells, strict=True))))
    return rows


def _json_lines(path: Path) -> Iterator[Row]:
    for number, line in filled_lines(path):
        yield Row(number, _object(_decoded(line.encode(), path, number), path, number))


def _json_list(path: Path) -> list[Row]:
    items = _decoded(read_bytes(path), path, None)
    if not isinstance(items, list):
        problem = f"holds a JSON {type(items).__name__}, expected a list of objects, one for each utterance"
        raise TranscriptError(problem, file=path)
    return [Row(number, _object(item, path, number)) for number, item in enumerate(items, start=1)]


def _decoded(content: bytes, path: Path, line: int | None) -> Any:
    try:
        return decode_json(content, object)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TranscriptError(f"expected a JSON object with an id and a text: {error}", file=path, line=line) from error


def _object(value: Any, path: Path, line: int) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TranscriptError(f"found a JSON {type(value).__name__}, expected an object", file=path, line=line)
    return value
