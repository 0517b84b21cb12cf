"""Where a server is, and the key to it: checked before any work, from options and the environment. Sends nothing.

No message repeats an address or a key: either may hold a secret.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from harness.errors import UsageError
from harness.http.secrets import remember

_KEY_VARIABLE = "OPENAI_API_KEY"
_URL_VARIABLE = "OPENAI_BASE_URL"
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


def endpoint(who: str, option: str | None, path: str) -> str:
    """Return the address of `path` ("/v1/...") on the server that the option `url` names, or else OPENAI_BASE_URL.

    `who` begins the message of the `UsageError` that is raised for what is no address of a server.
    """
    base = option if option is not None else os.environ.get(_URL_VARIABLE, "")
    source = "the option url" if option is not None else _URL_VARIABLE
    if not base:
        raise UsageError(
            f"{who}: no server is named: add url=http://HOST:PORT, or set {_URL_VARIABLE} "
            f"(https://api.openai.com/v1 for the hosted service)"
        )
    try:
        parts = urlsplit(base)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        fits = False
    if not fits or not base.isprintable() or " " in base:
        raise UsageError(f"{who}: {source} is no address of a server: expected http(s)://HOST[:PORT][/PATH]")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"{who}: {source} holds a password or a query, which would be written into results: give the bare address, "
            f"and the key in the environment variable {_KEY_VARIABLE}"
        )
    return base.rstrip("/").removesuffix("/v1") + path


def api_key(who: str, variable: str | None) -> str | None:
    """Return the key in the environment variable named by the option `key_env`, or else in OPENAI_API_KEY; `None` without one.

    Raises `UsageError` if the key is absent although its variable was named, or is no key.
    """
    if variable is not None and not _VARIABLE.fullmatch(variable):
        raise UsageError(
            f"{who}: key_env names no environment variable: expected the name of the variable that holds the key, such as "
            f"MY_API_KEY, never the key itself"
        )
    name = variable or _KEY_VARIABLE
    key = os.environ.get(name, "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(f"{who}: the key in {name} holds spaces or letters that no key has")
    if variable is not None and not key:
        raise UsageError(f"{who}: {name} is not set: export {name}=...")
    remember(name, key)
    return key or None
