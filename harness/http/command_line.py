"""Keys in the command line of a program: which of its words are secrets, and the line without them.

A value is a secret by the name of its option (`--password X`, `--token=X`, `-api_key X`), of the variable that it is assigned to
(`env API_KEY=X program`), or of the header that it stands in (`--header "X-Api-Key: X"`), or behind the name of a user
(`--user NAME:X`). Other short options (`-p`) have no telling names: they are numbers of processes as often as passwords, and
stay. So does what names a file (`--token-file X`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from hashlib import scrypt

_NAME = (
    r"(?:[a-z0-9]+[-_.])*(?:password|passwd|passphrase|pass|pwd|token|secret|api[-_]?key|key|auth|credentials?|bearer)"
)
_HEADER = r"(?:proxy-)?authorization|cookie|(?:[a-z0-9]+-)*(?:key|token|secret|auth|apikey)"
_OPTION = re.compile(rf"--?{_NAME}", re.IGNORECASE)
_ASSIGNED = re.compile(rf"(?:--?)?{_NAME}=(.+)", re.IGNORECASE | re.DOTALL)
_IN_HEADER = re.compile(
    rf"(?:\S+=|-H)?(?:{_HEADER})\s*:\s*(?:(?:bearer|basic|token|digest)\s+)?(.+)", re.IGNORECASE | re.DOTALL
)
_USER = ("-u", "--user", "--proxy-user")
_USER_AND_PASSWORD = re.compile(r"[^:/]+:(.+)", re.DOTALL)
_SHELL = re.compile(r"-[a-z]*c")  # sh -c, bash -lc: the next word is a command line of its own
_FEWEST_DIGITS = 4  # of a number that may be a password: `--pass 2` is none
# In any text: an option whose name says that a key follows, and the key.
MASKED_OPTION = re.compile(
    rf"(?<![\w-])(--{_NAME}(?:=|\s+)['\"]?)(?!-|(?:is|has|was|and|or|needs)\b|\d{{1,3}}\b|\[secret\]|\{{)[^\s'\",;]+",
    re.IGNORECASE,
)


def secret_values(words: Sequence[str]) -> list[str]:
    """Return the secrets among the words of a command line."""
    secrets: list[str] = []
    _without(words, "", secrets)
    return secrets


def without_keys(line: str, instead: str = "[secret]") -> str:
    """Return a command line with its secrets replaced; unchanged where it has none."""
    secrets: list[str] = []
    words = _without(_split(line), instead, secrets)
    return _joined(words) if secrets else line


def secrets_digest(secrets: Sequence[str]) -> str:
    """Return what tells these secrets from others, by a slow function: a short password is not to be found by trying."""
    content = "\0".join(secrets).encode("utf-8", "replace")
    return scrypt(content, salt=b"harness command", n=2**14, r=8, p=1, dklen=8).hex()


def with_digest(line: str) -> str:
    """Return a command line with a digest of its secrets in their place; unchanged where it has none."""
    secrets = secret_values(_split(line))
    return without_keys(line, f"[secret {secrets_digest(secrets)}]") if secrets else line


def _without(words: Sequence[str], instead: str, secrets: list[str]) -> list[str]:
    """Return the words with each secret replaced, and add the secrets to `secrets`."""
    return [_shown(before, word, instead, secrets) for before, word in zip(("", *words), words, strict=False)]


def _shown(before: str, word: str, instead: str, secrets: list[str]) -> str:
    """Return a word without its secret; `before` is the word in front of it."""
    if " " in word and _SHELL.fullmatch(before):
        n_before = len(secrets)
        inner = _without(_split(word), instead, secrets)
        return _joined(inner) if len(secrets) > n_before else word
    match = _ASSIGNED.fullmatch(word) or _IN_HEADER.fullmatch(word)
    if match is None and before in _USER:
        match = _USER_AND_PASSWORD.fullmatch(word)
    if match is not None and _is_secret(match[1]):
        secrets.append(match[1])
        return word[: match.start(1)] + instead
    if _OPTION.fullmatch(before) and not word.startswith("-") and _is_secret(word):
        secrets.append(word)
        return instead
    return word


def _is_secret(value: str) -> bool:
    """Return whether a value may be one: not a small number, nor a place for a file ("{audio}")."""
    return bool(value) and not (value.isdigit() and len(value) < _FEWEST_DIGITS) and not re.fullmatch(r"\{\w+\}", value)


def _joined(words: Sequence[str]) -> str:
    """Return the words as a command line; `{audio}` and `[secret]` need no quotes to be read."""
    return " ".join(word if re.fullmatch(r"[\w@%+=:,./{}\[\]-]+", word) else shlex.quote(word) for word in words)


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed
        return line.split()
