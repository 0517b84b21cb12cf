"""Transcripts that were made elsewhere: another engine's output, a service's, or a person's.

`replay:NAME` reads `transcripts/NAME.jsonl` of the suite, one JSON object a line:

    {"utterance_id": "u1", "text": "when was rome built",
     "nbest": ["when was rome built", {"text": "when was rum built", "score": -41.5}],
     "words": [{"text": "when", "start": 0.11, "end": 0.32, "confidence": 0.98}]}

`nbest` and `words` may be absent. `replay,file=PATH` reads any file of a format in `harness.words.transcripts`: trn, ctm,
CSV, JSONL of other tools ... The options `format`, `delimiter` and the names of columns (`id`, `text`, `nbest`, `words`,
`rank`, `score`) give what cannot be inferred from the file's name and usual names; ids may also be names of
recordings. An utterance without a line is a failed sample, never an empty transcript.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from harness.asr.exchange import read_options
from harness.asr.protocol import BackendContext, Capabilities
from harness.errors import TranscriptError, UsageError
from harness.records import BackendSpec, Clip, Failure, Transcript
from harness.words.transcripts.entries import Entry
from harness.words.transcripts.matching import match
from harness.words.transcripts.own import read_own
from harness.words.transcripts.reading import by_id, infer_format, read_transcripts
from harness.words.transcripts.tables import Layout

_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*")


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set; all but `file` describe that file, as `Layout` does, and are inferred unless set."""

    file: Annotated[str | None, msgspec.Meta(description="A file of transcripts elsewhere, in place of :NAME.")] = None
    format: Annotated[str | None, msgspec.Meta(description="Its format, such as csv, jsonl, trn or ctm.")] = None
    delimiter: Annotated[str | None, msgspec.Meta(description="What separates its columns.")] = None
    id: Annotated[str | int | None, msgspec.Meta(description="Column or field of the utterance's id.")] = None
    text: Annotated[str | int | None, msgspec.Meta(description="Column or field of the text.")] = None
    nbest: Annotated[str | int | None, msgspec.Meta(description="Column or field of the N-best list.")] = None
    words: Annotated[str | int | None, msgspec.Meta(description="Column or field of the words with times.")] = None
    rank: Annotated[
        str | int | None, msgspec.Meta(description="Column of the rank, where alternatives stand in rows.")
    ] = None
    score: Annotated[str | int | None, msgspec.Meta(description="Column of the score of an alternative.")] = None


class Replay:
    """Serves the transcripts of one file by utterance id.

    The file is read, checked and matched with the suite's utterances when the object is built. Raises `UsageError` for a
    name or an option that is unknown, `TranscriptError` with file and line for a file that is absent or malformed, or
    of which no line belongs to the suite. What it gives of N-best lists, times and confidences is what the file has.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=True, word_times=True, confidence=True, bias=False, batch=True, needs_audio=False
    )

    package: ClassVar[str | None] = None
    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "replay,file=transcripts.csv"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        if context.bias or spec.bias is not None:
            raise UsageError(
                f"backend {spec.label!r}: replay recognises nothing, so it takes no bias list: remove 'bias'"
            )
        entries, self._name, self._how = _read(spec, context.suite_root)
        self._remark = ""
        if context.utterances:
            matched = match(entries, context.utterances, self._name)
            self._transcripts, self._n_unmatched = dict(matched.transcripts), len(matched.unmatched)
            self._remark = matched.remark()
        else:
            self._transcripts, self._n_unmatched = {key: entry.transcript for key, entry in entries.items()}, 0

    def identity(self) -> Mapping[str, str]:
        """Return the engine's name, the digest of what it serves, and how many of the file's ids match no utterance."""
        parts = {
            "engine": "replay",
            "transcripts": hashlib.sha256(msgspec.json.encode(self._transcripts, order="sorted")).hexdigest(),
        }
        return parts | ({"unmatched": str(self._n_unmatched)} if self._n_unmatched else {})

    def warm_up(self) -> None:
        """Nothing to load."""

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """Return the recorded transcript of each clip; `Failure` of type `MissingTranscript` where there is none."""
        return [self._recorded(clip.utterance_id) for clip in clips]

    def _recorded(self, utterance_id: str) -> Transcript | Failure:
        transcript = self._transcripts.get(utterance_id)
        if transcript is not None:
            return transcript
        message = f"{self._name}{self._how} has no line for the utterance {utterance_id!r}"
        if self._remark:
            message += f". {self._remark}"
        return Failure(stage="recognise", type="MissingTranscript", message=message)


def _read(spec: BackendSpec, suite_root: Path) -> tuple[Mapping[str, Entry], str, str]:
    """Return the file's entries by id, its name as messages show it, and the format it was read as, in brackets."""
    given = read_options(spec, _Options)
    file = given.file
    if (file is None) == (spec.model is None):
        raise UsageError(
            f"backend {spec.label!r}: expected either replay:NAME, for transcripts/NAME.jsonl of the suite, "
            f"or replay,file=PATH"
        )
    described = {name: str(value) for name, value in spec.options.items() if name != "file"}
    if described and file is None:
        raise UsageError(f"backend {spec.label!r}: option {next(iter(described))} goes with file=PATH only")
    if file is not None:
        layout, path = Layout(**described), Path(file)
        return read_transcripts(path, layout), file, f" (read as {layout.format or infer_format(path)})"
    path, shown = _of_suite(spec, suite_root)
    return by_id(read_own(path, shown), shown), shown, ""


def _of_suite(spec: BackendSpec, suite_root: Path) -> tuple[Path, str]:
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
