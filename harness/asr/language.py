"""The language that a backend decodes in: the suite's, unless its option `language` says otherwise."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated

from msgspec import Meta

from harness.errors import UsageError
from harness.records import BackendSpec
from harness.words.languages import primary

AUTO = "auto"
Language = Annotated[
    str | None,
    Meta(
        description="Language of the speech as a code such as de; auto leaves it to the model to detect. Unless set: the "
        "suite's language."
    ),
]
# Languages that Whisper calls otherwise than BCP-47 does.
_WHISPER_CODES = {"nb": "no", "fil": "tl", "jv": "jw", "cmn": "zh", "iw": "he", "in": "id"}


def decoding_language(option: str | None, suite_language: str) -> str | None:
    """Return the code that a recogniser is told: the option's, or else the suite's; `None` with `language=auto`."""
    if option is not None:
        return None if option == AUTO else option
    return primary(suite_language)


def refuse_other_languages(spec: BackendSpec, suite_language: str, what: str, instead: str) -> None:
    """Raise `UsageError` for a suite that is not in English; `what` says which part of the backend understands English only."""
    if primary(suite_language) != "en":
        raise UsageError(
            f"backend {spec.label!r}: {what} understands English only, and the suite is in {suite_language!r}: use {instead}"
        )


def whisper_language(spec: BackendSpec, option: str | None, suite_language: str, *, english_only: bool) -> str | None:
    """Return the code that a Whisper model decodes in, as `decoding_language` does; `None` for one of English alone.

    Raises `UsageError` where such a model would be given another language.
    """
    if not english_only:
        code = decoding_language(option, suite_language)
        return code if option else _WHISPER_CODES.get(str(code), code)
    instead = (
        f"{spec.name}:{'openai/whisper-base' if spec.name == 'transformers' else 'base'} or another multilingual model"
    )
    if option is None:
        refuse_other_languages(spec, suite_language, str(spec.model), instead)
    elif option.lower() not in ("en", "english", AUTO):
        raise UsageError(
            f"backend {spec.label!r}: language is {option!r}, and {spec.model} understands English only: use {instead}"
        )
    return None if option == AUTO else option


def check_whisper_knows(spec: BackendSpec, code: str, known: Container[str], suite_language: str) -> None:
    """Raise `UsageError` where Whisper has no language of this code or name."""
    if code.lower() not in known:
        told = f"language is {code!r}" if "language" in spec.options else f"the suite is in {suite_language!r}"
        raise UsageError(
            f"backend {spec.label!r}: {told}, a language that Whisper was not trained on: use language=CODE of the nearest "
            f"that it was, language=auto, or another recogniser"
        )
