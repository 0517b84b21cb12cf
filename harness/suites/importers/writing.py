"""What every importer does at the end: write a suite folder, and report what was kept and dropped."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from harness.errors import SuiteError, UsageError
from harness.files import building, writing
from harness.records import Question, Snippet, Transcript, Utterance
from harness.suites.reading import read_suite_files, safe_path

_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class Imported:
    """A suite in memory, as an importer read it. `transcripts` maps a name to texts or transcripts by utterance id.

    `dropped` counts reasons; every reason says what was left out and why. `mended` counts what is done to recordings
    whenever they are read.
    """

    name: str
    description: str
    licence: str
    speech: str
    language: str
    questions: Sequence[Question]
    snippets: Sequence[Snippet]
    utterances: Sequence[Utterance]
    transcripts: Mapping[str, Mapping[str, str | Transcript]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    citation: str = ""
    recordings: Mapping[str, Path | Callable[[], bytes]] = field(
        default_factory=dict
    )  # `Utterance.audio` to what it is

    def account(self) -> list[str]:
        """Return what was kept and what was not, one line each."""
        kept = (
            f"{len(self.questions)} questions, {len(self.snippets)} snippets, {len(self.utterances)} utterances, "
            f"{len(self.transcripts)} sets of transcripts ({', '.join(self.transcripts) or 'none'})"
        )
        source = [f"licence: {self.licence}", *([f"please cite: {self.citation}"] if self.citation else [])]
        dropped = (f"dropped {n}: {why}" for why, n in sorted(self.dropped.items()))
        mended = (f"recordings mended whenever they are read, {n}: {how}" for how, n in sorted(self.mended.items()))
        return [kept, *source, *dropped, *mended]


def write_suite(imported: Imported, out: Path) -> None:
    """Write the suite folder `out`, whole or not at all. Raises `UsageError` when something is there already."""
    if out.exists():
        raise UsageError(f"{out} exists. Name another folder with --out, or remove that one.")
    with writing(out), building(out) as folder:
        _write_files(imported, folder)
        _check(folder)


def _write_files(imported: Imported, folder: Path) -> None:
    header = {
        "name": imported.name,
        "version": "1",
        "language": imported.language,
        "licence": imported.licence,
        "description": imported.description + (f" Please cite: {imported.citation}" if imported.citation else ""),
        "speech": imported.speech,
    }
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in header.items())
    (folder / "suite.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "questions.jsonl").write_bytes(encode_lines(imported.questions))
    if imported.snippets:
        (folder / "snippets.jsonl").write_bytes(encode_lines(imported.snippets))
    if imported.utterances:
        (folder / "utterances.jsonl").write_bytes(encode_lines(imported.utterances))
    for name, transcripts in imported.transcripts.items():
        (folder / "transcripts").mkdir(exist_ok=True)
        (folder / "transcripts" / f"{name}.jsonl").write_bytes(encode_transcripts(transcripts))
    for relative, recording in imported.recordings.items():
        _write_recording(folder, relative, recording)


def encode_lines(records: Iterable[object]) -> bytes:
    """JSON lines, without the fields that are empty."""
    encoder = msgspec.json.Encoder()
    return b"".join(encoder.encode(_without_absent(record)) + b"\n" for record in records)


def check_labels(labels: Iterable[str]) -> None:
    """Raise `UsageError` for a name of transcripts that cannot be a file's."""
    for label in labels:
        if not _NAME.fullmatch(label):
            raise UsageError(f"--transcripts {label!r}: a name has letters, digits and . _ + - only")


def _write_recording(folder: Path, relative: str, recording: Path | Callable[[], bytes]) -> None:
    path = safe_path(folder, relative)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_content(recording) if isinstance(recording, Path) else recording())


def _content(recording: Path) -> bytes:
    try:
        return recording.read_bytes()
    except OSError as error:
        raise SuiteError(f"cannot be read: {error.strerror or error}", file=recording) from error


def _check(folder: Path) -> None:
    """Raise `SuiteError` for a folder that a run would refuse."""
    if problems := read_suite_files(folder).problems:
        first = problems[0]
        name = Path(first.file or folder).name
        raise SuiteError(
            f"the imported suite would not load: {first.problem}", file=name, line=first.line, field=first.field
        )


def _without_absent(record: object) -> object:
    """Leave out empty fields, as a person writing the file would; an empty list is kept, for it says that there is none."""
    plain = msgspec.to_builtins(record)
    if not isinstance(plain, dict):
        return plain
    for entity in plain.get("entities") or ():
        if not entity["aliases"]:
            del entity["aliases"]
    return {key: value for key, value in plain.items() if value not in (None, "", {})}


# ---- for importers of data without metadata ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What the data does not say of itself. `speech` is `human`, `synthetic` or `unknown`; `language` a tag such as "pt-BR"."""

    name: str = ""
    licence: str = "see the source"
    citation: str = ""
    speech: str = "unknown"
    language: str = "en"


@dataclass
class Dropped:
    """Counts what was left out or mended, by reason, and keeps the first case of each."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, case: str) -> None:
        """One more, for this reason."""
        self.counts[reason] += 1
        self.first.setdefault(reason, case)

    def reasons(self) -> Counter[str]:
        """Return the counts, each reason with its first case."""
        return Counter({f"{reason} (first: {self.first[reason]})": n for reason, n in self.counts.items()})


def encode_transcripts(transcripts: Mapping[str, str | Transcript]) -> bytes:
    """Return the lines of `transcripts/NAME.jsonl`. An empty text stays: it is an empty transcript."""
    lines = []
    for identity, given in transcripts.items():
        transcript = Transcript(given) if isinstance(given, str) else given
        line: dict[str, object] = {"utterance_id": identity, "text": transcript.text}
        for name, items in (("nbest", transcript.nbest), ("words", transcript.words)):
            if items:
                line[name] = [_without_none(item) for item in items]
        lines.append(msgspec.json.encode(line) + b"\n")
    return b"".join(lines)


def _without_none(record: object) -> dict[str, object]:
    return {key: value for key, value in msgspec.to_builtins(record).items() if value is not None}
