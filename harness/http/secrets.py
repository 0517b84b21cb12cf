"""What must never be written: keys, tokens and passwords, wherever in a text they turn up.

Known are the values of environment variables whose names say so (`OPENAI_API_KEY`, `HF_TOKEN` ...); recognised by their
form are authorisation headers, passwords and signed queries in addresses, and the keys of some services.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.records import Failure, Transcript

SHOWN = "[secret]"
_NAMES = re.compile(r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)", re.IGNORECASE)
_FEWEST_CHARACTERS = 8  # shorter keys ("EMPTY", "dummy") are what servers without keys are given
_WORDLIKE = 20  # letters alone, up to this many, may as well be a word that somebody said
_FORMS = (
    (re.compile(r"(?i)\b(authorization|proxy-authorization|x-api-key|api-key)(['\"]?\s*[:=]\s*['\"]?)(?:(bearer|basic)\s+)?[^\s'\",;]+"),
     rf"\1\2{SHOWN}"),
    (re.compile(r"(?i)\b(bearer\s+|basic\s+(?=\S*[0-9=]))[a-z0-9._~+/=-]{8,}"), rf"\1{SHOWN}"),
    (re.compile(r"(://)[^/\s@'\"]+@"), rf"\1{SHOWN}@"),
    (re.compile(r"(?i)([?&][a-z0-9_.-]*(?:key|token|secret|password|passwd|sig|signature|auth)=)[^&\s'\"#]+"), rf"\1{SHOWN}"),
    (re.compile(r"\b(?:sk|pk|hf|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{16,}"), SHOWN),
)  # fmt: skip


def known_secrets(environment: Mapping[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """Return name and value of each variable that holds a key, the longest value first."""
    variables = os.environ if environment is None else environment
    values = {name: value.strip() for name, value in variables.items() if _NAMES.search(name)}
    kept = [(name, value) for name, value in values.items() if _telling(value)]
    return iter(sorted(kept, key=lambda pair: (-len(pair[1]), pair[0])))


def redact(text: str) -> str:
    """Return the text with every secret in it replaced."""
    for _, value in known_secrets():
        text = text.replace(value, SHOWN)
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text


def redacted(value: Any) -> Any:
    """Return a structure of mappings, sequences and plain values, with every text in it (keys too) redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(key)): redacted(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(part) for part in value]
    return value


def presentable(result: Transcript | Failure) -> Transcript | Failure:
    """Return a result as it may be stored: a failure's message redacted; a transcript that repeats a secret is a failure."""
    if isinstance(result, Failure):
        return Failure(result.stage, result.type, redact(result.message))
    texts = [result.text, *(entry.text for entry in result.nbest), *(word.text for word in result.words)]
    for name, value in known_secrets():
        if any(value in text for text in texts):
            return Failure("recognise", "BadOutput", f"the transcript repeats the value of {name}, and was thrown away")
    return result


def _telling(value: str) -> bool:
    """Return whether a value is long and odd enough that it cannot stand in a text by chance."""
    if len(value) < _FEWEST_CHARACTERS or "/" in value[:1]:
        return False
    return not value.isalpha() or len(value) > _WORDLIKE
