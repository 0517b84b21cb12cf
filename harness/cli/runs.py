"""What a run goes through: `run`, `compare`, `report`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import click

from harness.cli.printing import EXISTING, console, example, print_result, same_command, say, say_json


@click.command(
    epilog=example(
        "harness run demo --backend pocketsphinx --backend pocketsphinx,bias=entities", "harness run spec.toml --jobs 4"
    )
)
@click.argument("target", metavar="SPEC|SUITE")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[:MODEL][,OPTION=VALUE]...",
    help="Replaces those of the spec; repeatable.",
)
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    metavar="NAME[,OPTION=VALUE]...",
    help="Replaces those of the spec; repeatable.",
)
@click.option(
    "--retriever",
    "retrievers",
    multiple=True,
    metavar="NAME[:VALUE][,OPTION=VALUE]...",
    help="Replaces those of the spec; repeatable.",
)
@click.option(
    "--answerer",
    metavar="NAME[:MODEL][,OPTION=VALUE]...",
    help="Reads the snippets and answers; replaces that of the spec.  [default: extractive; none: nobody answers]",
)
@click.option(
    "--mitigation",
    "mitigations",
    multiple=True,
    metavar="NAME[,OPTION=VALUE]...",
    help="A repair to be judged on the transcripts; replaces those of the spec; repeatable.",
)
@click.option("--rare-words", type=EXISTING, metavar="FILE", help="One a line, instead of the frequency rule.")
@click.option("--utterance", "utterances", multiple=True, metavar="ID", help="Only this recording; repeatable.")
@click.option("--limit", type=int, metavar="N", help="Only the first N questions.")
@click.option("--jobs", type=int, metavar="N", help="Worker processes.  [default: all cores]")
@click.option("--out", type=EXISTING, metavar="DIR", help="The run's folder.  [default: results/<suite>-<digest>]")
@click.option("--seed", type=int, metavar="N", help="Seed of the resampling.")
@click.option("--retries", type=int, metavar="N", help="Tries more for a sample that fails in passing.  [default: 1]")
@click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    help="Bound on one sample, then its worker is replaced.  [default: 60 + 30 a second of audio]",
)
@click.option(
    "--keep-sound-tags",
    is_flag=True,
    help="Score (upbeat music) and *coughs* as words; they are removed unless the reference has such, too.",
)
@click.option(
    "--normaliser",
    type=click.Choice(["default", "whisper"]),
    help="The rules by which texts are compared: the harness's own, or OpenAI's (needs the extra whisper-normalizer).  "
    "[default: that of the spec]",
)
@click.option(
    "--rescore",
    is_flag=True,
    help="Recognise nothing: judge the transcripts of the run in this folder anew, by the rules of today.",
)
@click.option(
    "--save-audio", is_flag=True, help="Also write what the recognisers were given, to RUN/audio, to listen to."
)
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of tables.")
@click.option("--explain", is_flag=True, help="Print what the columns of the tables mean as well.")
def run(target: str, as_json: bool, explain: bool, save_audio: bool, **options: Any) -> None:
    """Transcribe, search and measure. The same command again goes on where it stopped.

    SPEC is a run spec (.toml); SUITE is a folder, or the name of a shipped suite.
    """
    from harness.report import write_reports
    from harness.report.failure_lines import failure_lines
    from harness.report.model import Report
    from harness.report.terminal import print_run, progress
    from harness.runs.execution.interrupt import exit_status
    from harness.runs.runner import run as run_suite
    from harness.runs.storage.compressed import read

    messages = console(stderr=True)
    try:
        with progress(messages) as (samples_done, studies_done):
            result = run_suite(target, progress=samples_done, study_progress=studies_done, **options)
    except KeyboardInterrupt as stop:
        say("", "Stopped. Finished samples are kept; this goes on from there:", f"  {same_command()}", err=True)
        sys.exit(exit_status(stop))
    for note in result.record.notes:
        say(f"harness: {note}", err=True)
    write_reports(result.folder)
    if save_audio:
        from harness.runs.execution.save_audio import save_audio as save_files

        saved = save_files(result.folder)
        say(
            f"audio: {saved.written} files written to {saved.folder}, {saved.kept} kept, {len(saved.failed)} impossible",
            err=True,
        )
    report_of_run = Report.of_run(result.stored)
    if as_json:
        for line in failure_lines(report_of_run):
            say(f"harness: {line}", err=True)
        say_json(read(result.folder / "summary.json").decode().rstrip("\n"))
    else:
        print_run(console(), report_of_run, explain=explain)
    sys.exit(result.exit_status)


def _tell_unverified(folders: Iterable[Path]) -> None:
    """Say which runs were written by a version without digests, so that damage to them would not be seen."""
    from harness.runs.storage.stored_run import StoredRun

    for folder in folders:
        if not StoredRun.read(folder).verified:
            say(f"harness: {folder} was written by a version without digests: it is read unverified", err=True)


@click.command(
    epilog=example(
        "harness compare results/demo-1a2b3c4d",
        'harness compare results/before results/after --fail-if "rare_wer > +0.02" --fail-if "hit@1 < 0.7"',
    )
)
@click.argument("runs", metavar="RUN [RUN]...", nargs=-1, type=EXISTING, required=True)
@click.option("--metric", "metrics", multiple=True, metavar="M", help="Only this metric; repeatable.")
@click.option(
    "--baseline",
    metavar="LABEL",
    help="The backend that all others are compared with.  [default: of several runs, that of the same label in the first run; "
    "of one, the first backend; for one with a bias list, itself without]",
)
@click.option(
    "--fail-if",
    multiple=True,
    metavar="EXPR",
    help="Exit with status 1 where this is true: a number with a sign bounds the difference, one without the figure; "
    "fractions, 0.02 for 2 points.",
)
@click.option(
    "--significant",
    is_flag=True,
    help="Let a gate fail only where the difference is significant, or the figure's whole interval beyond the bound.",
)
@click.option("--conditions", is_flag=True, help="Compare each backend's conditions, the first being the baseline.")
@click.option("--html", type=EXISTING, metavar="PATH", help="Write the report page of all these runs there as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def compare(runs: tuple[Path, ...], as_json: bool, html: Path | None, **options: Any) -> None:
    """Compare backends, of one run or of several runs of one suite, question by question.

    With several runs, backends of one label are compared across runs, the first run being the baseline; where no labels
    match, --baseline says what to compare with.
    """
    from harness.report.comparison import print_comparison
    from harness.runs.compare import compare as compare_runs

    compared = compare_runs(*runs, **options)
    if html is not None:
        from harness.report.html import write_comparison

        write_comparison(compared, html)
    if as_json:
        print_result(compared, as_json, list)
    else:
        print_comparison(console(), compared)
    _tell_unverified(runs)
    compared.check_gates()


@click.command(
    epilog=example(
        "harness report results/demo-1a2b3c4d --out demo.md",
        "harness report results/demo-1a2b3c4d --format html --audio embed --out demo.html",
        "harness report results/demo-1a2b3c4d --format trec --figures slides",
        "harness report results/demo-1a2b3c4d --explain",
    )
)
@click.argument("run_folder", metavar="RUN", type=EXISTING)
@click.option(
    "--format",
    "format_",
    default="md",
    show_default=True,
    metavar="FORMAT",
    help="A page (md, html), tables (csv, parquet), or files for other tools (trn: sclite, trec: trec_eval).",
)
@click.option(
    "--out", type=EXISTING, metavar="PATH", help="Where to write.  [default: RUN/report.FORMAT or folder RUN/FORMAT]"
)
@click.option(
    "--audio",
    type=click.Choice(["link", "embed", "none"]),
    default="link",
    show_default=True,
    help="Recordings of an html page: beside it, inside it (up to 10 MB), or left out.",
)
@click.option("--figures", type=EXISTING, metavar="DIR", help="Also write the report's pictures there, as SVG and PNG.")
@click.option(
    "--compress",
    is_flag=True,
    help="Compress the run's own files, to a tenth of their size; all commands read them so.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Write nothing; print what `harness run` prints of the run, with what the columns mean.",
)
def report(
    run_folder: Path,
    format_: str,
    out: Path | None,
    audio: Literal["link", "embed", "none"],
    figures: Path | None,
    compress: bool,
    explain: bool,
) -> None:
    """Write the report of a finished run again, or hand the run on to other tools, from what is stored."""
    if explain:
        from harness.report.model import Report
        from harness.report.terminal import print_run

        print_run(console(), Report.read(run_folder), explain=True)
        _tell_unverified([run_folder])
        return
    from harness.report import report as write_report

    say(str(write_report(run_folder, format=format_, out=out, audio=audio, figures=figures, compress=compress)))
    if figures is not None:
        say(str(figures))
    _tell_unverified([run_folder])
