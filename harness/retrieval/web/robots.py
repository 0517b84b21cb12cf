"""What a site's robots.txt allows (RFC 9309), read by the standard library, with what that stumbles over taken out before."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit
from urllib.robotparser import RobotFileParser

_MAX_BYTES = 512_000  # RFC 9309 asks a reader for 500 kibibytes
_USED = ("user-agent", "allow", "disallow")  # the other lines hold numbers that may not be any


def rules_of(content: bytes) -> RobotFileParser:
    """Return the rules in a robots.txt. What comes after 512 kB, and what is no rule, is not read."""
    rules = RobotFileParser()
    rules.parse(list(_lines(content[:_MAX_BYTES].decode("utf-8", "replace"))))
    return rules


def allows(rules: RobotFileParser, user_agent: str, url: str) -> bool:
    """Return whether the rules let `user_agent` read the page; a URL that only looks like one may not be read."""
    try:
        return rules.can_fetch(user_agent, url)
    except ValueError:  # http://%5B/ is "http://[/" to the parser
        return False


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        field, _, value = line.partition("#")[0].partition(":")
        name = field.strip().lower()
        if not name:
            yield ""  # it ends a group
        elif name in _USED and (name == "user-agent" or _is_path(value.strip())):
            yield f"{name}: {value.strip()}"


def _is_path(value: str) -> bool:
    """Return whether the parser takes it: "//[" is no path to it, but a `ValueError`."""
    try:
        urlsplit(unquote(value))
        urlsplit(value)
    except ValueError:
        return False
    return True
