"""Suites out of other people's data: `suite import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.cli.printing import EXISTING, Group, example, say

if TYPE_CHECKING:
    from harness.suites.importers.writing import Imported

Command = TypeVar("Command", bound=Callable[..., None])


@click.group("import", cls=Group)
def suite_import() -> None:
    """Make a suite of other people's data."""


def _language(default: str | None = "en", shown: str | bool = True) -> Callable[[Command], Command]:
    """Add the option that names the questions' language; `shown` says what the default is where the data decides it."""
    return click.option(
        "--language",
        metavar="TAG",
        default=default,
        show_default=shown,
        help="The language of the questions and snippets, such as es or pt-BR.",
    )


def _suite_options(command: Command) -> Command:
    """Add what importers of a known format share: where the suite goes, its name, and what it may be used for."""
    for option in (
        click.option("--licence", help="What the data may be used for.  [default: what the format's makers say]"),
        click.option("--name", help="The suite's name.  [default: the file's]"),
        click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The suite's folder."),
    ):
        command = option(command)
    return command


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
    replayed = next((f"replay:{label}" for label in imported.transcripts), None)
    from harness.words.languages import primary

    is_english = primary(imported.language) == "en"
    _tell(imported.account(), out, replayed or ("pocketsphinx" if imported.recordings and is_english else None))


def _tell(lines: list[str], out: Path, backend: str | None) -> None:
    """What was kept and dropped, whether the suite is sound, and how it is run."""
    from harness.suites.validate import validate_suite

    say(*lines)
    problems = validate_suite(out)
    errors = sum(problem.severity == "error" for problem in problems)
    listed = f" (harness suite validate {out})" if problems else ""
    say(f"checked: {errors} errors, {len(problems) - errors} warnings{listed}")
    say(f"run it: harness run {out}" + (f" --backend {backend}" if backend else ""))


@suite_import.command(
    "squad", epilog=example("harness suite import squad gold.json --transcripts asr=asr.json --out my-suite")
)
@click.argument("gold", metavar="GOLD.json", type=EXISTING)
@click.option("--transcripts", multiple=True, metavar="NAME=FILE", help="A parallel file of transcripts; repeatable.")
@_language()
@_suite_options
def import_squad(gold: Path, transcripts: tuple[str, ...], out: Path, **about: str | None) -> None:
    """SQuAD JSON; parallel files of the same ids (NoiseQA, HeySQuAD) become transcripts to replay."""
    from harness.suites.importers.squad import import_squad as import_files

    _account(import_files(gold, out, transcripts=_files(transcripts), **_given(**about)), out)


@suite_import.command(
    "is21",
    epilog=example("harness suite import is21 test-clean.biasing_100.tsv --transcripts rnnt=hyp.tsv --out my-suite"),
)
@click.argument("reference", metavar="REF.tsv", type=EXISTING)
@click.option("--transcripts", multiple=True, metavar="NAME=FILE", help="A system's output, id and text; repeatable.")
@_language()
@_suite_options
def import_is21(reference: Path, transcripts: tuple[str, ...], out: Path, **about: str | None) -> None:
    """LibriSpeech biasing lists (Le et al., 2021): utterances, their listed rare words as entities, systems' outputs."""
    from harness.suites.importers.is21 import import_is21 as import_files

    _account(import_files(reference, out, transcripts=_files(transcripts), **_given(**about)), out)


@suite_import.command("sd-qa", epilog=example("harness suite import sd-qa SD-QA/dev/eng/english.dev.csv --out sd-qa"))
@click.argument("table", metavar="LANGUAGE.dev.csv", type=EXISTING)
@click.option(
    "--triples", multiple=True, type=EXISTING, metavar="FILE", help="Answers.  [default: those beside the CSV]"
)
@click.option(
    "--audio/--no-audio", default=True, show_default=True, help="Copy the recordings that lie beside the CSV."
)
@_language(None, shown="that of the dialects")
@_suite_options
def import_sd_qa(table: Path, triples: tuple[Path, ...], audio: bool, out: Path, **about: str | None) -> None:
    """SD-QA: TyDi QA's questions read aloud in many dialects, each transcribed by one or two recognisers."""
    from harness.suites.importers.sd_qa import import_sd_qa as import_files

    _account(import_files(table, out, triples=triples, audio=audio, **_given(**about)), out)


