"""What a person sees, from stored runs only.

`model` is what all of it is rendered from: the figures of one stored run or several, looked up. `verdict` puts them into
sentences, `sections` into parts with sentences and tables (`tables`, with numbers as `numbers` writes them), `pictures` draws
them. `terminal` prints verdict and main tables, `markdown` and `html` write pages, `notebook` is what a notebook shows,
`comparison` prints `harness compare`, and `exports` hands a run on to other tools. Nothing here computes a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.registry import Registry

if TYPE_CHECKING:
    from harness.report.html.audio import AudioPlace

FORMATS: Registry[Callable[..., Path]] = Registry(
    "format",
    "harness.report_formats",
    {
        "csv": "harness.report.exports.csv:write_csv",
        "html": "harness.report.html:write_html",
        "md": "harness.report.markdown:write_markdown",
        "parquet": "harness.report.exports.parquet:write_parquet",
        "trec": "harness.report.exports.trec:write_trec",
        "trn": "harness.report.exports.trn:write_trn",
    },
)


def report(
    run: Path | str,
    *,
    format: str = "md",
    out: Path | str | None = None,
    audio: AudioPlace = "link",
    figures: Path | str | None = None,
    compress: bool = False,
) -> Path:
    """Writes what is stored of the run in folder `run` in another format, and returns where it is.

    `md` and `html` are the report as a page (`run/report.FORMAT` unless `out` is given). The others make a folder (`run/FORMAT`):
    `csv` and `parquet` tables, `trn` pairs for sclite, `trec` runs and qrels for trec_eval. `audio` says where an html page
    finds the recordings: beside it, inside it (`embed`) or nowhere (`none`). `figures` is a folder that gets every
    picture of the report as SVG and PNG besides. `compress` then compresses the run's own files where they lie
    (`samples/*.jsonl.gz` ...), to a tenth of their size; every command reads them as before.

    Raises `RunError` when the folder holds no finished run, `UsageError` for a format that there is not and for a folder that
    holds something else, and `MissingDependency` where a format's package is not installed.
    """
    write = FORMATS.get(format)
    options: dict[str, Any] = {"audio": audio} if format == "html" else {}
    written = write(Path(run), None if out is None else Path(out), **options)
    if figures is not None:
        from harness.report.exports.images import write_images

        write_images(Path(run), Path(figures))
    if compress:
        from harness.runs.storage.stored_run import StoredRun

        StoredRun.read(run).compress()
    return written


def write_reports(run: Path) -> None:
    """Writes what every run ends with: `report.md` and `report.html`."""
    for format in ("md", "html"):
        report(run, format=format)
