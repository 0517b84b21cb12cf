"""Suites out of other people's data: `suite import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from harness.cli.printing import EXISTING, Group, example

if TYPE_CHECKING:
    from harness.suites.importers.writing import Imported

Verb = TypeVar("Verb", bound=Callable[..., None])


@click.group("import", cls=Group)
def suite_import() -> None:
    """Make a suite of other people's data."""


def _suite_options(verb: Verb) -> Verb:
    """What every importer asks for: where the suite goes, its name, and what it may be used for."""
    for option in (
        click.option("--licence", help="What the data may be used for.  [default: what the format's makers say]"),
        click.option("--name", help="The suite's name.  [default: the file's]"),
        click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The suite's folder."),
    ):
        verb = option(verb)
    return verb


def _named(entries: tuple[str, ...], what: str) -> dict[str, str]:
    """`NAME=WHAT` options as a mapping."""
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not (name and equals and value):
            raise click.BadParameter(f"{entry!r}: expected NAME={what}", param_hint="--transcripts")
    return {name: value for name, _, value in (entry.partition("=") for entry in entries)}


def _files(entries: tuple[str, ...]) -> dict[str, Path]:
    return {name: Path(value) for name, value in _named(entries, "FILE").items()}


def _given(**options: str | None) -> dict[str, str]:
    """Options that were given; the others keep the importer's defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _account(imported: Imported, out: Path) -> None:
    from harness.suites.validate import validate_suite

    for line in imported.account():
        click.echo(line)
    warnings = len(validate_suite(out))
    click.echo(f"checked: it loads; {warnings} warnings" + (f" (harness suite validate {out})" if warnings else ""))
    backend = next((f" --backend replay:{label}" for label in imported.transcripts), "")
    click.echo(f"run it: harness run {out}{backend}")


@suite_import.command(
    "squad", epilog=example("harness suite import squad gold.json --transcripts asr=heard.json --out my-suite")
)
@click.argument("gold", metavar="GOLD.json", type=EXISTING)
@click.option("--transcripts", multiple=True, metavar="NAME=FILE", help="A parallel file of transcripts; repeatable.")
@_suite_options
def import_squad(gold: Path, transcripts: tuple[str, ...], out: Path, name: str | None, licence: str | None) -> None:
    """SQuAD JSON; parallel files of the same ids (NoiseQA, HeySQuAD) become transcripts to replay."""
    from harness.suites.importers.squad import import_squad as import_files

    _account(import_files(gold, out, transcripts=_files(transcripts), name=name, **_given(licence=licence)), out)


@suite_import.command(
    "is21",
    epilog=example("harness suite import is21 test-clean.biasing_100.tsv --transcripts rnnt=hyp.tsv --out my-suite"),
)
@click.argument("reference", metavar="REF.tsv", type=EXISTING)
@click.option("--transcripts", multiple=True, metavar="NAME=FILE", help="A system's output, id and text; repeatable.")
@_suite_options
def import_is21(
    reference: Path, transcripts: tuple[str, ...], out: Path, name: str | None, licence: str | None
) -> None:
    """LibriSpeech biasing lists (Le et al., 2021): utterances, their listed rare words as entities, systems' outputs."""
    from harness.suites.importers.is21 import import_is21 as import_files

    _account(import_files(reference, out, transcripts=_files(transcripts), name=name, **_given(licence=licence)), out)


@suite_import.command("sd-qa", epilog=example("harness suite import sd-qa SD-QA/dev/eng/english.dev.csv --out sd-qa"))
@click.argument("table", metavar="LANGUAGE.dev.csv", type=EXISTING)
@click.option(
    "--triples", multiple=True, type=EXISTING, metavar="FILE", help="Answers.  [default: those beside the CSV]"
)
@click.option(
    "--audio/--no-audio", default=True, show_default=True, help="Copy the recordings that lie beside the CSV."
)
@_suite_options
def import_sd_qa(
    table: Path, triples: tuple[Path, ...], audio: bool, out: Path, name: str | None, licence: str | None
) -> None:
    """SD-QA: TyDi QA's questions read aloud in many dialects, each heard by one or two recognisers."""
    from harness.suites.importers.sd_qa import import_sd_qa as import_files

    _account(import_files(table, out, triples=triples, audio=audio, name=name, **_given(licence=licence)), out)


@suite_import.command("beir", epilog=example("harness suite import beir datasets/nq --split test --out nq"))
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--split", help="Whose judgements count.  [default: test, or the only one]")
@click.option(
    "--transcripts", multiple=True, metavar="NAME=FILE", help="A parallel queries.jsonl of transcripts; repeatable."
)
@_suite_options
def import_beir(
    folder: Path, split: str | None, transcripts: tuple[str, ...], out: Path, name: str | None, licence: str | None
) -> None:
    """BEIR: corpus, queries and relevance judgements, plain or gzipped."""
    from harness.suites.importers.beir import import_beir as import_files

    imported = import_files(
        folder, out, split=split, transcripts=_files(transcripts), name=name, **_given(licence=licence)
    )
    _account(imported, out)


@suite_import.command(
    "hf",
    epilog=example(
        "harness suite import hf saved-dataset --text question --answers answers --speaker reader --out my-suite"
    ),
)
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--text", default="text", show_default=True, metavar="COLUMN", help="The question as asked.")
@click.option("--audio", default="audio", show_default=True, metavar="COLUMN", help="The recording; '' for none.")
@click.option("--answers", metavar="COLUMN", help="Accepted answers: text, list, or SQuAD's.")
@click.option("--context", metavar="COLUMN", help="The text that answers; becomes the relevant snippet.")
@click.option("--speaker", metavar="COLUMN", help="Who reads.")
@click.option("--id", "identity", metavar="COLUMN", help="The recording's id.  [default: the row's number]")
@click.option("--transcripts", multiple=True, metavar="NAME=COLUMN", help="A recogniser's transcripts; repeatable.")
@click.option("--split", help="Which part of the data set.  [default: the only one]")
@click.option("--language", default="en", show_default=True, help="The language of the questions.")
@_suite_options
def import_hf(
    folder: Path, out: Path, identity: str | None, transcripts: tuple[str, ...], **options: str | None
) -> None:
    """A data set of Hugging Face `datasets` on disk (save_to_disk); name the columns it has."""
    from harness.suites.importers.hf import Columns
    from harness.suites.importers.hf import import_hf as import_files

    columns = Columns(
        text=options["text"] or "text",
        audio=options["audio"] or None,
        answers=options["answers"],
        context=options["context"],
        speaker=options["speaker"],
        id=identity,
        transcripts=_named(transcripts, "COLUMN"),
    )
    imported = import_files(
        folder,
        out,
        columns=columns,
        split=options["split"],
        language=options["language"] or "en",
        name=options["name"],
        licence=options["licence"],
    )
    _account(imported, out)
