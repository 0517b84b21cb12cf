"""Kinds of answer that a question can ask for."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Kinds of answer. `THING` is any other noun of a question; `ANY` where there is none; `JUDGEMENT` is yes or no."""

    PERSON = "person"
    GROUP = "group"
    PLACE = "place"
    YEAR = "year"
    DATE = "date"
    COUNT = "count"
    AMOUNT = "amount"
    THING = "thing"
    REASON = "reason"
    MANNER = "manner"
    ANY = "any"
    JUDGEMENT = "judgement"


KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.JUDGEMENT)
NUMERIC: Final = frozenset({Kind.YEAR, Kind.DATE, Kind.COUNT, Kind.AMOUNT})
