"""JSON objects that carry a digest of themselves, so that damage is seen when they are read.

    {"key":"a|clean|b", ..., "digest":"0123456789abcdef0123456789abcdef"}

The digest is the last field: the first 128 bits of SHA-256 over what it belongs to (a run, a cache key) and all bytes before
it. An object of a version that wrote no digest has none, which its reader allows or not.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

import msgspec

_DIGITS: Final = 32
_TAIL: Final = re.compile(rb',(\s*)"digest": ?"([0-9a-f]{32})"(\s*)\}$')
_LONGEST_TAIL: Final = 80


class BrokenSeal(ValueError):
    """An object is not what its digest says."""


UNREADABLE: Final = (BrokenSeal, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # of what should be JSON


def sealed(content: bytes, owner: str) -> bytes:
    """Return a JSON object, compact or indented by one, with the digest as its last field. It has a field already."""
    body = content.rstrip()
    indented = body.endswith(b"\n}")
    start = body[: -2 if indented else -1]
    before, space, after = (b"\n ", b" ", b"\n") if indented else (b"", b"", b"")
    return b"".join(
        (start, b",", before, b'"digest":', space, b'"', _digest(start, owner), b'"', after, b"}", content[len(body) :])
    )


def opened(content: bytes, owner: str, *, required: bool = False) -> bytes | None:
    """Return a JSON object without its digest; `None` where it carries none.

    Raises `BrokenSeal` where they do not match, and for an object without a digest where that is `required`.
    """
    body = content.rstrip()
    tail = _TAIL.search(body, max(len(body) - _LONGEST_TAIL, 0))
    if tail is None:
        if required:
            raise BrokenSeal("does not read: the digest at its end is missing")
        return None
    start = body[: tail.start()]
    if _digest(start, owner) != tail[2]:
        raise BrokenSeal("does not match its digest: it was changed or damaged")
    return start + tail[3] + b"}"


def _digest(start: bytes, owner: str) -> bytes:
    digest = sha256(owner.encode())
    digest.update(start)
    return digest.hexdigest()[:_DIGITS].encode()
