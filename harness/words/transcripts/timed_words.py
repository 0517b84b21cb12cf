"""Recognised words with their times from whatever a tool wrote: what cannot be is left out, and the word stays."""

from __future__ import annotations

import json
import math
from numbers import Real
from typing import Any, TypeVar

import msgspec

from harness.records import Seconds, Word

_ROUNDING = 1e-3  # a posterior that single precision pushed over the edge
T = TypeVar("T")


class RawWord(msgspec.Struct):
    """A word in a JSON document, with any times and confidence."""

    text: str
    start: Any = None
    end: Any = None
    confidence: Any = None

    def word(self) -> Word:
        """Return the word as a record."""
        return timed_word(self.text, self.start, self.end, self.confidence)


def timed_word(text: str, start: object = None, end: object = None, confidence: object = None) -> Word:
    """Return a word with its times and confidence where they can be.

    Both times are left out where one is no number, negative, infinite or NaN, or the end comes before the start; a
    confidence outside of [0, 1].
    """
    given = [time for time in (start, end) if time is not None]
    times = [number for number in map(finite, given) if number is not None and number >= 0]
    possible = len(times) == len(given) and times == sorted(times)
    begin, stop = (finite(start), finite(end)) if possible else (None, None)
    return Word(text, begin, stop, _posterior(confidence))


def finite(value: object) -> Seconds | None:
    """Return a finite number as a float, `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def decode_json(content: bytes, kind: type[T]) -> T:
    """Return a JSON document as a `kind`, also one with the `NaN`, `Infinity` and huge numbers that Python's json reads.

    Raises `msgspec.DecodeError`, `UnicodeDecodeError` and `RecursionError`.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        if b"NaN" not in content and b"Infinity" not in content and "out of range" not in str(error):  # 1e999
            raise
        try:
            document = json.loads(content)
        except ValueError:  # no JSON, or an integer of more digits than `int` reads
            pass  # msgspec's message says where
        else:
            return msgspec.convert(document, kind)
        raise


def _posterior(value: object) -> float | None:
    number = finite(value)
    if number is None or not -_ROUNDING <= number <= 1 + _ROUNDING:
        return None
    return min(1.0, max(0.0, number))
