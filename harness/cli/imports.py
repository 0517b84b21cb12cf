"""Suites out of other people's data: `suite import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def _about(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say of the data what it does not say itself."""
    for option in (
        click.option(
            "--speech", type=click.Choice(["human", "synthetic", "unknown"]), default="unknown", show_default=True
        ),
        click.option("--citation", default="", help="What users of the data should cite."),
        click.option("--licence", default="see the source", show_default=True, help="What the data may be used for."),
        click.option("--name", default="", help="The suite's name.  [default: the source's]"),
    ):
        command = option(command)
    return command


def _give_account(lines: list[str], out: Path, backends: str) -> None:
    from harness.suites.validate import validate_suite

    for line in lines:
        click.echo(line)
    problems = validate_suite(out)
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"checked: {errors} errors, {len(problems) - errors} warnings (harness suite validate {out} lists them)")
    click.echo(f"run it: harness run {out}{backends}")


@suite_import.command(
    "audio-folder", epilog=example("harness suite import audio-folder recordings --speech human --out my-suite")
)
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The suite's folder.")
@_about
def import_audio_folder(folder: Path, out: Path, **about: str) -> None:
    """Recordings with a questions.tsv, .csv or .jsonl: columns audio, text, answer.

    Several answers have | between them. The columns speaker, accent, id and snippet_ids (of a snippets.jsonl in the folder)
    are understood; others become tags, by which results are grouped.
    """
    from harness.suites.importers.audio_folder import import_audio_folder as import_files
    from harness.suites.importers.writing import About

    imported = import_files(folder, out, about=About(**about))
    _give_account(imported.account(), out, " --backend pocketsphinx")


@suite_import.command(
    "transcripts",
    epilog=example(
        "harness suite import transcripts --reference ref.stm --transcripts vendor=hyp.ctm --out my-suite",
        "harness suite import transcripts --suite my-suite --transcripts ours=ours.csv --columns id=Call,text=Heard",
    ),
)
@click.option("--reference", type=EXISTING, metavar="FILE", help="What was said: makes a new suite.")
@click.option("--transcripts", multiple=True, required=True, metavar="NAME=FILE", help="What was heard; repeatable.")
@click.option("--out", type=EXISTING, metavar="DIR", help="The new suite's folder.")
@click.option("--suite", "suite_folder", type=EXISTING, metavar="DIR", help="Add to this suite instead.")
@click.option(
    "--columns",
    multiple=True,
    metavar="KEY=VALUE,...",
    help="How to read the transcripts: format, delimiter, and the columns id, text, nbest, words, rank, score.",
)
@click.option("--reference-columns", multiple=True, metavar="KEY=VALUE,...", help="The same for the reference.")
@_about
def import_transcripts(
    reference: Path | None, transcripts: tuple[str, ...], out: Path | None, suite_folder: Path | None, **options: Any
) -> None:
    """Transcripts as trn, ctm, stm, kaldi, csv, tsv, jsonl, json or whisper's JSON, to be replayed.

    A suite of references has no snippets: it measures words, until you add a snippets.jsonl. With an stm as reference, the
    words of a ctm are shared out among its segments.
    """
    from harness.errors import UsageError
    from harness.suites.importers import transcripts as importer
    from harness.suites.importers.writing import About
    from harness.words.transcripts.reading import infer_format
    from harness.words.transcripts.tables import parse_layout

    said = parse_layout(options.pop("reference_columns"))
    layout = parse_layout(options.pop("columns"))
    files = {label: Path(path) for label, _, path in (entry.partition("=") for entry in transcripts)}
    segments = reference if reference is not None and (said.format or infer_format(reference)) == "stm" else None
    heard = importer.Heard(files, layout, segments)
    if suite_folder is not None and out is None:
        _give_account(
            importer.add_transcripts(suite_folder, heard), suite_folder, f" --backend replay:{next(iter(files))}"
        )
    elif reference is not None and out is not None and suite_folder is None:
        imported = importer.import_transcripts(
            reference, out, heard=heard, reference_layout=said, about=About(**options)
        )
        _give_account(imported.account(), out, f" --backend replay:{next(iter(files))}")
    else:
        raise UsageError(
            "expected either --reference FILE and --out DIR, for a new suite, or --suite DIR, to add to one"
        )
