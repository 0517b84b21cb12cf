"""Tables as plain text in so many columns of a terminal: none is cut off, none is wider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor

from harness.report.tables import Cell, Table
from harness.report.unseen import visible

_GAP = 2
_LABEL_WIDTHS = (30, 22)  # "faster-whisper:tiny.en+own100" on one line; "faster-whisper:tiny.en"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as lines: of its heading, and of each row."""

    heading: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> int:
        return max(map(_length, (*self.heading, *(line for cell in self.cells for line in cell))))


def text_table(table: Table, width: int) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a table, each with whether it belongs to the headings. The title heads the first column.

    Intervals stand behind their figures where there is room, in whole numbers if need be, or else below them; what is too wide
    even so goes on below, under the first column again.
    """
    for label_width, make in product(_LABEL_WIDTHS, (_beside, _beside_in_whole_numbers)):
        first = _first_column(table, min(label_width, max(12, width // 3)))
        columns = [make(table, index) for index in range(1, len(table.headings))]
        if _total(first, columns) <= width:
            yield from _lines(first, columns)
            return
    columns = [_below(table, index) for index in range(1, len(table.headings))]
    for part in _parts(columns, width - first.width):
        yield from _lines(first, part)


def _total(first: _Column, columns: Sequence[_Column]) -> int:
    return first.width + sum(_GAP + column.width for column in columns)


def _first_column(table: Table, limit: int) -> _Column:
    labels = [row[0].text for row in table.rows]
    title = table.title or table.headings[0].text
    return _Column(_wrapped(title, limit), tuple(_wrapped(label, limit) for label in labels))


def _beside(table: Table, index: int) -> _Column:
    return _column(table, index, lambda cell: (f"{_figure(cell)} {cell.interval}".strip(),))


def _beside_in_whole_numbers(table: Table, index: int) -> _Column:
    return _column(table, index, lambda cell: (f"{_figure(cell)} {_whole(cell)}".strip(),))


def _below(table: Table, index: int) -> _Column:
    return _column(table, index, lambda cell: (_figure(cell), cell.interval))


def _column(table: Table, index: int, lines: Callable[[Cell], tuple[str, ...]]) -> _Column:
    heading = table.headings[index]
    cells = tuple(_marked(lines(row[index]), row[index]) for row in table.rows)
    in_percent = any(row[index].text.endswith(" %") for row in table.rows)
    widest = max((_length(line) for cell in cells for line in cell), default=0)
    title = f"{heading.text} %" if in_percent else heading.text
    texts = [_wrapped(title, max(widest, 10))]
    if heading.n:
        texts.append((f"n = {heading.n.partition(' ')[0]}",))
    return _Column(tuple(line for text in texts for line in text), cells)


def _marked(lines: tuple[str, ...], cell: Cell) -> tuple[str, ...]:
    """Return the lines with what the figure is counted over where the heading does not say it; few are marked."""
    n = cell.n.partition(" ")[0]
    first = f"{lines[0]} of {n}" if n else lines[0]
    return (f"{first} few" if cell.few else first, *lines[1:])


def _figure(cell: Cell) -> str:
    """Return the figure without the unit that its heading has."""
    return cell.text.removesuffix(" %")


def _whole(cell: Cell) -> str:
    """Return the interval in whole numbers, widened to them, where it is in per cent."""
    ends = re.fullmatch(r"\[(-?[\d.]+), (-?[\d.]+)\]", cell.interval)
    if ends is None or not cell.text.endswith(" %"):
        return cell.interval
    return f"[{floor(float(ends[1]))}, {ceil(float(ends[2]))}]"


def _parts(columns: Sequence[_Column], room: int) -> Iterator[list[_Column]]:
    """Yield the columns in as many parts as there is room for."""
    part: list[_Column] = []
    used = 0
    for column in columns:
        if part and used + _GAP + column.width > room:
            yield part
            part, used = [], 0
        part.append(column)
        used += _GAP + column.width
    if part:
        yield part


def _lines(first: _Column, columns: Sequence[_Column]) -> Iterator[tuple[str, bool]]:
    headings = [first.heading, *(column.heading for column in columns)]
    widths = [first.width, *(column.width for column in columns)]
    yield from ((line, True) for line in _joined(headings, widths))
    for row in range(len(first.cells)):
        beside = [first.cells[row], *(column.cells[row] for column in columns)]
        yield from ((line, False) for line in _joined(beside, widths))


def _joined(cells: Sequence[tuple[str, ...]], widths: Sequence[int]) -> Iterator[str]:
    """Yield cells of several lines beside one another, the first to the left, figures to the right; no line is empty."""
    for line in range(max(map(len, cells))):
        texts = [cell[line] if line < len(cell) else "" for cell in cells]
        padded = (" " * (width - _length(text)) + text for text, width in zip(texts[1:], widths[1:], strict=True))
        if any(texts):
            yield (" " * _GAP).join((texts[0] + " " * (widths[0] - _length(texts[0])), *padded)).rstrip()


def _wrapped(text: str, width: int) -> tuple[str, ...]:
    """Return the text in lines of at most so many columns; what has no space is cut where it must be."""
    from rich.cells import chop_cells

    lines: list[str] = []
    for word in visible(text).split():
        pieces = chop_cells(word, width) if _length(word) > width else [word]
        for piece in pieces:
            if lines and piece is pieces[0] and _length(lines[-1]) + 1 + _length(piece) <= width:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return tuple(lines) or ("",)


def _length(text: str) -> int:
    """Return how many columns a text takes: two for a wide character."""
    from rich.cells import cell_len

    return cell_len(text)
