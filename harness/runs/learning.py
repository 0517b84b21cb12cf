"""What a finished run teaches repairs: `harness mitigation learn`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import RunError, UsageError
from harness.mitigation.protocol import Example
from harness.mitigation.replacement_table import ReplacementTable, Source
from harness.records import Transcript
from harness.runs.storage.stored_run import StoredRun
from harness.words.text.nonspeech import KINDS, WITHOUT_SOUNDS, speech


@dataclass(frozen=True, slots=True)
class Learnt:
    """A table of replacements that was written: from how many transcripts of which backend, and how long it is."""

    path: str
    backend: str
    transcripts: int
    replacements: int

    def lines(self) -> list[str]:
        """Return what a person reads."""
        return [
            f"{self.replacements} replacements from {self.transcripts} transcripts of {self.backend}: {self.path}",
            f"judge them: harness run SUITE --mitigation replacements,file={self.path}",
        ]


def learn_replacements(run: Path | str, out: Path | str, *, backend: str | None = None) -> Learnt:
    """Write what the misrecognised words of a run's transcripts should have been, with counts, to the file `out`.

    `backend` is the label of one of the run's; it may be left out where there is one only. Raises `UsageError` for another
    label, `RunError` for a run that does not read.
    """
    stored = StoredRun.read(run)
    label = _backend(stored, backend)
    examples = list(_examples(stored, label))
    source = Source(_snippets_digest(stored), str(stored.record.suite["name"]), label)
    table = ReplacementTable.learnt(examples, stored.language, source)
    return Learnt(str(out), label, len(examples), table.write(Path(out)))


def _backend(stored: StoredRun, backend: str | None) -> str:
    labels = list(stored.backends)
    if backend is None and len(labels) == 1:
        return labels[0]
    if backend not in labels:
        problem = "has several backends" if backend is None else f"has no backend {backend!r}"
        raise UsageError(f"{stored.folder} {problem}: expected --backend with one of {', '.join(labels)}")
    return backend


def _examples(stored: StoredRun, backend: str) -> Iterator[Example]:
    """Yield the backend's transcripts, without what is not speech, with their references."""
    kinds = WITHOUT_SOUNDS if stored.spec.keep_sound_tags else KINDS
    for sample in stored.samples.values():
        if sample.backend == backend and sample.transcript is not None:
            text = speech(sample.transcript.text, sample.reference, kinds).text
            yield Example(sample.question_id, sample.reference, Transcript(text))


def _snippets_digest(stored: StoredRun) -> str:
    """Return the digest of the snippets that were searched: what tells a table's own suite from others."""
    digests = (identity.get("source_digest") for identity in stored.record.retrievers.values())
    digest = next((str(one) for one in digests if one), None)
    if digest is None:
        raise RunError(
            "does not say which snippets it searched, so that a table could not be judged apart", file=stored.folder
        )
    return digest
