"""What every importer does at the end: write a suite folder, and give account of what was kept and dropped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from harness.errors import UsageError
from harness.records import Question, Snippet, Utterance


@dataclass(frozen=True)
class Imported:
    """A suite in memory, as an importer read it. `transcripts` maps a name to text by utterance id.

    `dropped` counts reasons; every reason says what was left out and why.
    """

    name: str
    description: str
    licence: str
    speech: str
    questions: Sequence[Question]
    snippets: Sequence[Snippet]
    utterances: Sequence[Utterance]
    transcripts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)

    def account(self) -> list[str]:
        """What was kept and what was not, one line each."""
        kept = (
            f"{len(self.questions)} questions, {len(self.snippets)} snippets, {len(self.utterances)} utterances, "
            f"{len(self.transcripts)} sets of transcripts ({', '.join(self.transcripts) or 'none'})"
        )
        return [kept, f"licence: {self.licence}", *(f"dropped {n}: {why}" for why, n in sorted(self.dropped.items()))]


def write_suite(imported: Imported, out: Path) -> None:
    """Writes the suite folder `out`, whole or not at all. Raises `UsageError` when something is there already."""
    if out.exists():
        raise UsageError(f"{out} exists. Name another folder with --out, or remove that one.")
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    header = {
        "name": imported.name,
        "version": "1",
        "language": "en",
        "licence": imported.licence,
        "description": imported.description,
        "speech": imported.speech,
    }
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in header.items())
    (folder / "suite.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _write_lines(folder / "questions.jsonl", imported.questions)
    if imported.snippets:
        _write_lines(folder / "snippets.jsonl", imported.snippets)
    _write_lines(folder / "utterances.jsonl", imported.utterances)
    for name, texts in imported.transcripts.items():
        (folder / "transcripts").mkdir(exist_ok=True)
        lines_of = [{"utterance_id": identity, "text": text} for identity, text in texts.items()]
        _write_lines(folder / "transcripts" / f"{name}.jsonl", lines_of)
    folder.chmod(0o755)  # mkdtemp's folders are for their owner alone
    folder.rename(out)


def _write_lines(path: Path, records: Sequence[object]) -> None:
    encoder = msgspec.json.Encoder()
    path.write_bytes(b"".join(encoder.encode(_without_absent(record)) + b"\n" for record in records))


def _without_absent(record: object) -> object:
    """Leaves out fields that say nothing, as a person writing the file would."""
    plain = msgspec.to_builtins(record)
    return (
        {key: value for key, value in plain.items() if value not in (None, "", {})}
        if isinstance(plain, dict)
        else plain
    )
