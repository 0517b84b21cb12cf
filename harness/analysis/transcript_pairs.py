"""A file of references and a file of hypotheses, brought together by id."""

from __future__ import annotations

import re
from pathlib import Path

from harness.errors import TranscriptError, UnknownName
from harness.words.transcripts.entries import Entry, filled_lines
from harness.words.transcripts.nist import read_trn
from harness.words.transcripts.reading import FORMATS, UnknownFormat, by_id, cut_recordings, infer_format, read_entries
from harness.words.transcripts.tables import Layout, Role

SCORED_FORMATS = ("text", *FORMATS, "is21")
NIST_FORMATS = frozenset({"trn", "ctm", "stm"})  # sclite takes their ids in either case
_IN_LAYOUT = Layout()


def read_pair(reference: Path, hypothesis: Path, format: str | None) -> tuple[dict[str, Entry], dict[str, Entry], str]:
    """The entries of both files by id, each in file order, and the reference's format.

    A format of `None` is told from each file's name, that of a pair of .txt files from their lines. The words of a ctm are
    shared out among the segments of an stm. The hypotheses may lack ids, but have none of their own.

    Raises `TranscriptError` for a file or line that cannot be read, a repeated id, an id that the reference lacks;
    `UnknownName` for an unknown format.
    """
    if format is not None and format not in SCORED_FORMATS:
        raise UnknownName("transcript format", format, SCORED_FORMATS)
    told = (format, format) if format is not None else _told_formats(reference, hypothesis)
    reference_format, hypothesis_format = told
    references = _read(reference, reference_format, "reference")
    if not references:
        raise TranscriptError("no utterances; at least one was expected", file=reference)
    if reference_format == "stm" and hypothesis_format == "ctm":
        hypotheses = {key.lower(): entry for key, entry in cut_recordings(hypothesis, reference).items()}
    else:
        hypotheses = _read(hypothesis, "tsv" if hypothesis_format == "is21" else hypothesis_format, "hypothesis")
    if reference_format == "text" and len(references) != len(hypotheses):
        raise TranscriptError(
            f"{len(hypotheses)} lines, but the reference {reference} has {len(references)}. Files of format text are "
            f"matched line by line; where hypotheses may be missing, say with --format one that has ids: "
            f"{', '.join(name for name in SCORED_FORMATS if name != 'text')}",
            file=hypothesis,
        )
    _check(references, hypotheses, reference, hypothesis)
    return references, hypotheses, reference_format


def _told_formats(reference: Path, hypothesis: Path) -> tuple[str, str]:
    """Return the formats that the files' names tell; of .txt files, what their lines look like."""
    untold = [path for path in (reference, hypothesis) if path.suffix.lower() == ".txt"]
    if len(untold) == 2:
        format = _format_of_lines(reference, hypothesis)
        return format, format
    first, second = ("text" if path in untold else _named_format(path) for path in (reference, hypothesis))
    if untold:
        problem = (
            f"looks like {second}, and the reference {reference} like {first}; format text has no ids, so both files need "
            f"it. Say --format, one of {', '.join(SCORED_FORMATS)}"
        )
        raise TranscriptError(problem, file=hypothesis)
    return first, second


def _named_format(path: Path) -> str:
    try:
        return infer_format(path)
    except UnknownFormat as error:
        problem = f"its format cannot be told from its name: say --format, one of {', '.join(SCORED_FORMATS)}"
        raise TranscriptError(problem, file=path) from error


def _format_of_lines(reference: Path, hypothesis: Path) -> str:
    """Return trn where every line of both ends with an id in brackets, kaldi where they begin with the same ids, else text."""
    if all(map(_is_trn, (reference, hypothesis))):
        return "trn"
    ids, others = set(_leading_ids(reference)), set(_leading_ids(hypothesis))
    return "kaldi" if others and others <= ids else "text"


def _is_trn(path: Path) -> bool:
    try:
        return bool(by_id(read_trn(path), path))
    except TranscriptError:
        return False


def _leading_ids(path: Path) -> list[str]:
    """Return the first words of all lines where they look like ids: all different, each with a digit; else nothing."""
    words = [line.split()[0] for _, line in filled_lines(path)]
    alike = len(set(words)) == len(words) and all(re.search(r"\d", word) and len(word) > 1 for word in words)
    return words if alike else []


def _read(path: Path, format: str, role: Role) -> dict[str, Entry]:
    return by_id(read_entries(path, format, _IN_LAYOUT, role), path, str.lower if format in NIST_FORMATS else str)


def _check(references: dict[str, Entry], hypotheses: dict[str, Entry], reference: Path, hypothesis: Path) -> None:
    for entry in references.values():
        if entry.transcript.nbest:
            problem = f"{entry.id!r} has several texts, as an N-best list has; a reference has one: remove the others"
            raise TranscriptError(problem, file=reference, line=entry.line, field="id")
    for identity, entry in hypotheses.items():
        if identity not in references:
            raise TranscriptError(
                f"{entry.id!r} is not in the reference {reference}. Every hypothesis needs a reference: "
                f"remove the line or add the reference",
                file=hypothesis,
                line=entry.line,
                field="id",
            )
