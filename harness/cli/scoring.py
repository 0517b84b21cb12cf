"""Word errors of transcripts that exist already: `score`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.printing import EXISTING, console, example, say_json


@click.command(
    epilog=example(
        "harness score ref.trn hyp.trn --costs nist",
        "harness score ref.stm hyp.ctm --costs nist",
        "harness score ref.txt hyp.txt --normaliser whisper",
    )
)
@click.argument("reference", metavar="REF", type=EXISTING)
@click.argument("hypothesis", metavar="HYP", type=EXISTING)
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    help="Of both files: text, trn, ctm, stm, kaldi, csv, tsv, jsonl, json, whisper or is21.  [default: told by the files]",
)
@click.option(
    "--costs", type=click.Choice(["unit", "nist"]), default="unit", show_default=True, help="nist: 4, 3, 3 as sclite."
)
@click.option(
    "--normaliser",
    type=click.Choice(["default", "whisper", "none"]),
    help="The rules that make words of the texts; whisper: OpenAI's (needs the extra whisper-normalizer).  "
    "[default: none for trn, ctm, stm and is21, else default]",
)
@click.option("--language", metavar="TAG", default="en", show_default=True, help="Of the texts: en, de, es ...")
@click.option(
    "--keep-sound-tags",
    is_flag=True,
    help="Score (upbeat music) and *coughs* as words; they are removed unless the reference has such, too.",
)
@click.option("--rare-words", type=EXISTING, metavar="FILE", help="One a line, instead of the frequency rule.")
@click.option(
    "--json", "json_path", type=EXISTING, metavar="FILE", help="Write the counts as JSON; - for standard output."
)
def score(reference: Path, hypothesis: Path, format_: str | None, json_path: Path | None, **options: Any) -> None:
    """Count word errors, rare and common, of transcripts that exist already."""
    import msgspec

    from harness.analysis.scoring import score_files
    from harness.files import write_report
    from harness.report.terminal import print_score

    result = score_files(reference, hypothesis, format=format_, **options)
    content = msgspec.json.format(msgspec.json.encode(result.to_dict()), indent=2).decode()
    if json_path is None or str(json_path) != "-":
        print_score(console(), result)
    if json_path is not None:
        if str(json_path) == "-":
            say_json(content)
        else:
            write_report(json_path, f"{content}\n".encode())
