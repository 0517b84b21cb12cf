"""A suite folder as a `records.Suite`, with a digest of all its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import SuiteError
from harness.records import Suite
from harness.suites.reading import read_suite_files, safe_path

__all__ = ["file_digests", "load_suite", "safe_path", "suite_digest"]


def load_suite(path: Path | str) -> Suite:
    """Read the suite in the folder `path`.

    A recording that is absent is a problem of that recording alone, reported when it is run: loading does not fail on it.
    Raises `SuiteError` naming file, line and field of the first problem.
    """
    root = Path(path)
    if not root.is_dir():
        raise SuiteError("not a folder; a suite is a folder with a suite.toml and a questions.jsonl", file=root)
    files = read_suite_files(root)
    if files.problems or files.header is None:
        first, others = files.problems[0], len(files.problems) - 1
        more = f" ({others} more: `harness suite validate {root}` lists all)" if others else ""
        raise SuiteError(first.problem + more, file=first.file, line=first.line, field=first.field)
    header = files.header
    digests = file_digests(root, (utterance.audio for utterance in files.utterances.records if utterance.audio))
    return Suite(
        root=root,
        name=header.name,
        version=header.version,
        language=header.language,
        licence=header.licence,
        description=header.description,
        speech=header.speech,
        questions=files.questions.records,
        snippets=files.snippets.records,
        utterances=files.utterances.records,
        digest=_digest_of(digests),
        files=digests,
        defaults=header.defaults,
    )


def suite_digest(root: Path, audio: Iterable[str] = ()) -> str:
    """SHA-256 (hex) over the relative paths and contents of the suite's files, in path order."""
    return _digest_of(file_digests(root, audio))


def file_digests(root: Path, audio: Iterable[str] = ()) -> dict[str, str]:
    """Return the SHA-256 (hex) of each of the suite's files by its relative path, in path order.

    Those are `suite.toml`, `*.jsonl`, what lies under `transcripts/` and `audio/`, and the recordings `audio` (paths
    inside the folder) wherever they lie. Times and hidden files do not count, nor do links that leave the folder.
    """
    candidates = [root / "suite.toml", *root.glob("*.jsonl"), *(root / relative for relative in audio)]
    for folder in ("transcripts", "audio"):
        candidates += (root / folder).rglob("*")
    inside = root.resolve()
    paths = {
        path.relative_to(root).as_posix(): path
        for path in candidates
        if path.is_file() and not path.name.startswith(".") and path.resolve().is_relative_to(inside)
    }
    digests = {}
    for relative in sorted(paths):
        with paths[relative].open("rb") as stream:
            digests[relative] = hashlib.file_digest(stream, "sha256").hexdigest()
    return digests


def _digest_of(digests: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{path}\0{digest}\n" for path, digest in digests.items()).encode()).hexdigest()
