"""References and recorded transcripts in any format of `harness.words.transcripts`: as a new suite, or for one there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from harness.errors import SuiteError, UsageError
from harness.files import remove_leftovers, write_atomically, writing
from harness.records import Question, Transcript, Utterance
from harness.suites.importers.writing import About, Dropped, Imported, check_labels, encode_transcripts, write_suite
from harness.suites.load import load_suite
from harness.words.text.normalise import normalise
from harness.words.transcripts.entries import Entry
from harness.words.transcripts.matching import AUDIO_ENDINGS, match
from harness.words.transcripts.reading import cut_recordings, infer_format, read_transcripts
from harness.words.transcripts.tables import Layout


@dataclass(frozen=True, slots=True)
class TranscriptFiles:
    """Files of recorded transcripts by the name that a backend `replay:NAME` will have, and how to read them.

    The words of a ctm file are shared out among the segments of `segments`, an stm file, where there is one.
    """

    files: Mapping[str, Path]
    layout: Layout | None = None
    segments: Path | None = None

    def __post_init__(self) -> None:
        check_labels(self.files)

    def read(self, utterances: Sequence[Utterance], dropped: Counter[str]) -> dict[str, Mapping[str, Transcript]]:
        """Return the transcripts by name and utterance id; count what matches nothing and what is missing."""
        return {name: self._read(path, utterances, dropped) for name, path in self.files.items()}

    def _read(self, path: Path, utterances: Sequence[Utterance], dropped: Counter[str]) -> Mapping[str, Transcript]:
        layout = self.layout or Layout()
        if self.segments is not None and (layout.format or infer_format(path)) == "ctm":
            entries = cut_recordings(path, self.segments)
        else:
            entries = read_transcripts(path, layout)
        matched = match(entries, utterances, path)
        if matched.unmatched:
            reason = f"transcripts of {path.name} whose id is no utterance's (first: {matched.unmatched[0]})"
            dropped[reason] += len(matched.unmatched)
        if matched.missing:
            reason = f"no transcript in {path.name}: those samples will count as failed (first: {matched.missing[0]})"
            dropped[reason] += len(matched.missing)
        return matched.transcripts


def import_transcripts(
    reference: Path,
    out: Path,
    *,
    transcripts: TranscriptFiles,
    reference_layout: Layout | None = None,
    about: About | None = None,
) -> Imported:
    """Write the suite folder `out`: every utterance of `reference` with its transcripts, and no recordings.

    Utterances of the same words become recordings of one question, as questions are what is resampled. Raises
    `TranscriptError` for a file that cannot be read or matches nothing, `UsageError` for a name or an `out` that cannot
    be used.
    """
    about, dropped = about or About(), Dropped()
    entries = read_transcripts(reference, reference_layout, role="reference")
    questions, utterances, recordings = _questions(entries, about.language, dropped)
    if not questions:
        raise SuiteError("holds no text", file=reference)
    counts = dropped.reasons()
    # Ids may stand for recordings in both files: the reference's full names take part in the matching.
    imported = Imported(
        name=about.name or reference.stem,
        description=f"Imported from transcripts ({reference.name}); without snippets, so words are measured, not answers.",
        licence=about.licence,
        speech=about.speech,
        language=about.language,
        questions=questions,
        snippets=[],
        utterances=utterances,
        transcripts=transcripts.read(recordings, counts),
        dropped=counts,
        citation=about.citation,
    )
    write_suite(imported, out)
    return imported


def add_transcripts(suite_folder: Path, transcripts: TranscriptFiles) -> list[str]:
    """Add `transcripts/NAME.jsonl` to a suite for each file; return what was kept and dropped, one line each.

    Raises `UsageError` where there is a file of that name with something else in it, before anything is written.
    """
    suite = load_suite(suite_folder)
    if not suite.utterances:
        raise SuiteError("has no utterances, so no transcript belongs to it", file=suite_folder)
    folder = suite_folder / "transcripts"
    dropped: Counter[str] = Counter()
    by_name = transcripts.read(suite.utterances, dropped)
    contents = {folder / f"{name}.jsonl": encode_transcripts(by_utterance) for name, by_utterance in by_name.items()}
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:  # a call that was cut short may have left the same
            raise UsageError(f"{path} exists. Name the transcripts otherwise, or remove that file.")
    with writing(folder):
        folder.mkdir(exist_ok=True)
        remove_leftovers(folder)
        for path, content in contents.items():
            write_atomically(path, content)
    kept = [f"transcripts/{name}.jsonl: {len(by_name[name])} of {len(suite.utterances)} utterances" for name in by_name]
    return [*kept, *(f"dropped {n}: {why}" for why, n in sorted(dropped.items()))]


def _questions(
    entries: Mapping[str, Entry], language: str, dropped: Dropped
) -> tuple[list[Question], list[Utterance], list[Utterance]]:
    """Questions, their utterances, and the utterances once more with the names of their recordings, for matching."""
    questions: dict[str, Question] = {}
    utterances: list[Utterance] = []
    recordings: list[Utterance] = []
    ids = _short_ids(entries)
    for entry in entries.values():
        words = normalise(entry.text, language)
        if entry.transcript.nbest:
            dropped.add("references with several texts", f"line {entry.line}")
        elif not words:
            dropped.add("references without words", f"line {entry.line}")
        else:
            if entry.choices is not None and entry.choices.has_alternatives:
                dropped.add("alternatives in references, behind the first", f"line {entry.line}")
            identity = ids[entry.id]
            question = questions.setdefault(words, Question(identity, entry.text.strip()))
            utterances.append(Utterance(identity, question.id, speaker=entry.speaker))
            names_it = entry.id if entry.id != identity else entry.audio
            recordings.append(Utterance(identity, question.id, audio=names_it or None))
    return list(questions.values()), utterances, recordings


def _short_ids(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Paths of recordings become their names without folder and ending, where that leaves them distinct."""
    short = {identity: _stem(identity) for identity in entries}
    counts = Counter(short.values())
    return {identity: name if counts[name] == 1 else identity for identity, name in short.items()}


def _stem(identity: str) -> str:
    path = PureWindowsPath(identity)
    return path.stem if path.suffix.lower() in AUDIO_ENDINGS else identity
