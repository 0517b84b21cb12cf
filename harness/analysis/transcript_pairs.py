"""A file of references and a file of hypotheses, brought together by id."""

from __future__ import annotations

from pathlib import Path

from harness.errors import TranscriptError, UnknownName
from harness.words.transcripts.entries import Entry
from harness.words.transcripts.reading import FORMATS, by_id, cut_recordings, infer_format, read_entries
from harness.words.transcripts.tables import Layout, Role

SCORED_FORMATS = ("text", *FORMATS, "is21")
NIST_FORMATS = frozenset({"trn", "ctm", "stm"})  # sclite takes their ids in either case
_IN_LAYOUT = Layout()


def read_pair(reference: Path, hypothesis: Path, format: str | None) -> tuple[dict[str, Entry], dict[str, Entry], str]:
    """The entries of both files by id, each in file order, and the reference's format.

    A format of `None` is told from each file's name. The words of a ctm are shared out among the segments of an stm. The
    hypotheses may lack ids, but have none of their own.

    Raises `TranscriptError` for a file or line that cannot be read, a repeated id, an id that the reference lacks;
    `UnknownName` for an unknown format.
    """
    if format is not None and format not in SCORED_FORMATS:
        raise UnknownName("transcript format", format, SCORED_FORMATS)
    reference_format, hypothesis_format = (format or infer_format(path) for path in (reference, hypothesis))
    references = _read(reference, reference_format, "reference")
    if not references:
        raise TranscriptError("no utterances; at least one was expected", file=reference)
    if reference_format == "stm" and hypothesis_format == "ctm":
        hypotheses = {key.lower(): entry for key, entry in cut_recordings(hypothesis, reference).items()}
    else:
        hypotheses = _read(hypothesis, "tsv" if hypothesis_format == "is21" else hypothesis_format, "hypothesis")
    if format == "text" and len(references) != len(hypotheses):
        raise TranscriptError(
            f"{len(hypotheses)} lines, but the reference {reference} has {len(references)}. Files of format text are "
            f"matched line by line; where hypotheses may be missing, use a format that has ids",
            file=hypothesis,
        )
    _check(references, hypotheses, reference, hypothesis)
    return references, hypotheses, reference_format


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
