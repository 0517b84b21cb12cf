"""Suites out of other people's data: `suite import`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.printing import EXISTING, Group, example


@click.group("import", cls=Group)
def suite_import() -> None:
    """Make a suite of other people's data."""


@suite_import.command(
    "squad", epilog=example("harness suite import squad gold.json --transcripts asr=heard.json --out my-suite")
)
@click.argument("gold", metavar="GOLD.json", type=EXISTING)
@click.option("--transcripts", multiple=True, metavar="NAME=FILE", help="A parallel file of transcripts; repeatable.")
@click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The suite's folder.")
@click.option("--name", help="The suite's name.  [default: the file's]")
@click.option("--licence", default="see the source", show_default=True, help="What the data may be used for.")
def import_squad(gold: Path, transcripts: tuple[str, ...], out: Path, name: str | None, licence: str) -> None:
    """SQuAD v1.1 JSON; parallel files of the same ids (NoiseQA, HeySQuAD) become transcripts to replay."""
    from harness.suites.importers.squad import import_squad as import_files

    files = {label: Path(path) for label, _, path in (entry.partition("=") for entry in transcripts)}
    imported = import_files(gold, out, transcripts=files, name=name, licence=licence)
    for line in imported.account():
        click.echo(line)
    backend = next((f" --backend replay:{label}" for label in imported.transcripts), "")
    click.echo(f"run it: harness run {out}{backend}")
