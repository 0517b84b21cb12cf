"""What must never be written: keys, tokens and passwords, wherever in a text they turn up.

Known are the values of environment variables whose names say so (`OPENAI_API_KEY`, `HF_TOKEN` ...), the passwords in addresses
among them (`HTTPS_PROXY`), and what a plug-in was given as its key (`remember`): these are found in any disguise (`disguise`).
A value that could stand in a text by chance is not looked for: one of fewer than 8 characters, or of letters alone, up to 20.
Recognised by their form are authorisation headers, passwords and signed queries in addresses, options such as `--token`, and the
keys of some services.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.http.command_line import MASKED_OPTION, without_keys
from harness.http.disguise import FEWEST_CHARACTERS, holds, masked
from harness.records import Failure, Transcript

SHOWN = "[secret]"
_NAMES = re.compile(
    r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|AUTH|CREDENTIALS?)(?:_|$)"
    r"|(?:APIKEY|TOKEN|SECRET|PASSWORD)$",
    re.IGNORECASE,
)
_WORDLIKE = 20  # letters alone, up to this many, may as well be a word that somebody said
_SHORTEST = 4  # characters of a key that is masked in messages of the very server that was sent it
_SCHEME = re.compile(r"(?i)(?:bearer|basic|token)\s+")
_PARAMETER = (
    r"[a-z0-9_.-]*(?:key|token|secret|password|passwd|sig|signature|auth|appid)"  # of a query, that holds a key
)
_FORMS = (
    (re.compile(r"(?i)\b(authorization|proxy-authorization|(?:x-)?(?:[a-z]+-)?(?:api-key|apikey|auth-token|access-token|subscription-token))"
                r"(['\"]?\s*[:=]\s*['\"]?)(?:(bearer|basic|token)\s+)?[^\s'\",;]+"), rf"\1\2{SHOWN}"),
    (re.compile(r"(?i)\b(bearer\s+|basic\s+(?=\S*[0-9=]))[a-z0-9._~+/=-]{8,}"), rf"\1{SHOWN}"),
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\1{SHOWN}@"),
    (re.compile(rf"(?i)([?&]{_PARAMETER}=)[^&\s'\"#]+"), rf"\1{SHOWN}"),
    (re.compile(r"\b(?:sk|pk|hf|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{16,}"), SHOWN),
    (MASKED_OPTION, rf"\1{SHOWN}"),
)  # fmt: skip
_remembered: dict[str, str] = {}  # of this process: value to name


def remember(name: str, value: str | None) -> None:
    """Take `value` for a secret from now on, in this process, whatever the name of its variable."""
    if value and _telling(value):
        _remembered[value] = name


def is_key_name(name: str) -> bool:
    """Return whether a query's parameter of this name holds a key."""
    return re.fullmatch(_PARAMETER, name, re.IGNORECASE) is not None


def known_secrets(environment: Mapping[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """Return name and value of each variable that holds a key, and of what was remembered; the longest value first."""
    variables = os.environ if environment is None else environment
    values = {value: name for name, value in _in_variables(variables) if _telling(value)}
    if environment is None:
        values = _remembered | values
    return iter(sorted(((name, value) for value, name in values.items()), key=lambda pair: (-len(pair[1]), pair)))


def _in_variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in variables.items():
        if _NAMES.search(name):
            yield name, value.strip()
            if scheme := _SCHEME.match(value.strip()):
                yield name, value.strip()[scheme.end() :].strip()
        elif "://" in value and "@" in value:
            try:
                password = urlsplit(value).password or ""
            except ValueError:
                continue
            yield name, unquote(password)


def redact(text: str, own: str | None = None) -> str:
    """Return the text with every secret in it replaced; also `own`, a short key, where it stands as a word of its own."""
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    values = [value for _, value in known_secrets()]
    if holds(text, values):
        for value in values:
            text = masked(text, value, SHOWN)
    if own is not None and len(own) >= _SHORTEST:
        text = masked(text, own, SHOWN)
        text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", SHOWN, text)
    return text


def redacted(value: Any) -> Any:
    """Return a structure of mappings, sequences and plain values, with every text in it (keys too) redacted.

    What stands under the name `run` is a command line.
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            redact(str(key)): redact(without_keys(part)) if key == "run" and isinstance(part, str) else redacted(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(part) for part in value]
    return value


def repeated_secret(*texts: str) -> str | None:
    """Return the name of a secret that stands in one of the texts, or is spread over them; `None` where none does."""
    together, known = "\n".join(texts), list(known_secrets())
    if not holds(together, [value for _, value in known]):
        return None
    return next((name for name, value in known if holds(together, [value])), None)


def presentable(result: Transcript | Failure) -> Transcript | Failure:
    """Return a result as it may be stored: a failure's message redacted; a transcript that repeats a secret is a failure."""
    if isinstance(result, Failure):
        return Failure(result.stage, result.type, redact(result.message))
    texts = [result.text, *(entry.text for entry in result.nbest), *(word.text for word in result.words)]
    if name := repeated_secret(*texts):
        return Failure("recognise", "BadOutput", f"the transcript repeats the value of {name}, and was thrown away")
    return result


def _telling(value: str) -> bool:
    """Return whether a value is long and odd enough that it cannot stand in a text by chance."""
    if len(value) < FEWEST_CHARACTERS or "/" in value[:1]:
        return False
    return not value.isalpha() or len(value) > _WORDLIKE
