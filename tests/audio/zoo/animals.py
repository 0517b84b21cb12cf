"""What a file of the zoo is, and what reading it must come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.audio.zoo.melody import N_NOTES

ALL = tuple(range(N_NOTES))
CUT = r"cut short|cannot be read as audio"


@dataclass(frozen=True, slots=True)
class Animal:
    """A file: its name, who writes it, and what the harness must make of it.

    `notes` are those that must be read; `None`: the file must be refused, its message matching `refusal`. `part` tells that
    the notes are fewer than the file once had, and that no decoder can know. `mended` matches the note that says what was
    done. `lossless`: decoders must agree to the last bit, otherwise to `agreement` dB once codec delays are taken out.
    """

    name: str
    write: Callable[[Path], None]
    notes: tuple[int, ...] | None = ALL
    refusal: str = ""
    mended: str = ""
    part: bool = False
    lossless: bool = False
    agreement: float = 40.0
    rate: int = 16_000
    needs_pyav: bool = False
    seconds_off: float = 0.15  # longer or shorter by the padding of the codec


def refused(name: str, write: Callable[[Path], None], refusal: str = CUT, **more: object) -> Animal:
    """Return an animal that must be refused."""
    return Animal(name, write, None, refusal, **more)  # type: ignore[arg-type]


def cuts(animal: Animal, kept: Iterable[float] = (0.97, 0.7, 0.35), refusal: str = CUT) -> list[Animal]:
    """Return the animal with only the first of its bytes, by share."""
    stem, _, suffix = animal.name.rpartition(".")

    def cut(share: float) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            animal.write(path)
            content = path.read_bytes()
            path.write_bytes(content[: int(len(content) * share)])

        return write

    return [
        refused(f"{stem}-cut-{share:.0%}.{suffix}".replace("%", ""), cut(share), refusal, needs_pyav=animal.needs_pyav)
        for share in kept
    ]


def edited(animal: Animal, edit: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Return a writer of the animal's bytes after `edit`."""

    def write(path: Path) -> None:
        animal.write(path)
        path.write_bytes(edit(path.read_bytes()))

    return write
