"""Fluent Speech Commands (Lugosch et al., Interspeech 2019): commands to a home, each labelled with action, object and location.

    data/train_data.csv, valid_data.csv, test_data.csv    ,path,speakerId,transcription,action,object,location
    data/speaker_demographics.csv                         speakerId,Self-reported fluency level ,First Language spoken ...
    wavs/speakers/SPEAKER/ID.wav                          what `path` names, from the data set's folder

All three slots together are the intent: `activate/lights/kitchen`. Every `*_data.csv` is a split, so other divisions of the
same recordings, and other data in this layout, are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.errors import SuiteError
from harness.suites.importers.commands import About, Command, import_commands
from harness.suites.importers.lines import read_columns
from harness.suites.importers.writing import Dropped, Imported
from harness.suites.reading import safe_path

LICENCE = "Fluent Speech Commands Public License: see the data set's folder"
CITATION = "Lugosch et al., Speech Model Pre-training for End-to-End Spoken Language Understanding, Interspeech 2019"
SLOTS = ("action", "object", "location")
NO_VALUE = "none"
_COLUMNS = ("path", "speakerId", "transcription", *SLOTS)
_EXPECTED = f"a split of Fluent Speech Commands, with the columns {', '.join(_COLUMNS)}"
_SPEAKERS = "speaker_demographics.csv"
_TAGS = {"gender": "gender", "ageRange": "age", "Self-reported fluency level": "fluency"}


def import_fluent_speech_commands(
    folder: Path,
    out: Path,
    *,
    splits: Sequence[str] = (),
    name: str | None = None,
    licence: str = LICENCE,
    language: str = "en",
) -> Imported:
    """Read the data set in `folder`, and write the suite folder `out` with copies of the recordings.

    `splits` names those that are wanted, such as "test"; all that there are unless given. Every recording is decoded once.
    Raises `SuiteError` for a folder or table that is none, or without a usable recording; `UsageError` for an `out` that
    exists.
    """
    dropped = Dropped()
    files = _split_files(folder, splits)
    about = About(
        name or folder.resolve().name,
        f"Imported from Fluent Speech Commands ({', '.join(files)}): voice commands with intents and slots.",
        licence,
        CITATION,
        language,
    )
    commands = _commands(folder, files, dropped)
    return import_commands(commands, dropped, about, out, file=folder, when_empty="Its tables are empty")


def _split_files(folder: Path, splits: Sequence[str]) -> dict[str, Path]:
    """Return the table of each split."""
    known = {path.name.removesuffix("_data.csv"): path for path in sorted((folder / "data").glob("*_data.csv"))}
    if not known:
        raise SuiteError(
            f"has no data/*_data.csv: expected the folder of Fluent Speech Commands, with {_EXPECTED}", file=folder
        )
    if unknown := [split for split in splits if split not in known]:
        raise SuiteError(f"has no data/{unknown[0]}_data.csv: its splits are {', '.join(known)}", file=folder)
    return {split: path for split, path in known.items() if not splits or split in splits}


def _commands(folder: Path, files: Mapping[str, Path], dropped: Dropped) -> Iterator[Command]:
    speakers = _speakers(folder / "data" / _SPEAKERS)
    for split, table in files.items():
        for line, row in read_columns(table, ",", _COLUMNS, _EXPECTED):
            place, relative = f"{table.name}, line {line}", row["path"].strip()
            try:
                path = safe_path(folder, relative)
            except SuiteError as error:
                dropped.add("recordings that lie outside the folder", f"{place}: {error.problem}")
                continue
            speaker = row["speakerId"].strip()
            told = speakers.get(speaker, {})
            labels = {slot: row[slot].strip() or NO_VALUE for slot in SLOTS}
            yield Command(
                identity=Path(relative).stem,
                place=place,
                path=path,
                text=" ".join(row["transcription"].split()),
                intent="/".join(labels.values()),
                slots={slot: value for slot, value in labels.items() if value != NO_VALUE},
                speaker=speaker,
                accent=told.get("First Language spoken", ""),
                tags={"split": split, **{tag: told[key] for key, tag in _TAGS.items() if told.get(key)}},
            )


def _speakers(path: Path) -> dict[str, dict[str, str]]:
    """What the speakers say of themselves; nothing where there is no such file."""
    if not path.is_file():
        return {}
    rows = read_columns(path, ",", ("speakerId",), "what the speakers of Fluent Speech Commands say of themselves")
    return {row["speakerId"].strip(): {name: cell.strip() for name, cell in row.items()} for _, row in rows}