@suite_import.command("beir", epilog=example("harness suite import beir datasets/nq --split test --out nq"))
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--split", help="Whose judgements count.  [default: test, or the only one]")
@click.option(
    "--transcripts", multiple=True, metavar="NAME=FILE", help="A parallel queries.jsonl of transcripts; repeatable."
)
@_language()
@_suite_options
def import_beir(folder: Path, split: str | None, transcripts: tuple[str, ...], out: Path, **about: str | None) -> None:
    """BEIR: corpus, queries and relevance judgements, plain or gzipped."""
    from harness.suites.importers.beir import import_beir as import_files

    _account(import_files(folder, out, split=split, transcripts=_files(transcripts), **_given(**about)), out)


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
@_language()
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


@suite_import.command(
    "fluent-speech-commands",
    epilog=example("harness suite import fluent-speech-commands fluent_speech_commands_dataset --split test --out fsc"),
)
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--split", "splits", multiple=True, metavar="NAME", help="A split; repeatable.  [default: all of them]")
@_language()
@_suite_options
def import_fluent_speech_commands(folder: Path, splits: tuple[str, ...], out: Path, **about: str | None) -> None:
    """Fluent Speech Commands: commands with action, object and location, which together are the intent."""
    from harness.suites.importers.fluent_speech_commands import import_fluent_speech_commands as import_files

    _account(import_files(folder, out, splits=splits, **_given(**about)), out)


@suite_import.command(
    "speech-to-intent",
    epilog=example("harness suite import speech-to-intent speech-to-intent-benchmark --texts texts.csv --out coffee"),
)
@click.argument("source", metavar="DIR|label.json", type=EXISTING)
@click.option("--audio", type=EXISTING, metavar="DIR", help="The recordings.  [default: those beside the labels]")
@click.option(
    "--texts", type=EXISTING, metavar="FILE", help="Reference texts, a table of audio and text; the data has none."
)
@_language()
@_suite_options
def import_speech_to_intent(
    source: Path, audio: Path | None, texts: Path | None, out: Path, **about: str | None
) -> None:
    """Picovoice's speech-to-intent benchmark: orders of coffee with an intent and slots, clean and in noise."""
    from harness.suites.importers.speech_to_intent import import_speech_to_intent as import_files

    _account(import_files(source, out, audio=audio, texts=texts, **_given(**about)), out)


def _about(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for what the data does not hold itself."""
    for option in (
        click.option(
            "--speech", type=click.Choice(["human", "synthetic", "unknown"]), default="unknown", show_default=True
        ),
        _language(),
        click.option("--citation", default="", help="What users of the data should cite."),
        click.option("--licence", default="see the source", show_default=True, help="What the data may be used for."),
        click.option("--name", default="", help="The suite's name.  [default: the source's]"),
    ):
        command = option(command)
    return command


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

    _account(import_files(folder, out, about=About(**about)), out)


@suite_import.command(
    "transcripts",
    epilog=example(
        "harness suite import transcripts --reference ref.stm --transcripts vendor=hyp.ctm --out my-suite",
        "harness suite import transcripts --suite my-suite --transcripts ours=ours.csv --columns id=Call,text=Transcript",
    ),
)
@click.option("--reference", type=EXISTING, metavar="FILE", help="Reference texts: makes a new suite.")
@click.option(
    "--transcripts", multiple=True, required=True, metavar="NAME=FILE", help="Hypotheses of one recogniser; repeatable."
)
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
    """Transcripts as trn, ctm, stm, kaldi, csv, tsv, jsonl, json or JSON of whisper, WhisperX or whisper.cpp, to be replayed.

    A suite of references has no snippets: it measures words, until you add a snippets.jsonl. With an stm as reference, the
    words of a ctm are shared out among its segments.
    """
    from harness.errors import UsageError
    from harness.suites.importers import transcripts as importer
    from harness.suites.importers.writing import About
    from harness.words.transcripts.reading import infer_format
    from harness.words.transcripts.tables import parse_layout

    reference_layout = parse_layout(options.pop("reference_columns"))
    layout = parse_layout(options.pop("columns"))
    files = _files(transcripts)
    segments = (
        reference if reference is not None and (reference_layout.format or infer_format(reference)) == "stm" else None
    )
    transcript_files = importer.TranscriptFiles(files, layout, segments)
    if suite_folder is not None and out is None:
        added = importer.add_transcripts(suite_folder, transcript_files)
        _tell(added, suite_folder, f"replay:{next(iter(files))}")
    elif reference is not None and out is not None and suite_folder is None:
        about = About(**options)
        _account(
            importer.import_transcripts(
                reference, out, transcripts=transcript_files, reference_layout=reference_layout, about=about
            ),
            out,
        )
    else:
        raise UsageError(
            "expected either --reference FILE and --out DIR, for a new suite, or --suite DIR, to add to one"
        )
