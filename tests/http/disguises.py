"""The ways in which a server may give a key back: name to a function that writes a key so. All hold nothing but ASCII or UTF-8."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote


def _percent(text: str, form: str = "%{:02x}") -> str:
    return "".join(form.format(byte) for byte in text.encode())


def _between(text: str, mark: str, every: int = 1) -> str:
    return mark.join(text[at : at + every] for at in range(0, len(text), every))


def _json(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in text)


def _base64(text: str, url_safe: bool = False) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return encode(text.encode()).decode()


DISGUISES: Mapping[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "upper case": str.upper,
    "JSON escapes": _json,
    "JSON escapes in capitals": lambda key: "".join(f"\\u{ord(c):04X}" for c in key),
    "every second character escaped": lambda key: "".join(c if n % 2 else _json(c) for n, c in enumerate(key)),
    "JSON in JSON": lambda key: json.dumps(json.dumps(_json(key))),
    "a slash escaped": lambda key: key.replace("/", "\\/"),
    "hexadecimal escapes": lambda key: "".join(f"\\x{ord(c):02x}" for c in key),
    "octal escapes": lambda key: "".join(f"\\{ord(c):03o}" for c in key),
    "braced escapes": lambda key: "".join(f"\\u{{{ord(c):x}}}" for c in key),
    "percent": _percent,
    "percent in capitals": lambda key: _percent(key, "%{:02X}"),
    "quoted": lambda key: quote(key, safe=""),
    "percent twice": lambda key: _percent(_percent(key)),
    "percent three times": lambda key: _percent(key, "%2525{:02x}"),
    "JSON of percent": lambda key: json.dumps(_json(_percent(key))),
    "HTML decimal": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "HTML hexadecimal": lambda key: "".join(f"&#x{ord(c):X};" for c in key),
    "HTML without semicolons": lambda key: " ".join(f"&#0{ord(c)}" for c in key),
    "HTML twice": lambda key: html.escape("".join(f"&#x{ord(c):02x};" for c in key)),
    "HTML names": lambda key: key.replace("-", "&hyphen;").replace("_", "&lowbar;").replace("/", "&sol;").replace("+", "&plus;"),
    "base64": _base64,
    "base64, one byte before": lambda key: _base64(f"u{key}"),
    "base64, two bytes before": lambda key: _base64(f"u:{key}:p"),
    "base64 of user and key": lambda key: f"Basic {_base64(f'someone:{key}')}",
    "base64 for addresses": lambda key: _base64(f"user:{key}?>~", url_safe=True),
    "base64 in lines": lambda key: _between(_base64(f"user:{key}"), "\n", 12),
    "base64 in JSON lines": lambda key: _between(_base64(f"user:{key}"), "\\r\\n", 8),
    "base64 quoted": lambda key: quote(_base64(f"user:{key}"), safe=""),
    "base64 with its slash escaped": lambda key: _base64(f"{key}~~~???").replace("/", "\\/"),
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal in capitals": lambda key: key.encode().hex().upper(),
    "hexadecimal in pairs": lambda key: key.encode().hex(" "),
    "hexadecimal with colons": lambda key: key.encode().hex(":"),
    "zero-width spaces": lambda key: _between(key, "\u200b"),
    "soft hyphens": lambda key: _between(key, "\u00ad", 4),
    "soft hyphens in HTML": lambda key: _between(key, "&shy;", 4),
    "grapheme joiners": lambda key: _between(key, "\u034f"),
    "escaped joiners": lambda key: _between(key, "\\u2060", 2),
    "tags": lambda key: _between(key, "\U000e0041"),
    "written in tags": lambda key: "".join(chr(0xE0000 + ord(c)) for c in key),
    "variation selectors": lambda key: _between(key, "\ufe0f"),
    "combining accents": lambda key: _between(key, "\u0301"),
    "direction marks": lambda key: _between(key, "\u202e", 3),
    "full width": lambda key: "".join(chr(ord(c) + 0xFEE0) for c in key),
    "mathematical letters": lambda key: "".join(chr(0x1D5D4 + ord(c) - 65) if "A" <= c <= "Z" else c for c in key.upper()),
    "full width, escaped": lambda key: "".join(f"\\u{ord(c) + 0xFEE0:04x}" for c in key),
    "lines": lambda key: _between(key, "\n", 7),
    "escaped lines": lambda key: _between(key, "\\n", 7),
    "spaces": lambda key: _between(key, " "),
    "NUL bytes": lambda key: _between(key, "\0"),
    "percent with lines": lambda key: _between(_percent(key), "\r\n", 9),
}  # fmt: skip
