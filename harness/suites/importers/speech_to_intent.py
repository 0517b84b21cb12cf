"""Picovoice's speech-to-intent benchmark: orders of coffee, each labelled with an intent and slots.

    data/label/label.json     {"ID.wav": {"intent": "orderDrink", "slots": {"size": "large", ...}}, ...}
    data/speech/clean/ID.wav  the recordings; its mixer writes cafe_6db/ID.wav, kitchen_24db/ID.wav ... beside them

The labels hold no texts. They may be given as a table of `audio` and `text`; without one, a question's text is its slots'
values, and the suite says so: its intents and slots are right, and a word error rate against such a text means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from harness.errors import SuiteError, TranscriptError
from harness.suites.importers.commands import About, Command, import_commands
from harness.suites.importers.writing import Dropped, Imported
from harness.suites.reading import safe_path
from harness.words.transcripts.rows import ROW_FORMATS, read_rows

LICENCE = "Apache-2.0"
CITATION = "Picovoice, Speech-to-Intent Benchmark"
CLEAN = "clean"
_PLACES = ("data/label/label.json", "label/label.json", "label.json")
_EXPECTED = 'the labels of the speech-to-intent benchmark: {"ID.wav": {"intent": "...", "slots": {...}}}'
_WITHOUT_TEXTS = (
    "The data holds no texts: each text is made of the slots' values, so word error rates mean nothing here."
)


class _Label(msgspec.Struct):
    intent: str
    slots: dict[str, str] = {}


def import_speech_to_intent(
    source: Path,
    out: Path,
    *,
    audio: Path | None = None,
    texts: Path | None = None,
    name: str | None = None,
    licence: str = LICENCE,
    language: str = "en",
) -> Imported:
    """Read the labels in `source`, the benchmark's folder or its label.json, and write the suite folder `out`.

    `audio` is the folder of the recordings, or of one folder of recordings for each noise; unless given, the `speech` beside
    the labels' folder. `texts` is a table (csv, tsv, jsonl, json) with the columns audio and text. Every recording is decoded
    once. Raises `SuiteError` for files that are not of the format, or without a usable recording.
    """
    dropped, file = Dropped(), _label_file(source)
    labels, references = _labels(file), _texts(texts) if texts else None
    folder = audio or file.parent.parent / "speech"
    about = About(
        name or "speech-to-intent",
        "Imported from the speech-to-intent benchmark: orders of coffee with intents and slots."
        + ("" if references is not None else f" {_WITHOUT_TEXTS}"),
        licence,
        CITATION,
        language,
        () if references is not None else (_WITHOUT_TEXTS,),
    )
    commands = _commands(labels, _folders(folder), references, dropped)
    return import_commands(commands, dropped, about, out, file=file, when_empty="It is empty")


def _label_file(source: Path) -> Path:
    if not source.is_dir():
        return source
    for place in _PLACES:
        if (source / place).is_file():
            return source / place
    raise SuiteError(f"has no {' or '.join(_PLACES[::2])}: expected {_EXPECTED}", file=source)


def _labels(file: Path) -> dict[str, _Label]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, _Label])
    except OSError as error:
        raise SuiteError(f"cannot be read: {error.strerror or error}; expected {_EXPECTED}", file=file) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SuiteError(f"{error}; expected {_EXPECTED}", file=file) from error


def _texts(table: Path) -> dict[str, str]:
    """Return the text of each recording, by its name without folder."""
    format = table.suffix.removeprefix(".").lower()
    if format not in ROW_FORMATS:
        raise SuiteError(
            f"expected a table in a .{', .'.join(ROW_FORMATS)} with the columns audio and text", file=table
        )
    try:
        rows = read_rows(table, format, {"audio", "text"}.issubset)
    except TranscriptError as error:
        raise SuiteError(error.problem, file=error.file, line=error.line, field=error.field) from error
    texts = {}
    for row in rows:
        audio, text = row.fields.get("audio"), row.fields.get("text")
        if not (isinstance(audio, str) and isinstance(text, str)):
            raise SuiteError("expected the columns audio and text", file=table, line=row.line)
        texts[Path(audio.strip()).name] = " ".join(text.split())
    return texts


def _folders(folder: Path) -> dict[str, Path]:
    """Return the folders of recordings by noise, the clean one first: those inside a folder, or the folder itself."""
    if not folder.is_dir():
        raise SuiteError("no folder of recordings; name it with --audio", file=folder)
    inside = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: (path.name != CLEAN, path.name)
    )
    return {path.name: path for path in inside} or {CLEAN: folder}


def _commands(
    labels: Mapping[str, _Label], folders: Mapping[str, Path], texts: Mapping[str, str] | None, dropped: Dropped
) -> Iterator[Command]:
    for noise, folder in folders.items():
        for recording, label in labels.items():
            if noise != CLEAN and not (folder / recording).is_file():
                continue  # the mixer may have been run on a part
            try:
                path = safe_path(folder, recording)
            except SuiteError as error:
                dropped.add("recordings that lie outside the folder", error.problem)
                continue
            slots = {slot: value for slot, given in label.slots.items() if (value := " ".join(given.split()))}
            if texts is not None and recording not in texts:
                dropped.add("recordings that the table of texts lacks", recording)
                continue
            stem = Path(recording).stem
            yield Command(
                identity=stem if noise == CLEAN else f"{stem}.{noise}",
                place=f"{folder.name}/{recording}",
                path=path,
                text=texts[recording] if texts is not None else " ".join(slots.values()) or label.intent,
                intent=label.intent,
                slots=slots,
                tags={"noise": noise},
            )
