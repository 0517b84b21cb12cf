"""The audio zoo: each file is read whole, as PyAV reads it, or truly refused; others' programs are asked in the slow test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audio.zoo.decoders import by_ffmpeg, by_pyav, by_sox
from tests.audio.zoo.melody import SECONDS, melody, notes_in
from tests.audio.zoo.table import animals, by_harness, disagreement, problem

pytest.importorskip(
    "av", reason="PyAV, which writes most of the zoo and reads it for comparison, is not installed: pip install av"
)

ZOO = tuple(animals())
# Refused although others give all the sound that is left: they pass over it in silence.
LESS_THAN_STATED = {
    "states-more.flac": "the header states twice the samples that are there",
    "states-twice.mp3": "the header states twice the frames that are there",
    "damaged-inside.flac": "a frame in the middle fails its checksum",
}


@pytest.mark.parametrize(
    ("group", "animal"), [pytest.param(group, animal, id=f"{group}/{animal.name}") for group, animal in ZOO]
)
def test_a_file_is_read_whole_or_refused(group: str, animal, tmp_path: Path) -> None:
    root = tmp_path / group
    root.mkdir()
    animal.write(root / animal.name)
    reading, mended = by_harness(root, animal)
    assert not problem(animal, reading, mended)
    if not reading.problem:
        assert not disagreement(animal, reading, by_pyav(root / animal.name))


def test_the_zoo_is_large_and_its_names_are_told_apart() -> None:
    assert len({(group, animal.name) for group, animal in ZOO}) == len(ZOO) >= 300
    assert sum(animal.notes is None for _, animal in ZOO) >= 100


def test_the_melody_tells_what_is_missing() -> None:
    sound = melody()
    assert notes_in(sound, 16_000) == list(range(12))
    assert notes_in(sound[: 3 * len(sound) // 4], 16_000) == list(range(9))
    assert notes_in(sound[::2], 16_000) != list(range(12))
    assert notes_in(0 * sound, 16_000) == []


@pytest.mark.slow
def test_nothing_is_refused_that_two_other_decoders_read_whole(tmp_path: Path) -> None:
    for group, animal in ZOO:
        root = tmp_path / group
        root.mkdir(exist_ok=True)
        path = root / animal.name
        animal.write(path)
        # What leaves the folder, or holds numbers on a scale of its own, is refused for what it is, not for how it decodes.
        if group == "no_sound" or animal.name in LESS_THAN_STATED or not by_harness(root, animal)[0].problem:
            continue
        others = [read(path) for read in (by_pyav, by_sox, by_ffmpeg)]
        whole = [one for one in others if one.notes == tuple(range(12)) and abs(one.seconds - SECONDS) < 0.05]
        assert len(whole) < 2, f"{group}/{animal.name}: {[one.told() for one in others]}"
