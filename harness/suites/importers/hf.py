"""A data set of Hugging Face `datasets` that lies on disk (`save_to_disk`): a row is a recording of a question.

Columns are named by the caller. `audio` may be an `Audio` feature (its encoded bytes are taken as they are, nothing is decoded),
bytes of a file, or an object with `array` and `sampling_rate`. `answers` may be a text, a list of texts, or SQuAD's
`{"text": [...]}`. Rows with the same question text are recordings of one question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from harness.audio.containers import suffix_of
from harness.audio.reading import recording_problem
from harness.errors import MissingDependency, SuiteError, UsageError
from harness.records import Question, Snippet, Utterance
from harness.suites.importers.writing import Dropped, Imported, check_labels, write_suite

_MAX_AUDIO_BYTES = 200_000_000  # of one recording


@dataclass(frozen=True)
class Columns:
    """Which column holds what. `None`: the data set has none. `transcripts` maps a name to the column of a recogniser."""

    text: str = "text"
    audio: str | None = "audio"
    answers: str | None = None
    context: str | None = None
    speaker: str | None = None
    id: str | None = None
    transcripts: Mapping[str, str] = field(default_factory=dict)

    def named(self) -> dict[str, str]:
        """Option to column, for those that are set."""
        single = {key: getattr(self, key) for key in ("text", "audio", "answers", "context", "speaker", "id")}
        columns = {f"--{key}": column for key, column in single.items() if column is not None}
        return columns | {f"--transcripts {label}": column for label, column in self.transcripts.items()}


@dataclass
class _Kept:
    """What was read so far."""

    questions: dict[str, Question] = field(default_factory=dict)  # by text
    snippets: dict[str, Snippet] = field(default_factory=dict)  # by text
    utterances: dict[str, Utterance] = field(default_factory=dict)
    recordings: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    transcripts: dict[str, dict[str, str]] = field(default_factory=dict)
    dropped: Dropped = field(default_factory=Dropped)
    mended: Dropped = field(default_factory=Dropped)


def import_hf(
    folder: Path,
    out: Path,
    *,
    columns: Columns,
    split: str | None = None,
    language: str = "en",
    name: str | None = None,
    licence: str | None = None,
) -> Imported:
    """Read the data set in `folder` and write the suite folder `out`.

    Raises `MissingDependency` without the extra `hf-datasets`, `SuiteError` for a folder that holds no saved data set,
    `UsageError` for a split or a column that is not there.
    """
    check_labels(columns.transcripts)
    rows = _load(folder, split)
    _check_columns(rows, columns, folder)
    if columns.audio is not None:
        rows = _undecoded(rows, columns.audio)
    kept = _Kept(transcripts={label: {} for label in columns.transcripts})
    for index in range(len(rows)):
        _keep(kept, rows, index, columns)
    if not kept.questions:
        why = "; ".join(f"{n} {reason}" for reason, n in kept.dropped.counts.items())
        raise SuiteError(f"gives no question ({why or 'it has no rows'})", file=folder)
    imported = Imported(
        name=name or folder.resolve().name,
        description=f"Imported from a data set on disk ({folder.resolve().name}{f', split {split}' if split else ''}).",
        licence=licence or rows.info.license or "see the source",
        citation=" ".join(rows.info.citation.split())[:1000],
        speech="human" if kept.recordings else "unknown",
        language=language,
        questions=list(kept.questions.values()),
        snippets=list(kept.snippets.values()),
        utterances=list(kept.utterances.values()),
        transcripts=kept.transcripts,
        dropped=kept.dropped.reasons(),
        mended=kept.mended.reasons(),
        recordings=kept.recordings,
    )
    write_suite(imported, out)
    return imported


def _load(folder: Path, split: str | None) -> Any:
    try:
        import datasets
    except ImportError as error:
        install = "pip install 'spoken-qa-harness[hf-datasets]'"
        raise MissingDependency("suite import hf", "datasets", install) from error
    expected = "expected a folder that `save_to_disk` wrote"
    try:
        loaded = datasets.load_from_disk(str(folder))
    except (OSError, ValueError, KeyError, TypeError, datasets.exceptions.DatasetsError) as error:
        message = " ".join(str(error).split())[:200]
        raise SuiteError(f"holds no data set ({message}); {expected}", file=folder) from error
    except Exception as error:  # a damaged table raises errors of pyarrow, which have no common base
        if type(error).__module__.partition(".")[0] != "pyarrow":
            raise
        raise SuiteError(f"is damaged ({type(error).__name__}); {expected}", file=folder) from error
    if not isinstance(loaded, datasets.DatasetDict):
        if split is not None:
            raise UsageError(f"--split {split}: {folder} is a single split; leave the option out")
        return loaded
    wanted = split or (next(iter(loaded)) if len(loaded) == 1 else None)
    if wanted not in loaded:
        raise UsageError(f"--split {split or 'is missing'}: {folder} has {', '.join(loaded)}")
    return loaded[wanted]


def _check_columns(rows: Any, columns: Columns, folder: Path) -> None:
    for option, column in columns.named().items():
        if column not in rows.column_names:
            has = ", ".join(rows.column_names)
            raise UsageError(
                f"{option} {column}: {folder} has no such column; it has {has}. Name the right one with {option}"
            )


def _undecoded(rows: Any, column: str) -> Any:
    """Return the data set with encoded bytes in place of sound."""
    import datasets

    if isinstance(rows.features[column], datasets.Audio):
        return rows.cast_column(column, datasets.Audio(decode=False))
    return rows


def _keep(kept: _Kept, rows: Any, index: int, columns: Columns) -> None:
    row = rows[index]
    text, place = row[columns.text], f"row {index + 1}"
    identity = str(row[columns.id]) if columns.id is not None else f"{index + 1:06d}"
    if not isinstance(text, str) or not text.strip():
        kept.dropped.add("rows without a question", place)
        return
    if identity in kept.utterances or not identity.strip():
        kept.dropped.add("rows without id, or whose id came before", place)
        return
    text = " ".join(text.split())
    audio = None
    if columns.audio is not None:
        content = _encoded(row[columns.audio])
        suffix = _usable_suffix(kept, content, place)
        if suffix is not None:
            audio = f"audio/{index + 1:06d}.{suffix}"
            kept.recordings[audio] = _reader(rows, index, columns.audio)
    if text not in kept.questions:
        kept.questions[text] = _question(kept, f"q{len(kept.questions) + 1:06d}", text, row, columns)
    speaker = str(row[columns.speaker] or "") if columns.speaker is not None else ""
    kept.utterances[identity] = Utterance(identity, kept.questions[text].id, audio, speaker)
    for label, column in columns.transcripts.items():
        if isinstance(row[column], str):
            kept.transcripts[label][identity] = row[column].strip()
        else:
            kept.dropped.add(f"no transcript in {column}: those samples will count as failed", place)


def _question(kept: _Kept, identity: str, text: str, row: Mapping[str, Any], columns: Columns) -> Question:
    answers = _texts(row[columns.answers]) if columns.answers is not None else ()
    contexts = _texts(row[columns.context]) if columns.context is not None else ()
    for context in contexts:
        kept.snippets.setdefault(context, Snippet(f"p{len(kept.snippets) + 1:05d}", context))
    relevant = tuple(kept.snippets[context].id for context in contexts) or None
    return Question(identity, text, answers or None, None, relevant)


def _texts(value: object) -> tuple[str, ...]:
    """Return the texts of an answer, without blanks and repetitions."""
    if isinstance(value, Mapping):
        value = value.get("text")
    texts: Iterable[object] = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if isinstance(text, str) and text.strip()))


def _usable_suffix(kept: _Kept, content: bytes | None, place: str) -> str | None:
    """Return how the recording's file is called, `None` for what cannot be used as a recording: `kept` is told why."""
    if not content or len(content) > _MAX_AUDIO_BYTES:
        kept.dropped.add("recordings that are absent, outside of the data set, or over 200 MB", place)
        return None
    with NamedTemporaryFile(prefix="harness-", suffix=".audio") as file:
        file.write(content)
        file.flush()
        path = Path(file.name)
        problem, notes = recording_problem(path, place)
        suffix = suffix_of(path)
    if problem:
        kept.dropped.add("recordings that cannot be used", f"{place}: {problem}")
        return None
    for note in notes:
        kept.mended.add(note, place)
    return suffix


def _reader(rows: Any, index: int, column: str) -> Callable[[], bytes]:
    """Return a function that reads the row's audio when its file is written: not all recordings fit into memory."""
    return lambda: _encoded(rows[index][column]) or b""


def _encoded(value: object) -> bytes | None:
    """A recording as the bytes of a file. A path is not followed: it may lead anywhere."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get("bytes"), bytes):
        return value["bytes"]  # type: ignore[no-any-return]
    if value.get("array") is not None and isinstance(value.get("sampling_rate"), int):
        return _wav(value["array"], value["sampling_rate"])
    return None


def _wav(samples: Iterable[float], sample_rate: int) -> bytes:
    import numpy as np
    import soundfile

    buffer = BytesIO()
    soundfile.write(buffer, np.asarray(samples, dtype=np.float32), sample_rate, format="WAV", subtype="FLOAT")
    return buffer.getvalue()
