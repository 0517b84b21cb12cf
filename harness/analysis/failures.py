"""What failures have in common: the kind of a refusal, and the cause of a sample that was not tried."""

from __future__ import annotations

import re

from harness.records import Failure

NOT_TRIED = "CircuitOpen"  # the type of what a backend was not given any more
LAST_TIME = "The last time: "  # in the message of such a failure, in front of the one that it is due to
_STATUS = re.compile(r"\bstatus (\d{3})\b")
_VARYING = re.compile(r"[\w:.+-]*\d[\w:.+-]*")

Kind = tuple[int | None, str, str]


def kind_of(failure: Failure) -> Kind:
    """Return what failures of one kind share: the HTTP status, the type, and the message but for words with digits in them."""
    status = _STATUS.search(failure.message)
    return int(status[1]) if status else None, failure.type, _VARYING.sub("#", failure.message)


def cause_of(failure: Failure) -> Failure:
    """Return why a sample was not tried, as the failure that it repeats; any other failure is its own cause."""
    if failure.type != NOT_TRIED or LAST_TIME not in failure.message:
        return failure
    type_, _, message = failure.message.partition(LAST_TIME)[2].partition(": ")
    return Failure(failure.stage, type_, message)
