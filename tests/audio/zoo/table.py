"""Build the zoo in a folder, and print for each file what other decoders and the harness read of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import soxr

from harness.audio.reading import load
from harness.errors import AudioError
from tests.audio.zoo import mpeg, no_sound, ogg, others, pcm
from tests.audio.zoo.animals import Animal
from tests.audio.zoo.decoders import Reading, by_ffmpeg, by_pyav, by_sox, difference, failed

GROUPS = {
    "pcm": pcm.animals,
    "mpeg": mpeg.animals,
    "ogg": ogg.animals,
    "others": others.animals,
    "no_sound": no_sound.animals,
}

MAX_LAG = 1_152  # samples, a frame of MP3: decoders leave out the codec's delay, or part of it, or not
DECODERS = (by_pyav, by_sox, by_ffmpeg)


def animals() -> Iterator[tuple[str, Animal]]:
    """Yield every animal with its group, whose folder it lies in."""
    for group, of_group in GROUPS.items():
        for animal in of_group():
            yield group, animal


def by_harness(root: Path, animal: Animal) -> tuple[Reading, list[str]]:
    """Return what the harness reads at the file's own rate, and the notes on what was mended."""
    notes: list[str] = []
    try:
        clip = load(root, animal.name, utterance_id="u", sample_rate=animal.rate, notes=notes)
    except AudioError as error:
        return failed(str(error).removeprefix(f"u: {animal.name!r} ")), notes
    except Exception as error:  # as a row of the table
        return failed(f"TRACEBACK {type(error).__name__}: {error}"), notes
    return Reading(clip.samples, clip.sample_rate), notes


def problem(animal: Animal, reading: Reading, mended: list[str]) -> str:
    """Return how the harness's reading differs from what it must be; empty where it does not."""
    if animal.notes is None:
        if not reading.problem:
            return f"read ({reading.told()}) where it must be refused"
        return (
            ""
            if re.search(animal.refusal, reading.problem)
            else f"refused, but not by {animal.refusal!r}: {reading.problem}"
        )
    if reading.problem:
        return f"refused: {reading.problem}"
    wrong = []
    if reading.notes[: len(animal.notes)] != animal.notes or (not animal.part and reading.notes != animal.notes):
        wrong.append(f"notes {reading.notes}, expected {animal.notes}")
    if not animal.part and abs(reading.seconds - 0.25 * len(animal.notes)) > animal.seconds_off:
        wrong.append(f"{reading.seconds:.3f} s long")
    if animal.mended and not re.search(animal.mended, "; ".join(mended)):
        wrong.append(f"no note like {animal.mended!r}: {mended}")
    return "; ".join(wrong)


def disagreement(animal: Animal, reading: Reading, other: Reading) -> str:
    """Return how two readings of one file differ, beyond what codecs are allowed; empty where they do not."""
    if reading.problem or other.problem or not (animal.lossless or animal.agreement):
        return ""
    theirs = other.samples if other.rate == reading.rate else soxr.resample(other.samples, other.rate, reading.rate)
    lag, decibels = difference(reading.samples, theirs)
    if animal.lossless:
        same = len(reading.samples) == len(theirs) and not lag and decibels > 90
        return "" if same else f"{len(reading.samples)} and {len(theirs)} samples, {lag} later, {decibels:.0f} dB"
    if decibels >= animal.agreement and abs(lag) <= MAX_LAG:
        return ""
    return f"{lag} later, {decibels:.0f} dB"


def main(folder: Path) -> None:
    """Write the files into `folder`, and the table to standard output."""
    print("| file | PyAV | sox | ffmpeg | harness | verdict |\n|---|---|---|---|---|---|")
    for group, animal in animals():
        root = folder / group
        root.mkdir(parents=True, exist_ok=True)
        path = root / animal.name
        animal.write(path)
        readings = (
            [read(path) for read in DECODERS]
            if path.is_file() and path.stat().st_size
            else [failed("no file")] * len(DECODERS)
        )
        reading, mended = by_harness(root, animal)
        verdicts = [problem(animal, reading, mended), disagreement(animal, reading, readings[0])]
        verdict = "; ".join(verdict for verdict in verdicts if verdict) or "as it must be"
        cells = [
            *(other.told() for other in readings),
            reading.told() + "".join(f" ({note})" for note in mended),
            verdict,
        ]
        print(
            "| " + " | ".join((f"{group}/{animal.name}", *(cell.replace("|", "/") for cell in cells))) + " |",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
