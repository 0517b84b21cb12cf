"""Transcripts that were made elsewhere: another engine's output, a service's, or a person's.

`replay:NAME` reads `transcripts/NAME.jsonl` of the suite, `replay,file=PATH` any file. One JSON object a line:

    {"utterance_id": "u1", "text": "when was rome built",
     "nbest": ["when was rome built", {"text": "when was rum built", "score": -41.5}],
     "words": [{"text": "when", "start": 0.11, "end": 0.32, "confidence": 0.98}]}

`nbest` and `words` may be absent. An utterance without a line is a failed sample, never an empty transcript.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from harness.asr.protocol import BackendContext, Capabilities
from harness.errors import TranscriptError, UsageError
from harness.records import Alternative, BackendSpec, Clip, Failure, Transcript, Word

_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*")


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a transcript file, as written."""

    utterance_id: str
    text: str
    nbest: list[str | Alternative] = []
    words: list[Word] = []


class Replay:
    """Serves the transcripts of one file by utterance id.

    The file is read and checked when the object is built. Raises `UsageError` for a name or an option that means
    nothing, `TranscriptError` with file and line for a file that is absent or malformed.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=True, word_times=True, confidence=True, bias=False, batch=True, needs_audio=False
    )

    package: ClassVar[str | None] = None

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        if context.bias or spec.bias is not None:
            raise UsageError(
                f"backend {spec.label!r}: replay recognises nothing, so it takes no bias list: remove 'bias'"
            )
        path, self._name = _source(spec, context.suite_root)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise TranscriptError(
                f"cannot be read ({error.strerror}): expected recorded transcripts, one JSON object a line",
                file=self._name,
            ) from error
        self._digest = hashlib.sha256(content).hexdigest()
        self._transcripts = _parse(content, self._name)

    def identity(self) -> Mapping[str, str]:
        """The engine's name and the digest of the file."""
        return {"engine": "replay", "transcripts": self._digest}

    def warm_up(self) -> None:
        """Nothing to load."""

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """The recorded transcript of each clip; `Failure` of type `MissingTranscript` where there is none."""
        return [self._recorded(clip.utterance_id) for clip in clips]

    def _recorded(self, utterance_id: str) -> Transcript | Failure:
        found = self._transcripts.get(utterance_id)
        if found is not None:
            return found
        return Failure(
            stage="recognise",
            type="MissingTranscript",
            message=f"{self._name} has no line for the utterance {utterance_id!r}",
        )


def _source(spec: BackendSpec, suite_root: Path) -> tuple[Path, str]:
    """The file, and its name as messages show it."""
    options = dict(spec.options)
    file = options.pop("file", None)
    if options:
        unknown = ", ".join(sorted(options))
        raise UsageError(f"backend {spec.label!r}: unknown option {unknown}: replay knows only file=PATH")
    if (file is None) == (spec.model is None):
        raise UsageError(
            f"backend {spec.label!r}: expected either replay:NAME, for transcripts/NAME.jsonl of the suite, "
            f"or replay,file=PATH"
        )
    if file is not None:
        return Path(str(file)), str(file)
    name = spec.model or ""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"backend {spec.label!r}: {name!r} is no name of recorded transcripts: expected letters, digits "
            f"and . _ - +, not starting with a dot. For a file elsewhere write replay,file=PATH"
        )
    shown = f"transcripts/{name}.jsonl"
    path = suite_root / shown
    if not path.resolve().is_relative_to(suite_root.resolve()):
        raise TranscriptError("is a link that leaves the suite's folder: copy the file into the folder", file=shown)
    return path, shown


def _parse(content: bytes, name: str) -> dict[str, Transcript]:
    """All transcripts by utterance id, in file order."""
    decoder = msgspec.json.Decoder(_Line)
    found: dict[str, Transcript] = {}
    for number, raw in enumerate(content.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            line = decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problem, _, field = str(error).partition(" - at `$")
            raise TranscriptError(
                f"{problem}: expected an object with utterance_id and text, and perhaps nbest and words",
                file=name,
                line=number,
                field=field.rstrip("`").lstrip(".") or None,
            ) from error
        if line.utterance_id in found:
            raise TranscriptError(
                f"the utterance {line.utterance_id!r} has a line already: keep one",
                file=name,
                line=number,
                field="utterance_id",
            )
        _check_words(line.words, name, number)
        found[line.utterance_id] = Transcript(
            text=line.text,
            nbest=tuple(Alternative(entry) if isinstance(entry, str) else entry for entry in line.nbest),
            words=tuple(line.words),
        )
    return found


def _check_words(words: list[Word], name: str, number: int) -> None:
    for index, word in enumerate(words):
        times = [time for time in (word.start, word.end) if time is not None]
        if any(not (math.isfinite(time) and time >= 0) for time in times) or times != sorted(times):
            problem, field = f"{word.text!r} runs from {word.start} to {word.end}: expected 0 <= start <= end", "start"
        elif word.confidence is not None and not 0 <= word.confidence <= 1:
            problem, field = f"{word.confidence} is no confidence: expected a posterior in [0, 1]", "confidence"
        else:
            continue
        raise TranscriptError(problem, file=name, line=number, field=f"words[{index}].{field}")
