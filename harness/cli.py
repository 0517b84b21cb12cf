"""The verbs of the command line. Parses, calls, prints; no logic, and nothing heavy is imported before it is used."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import __version__
from harness.errors import HarnessError

if TYPE_CHECKING:
    from rich.console import Console

EXISTING = click.Path(path_type=Path)


class _Group(click.Group):
    """Turns the harness's own errors, and those of files and disks, into one message and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HarnessError as error:
            click.echo(f"harness: {error}", err=True)
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our output is gone; click ends quietly
            where = error.filename or "a file"
            click.echo(
                f"harness: {where}: {error.strerror}. Name a place that exists, has room and may be written; what was "
                f"finished is kept.",
                err=True,
            )
            ctx.exit(2)


def _example(*lines: str) -> str:
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_example("harness run demo"))
@click.version_option(__version__, prog_name="harness")
def main() -> None:
    """Which words did my recogniser get wrong, which of those errors cost the answer, and what gets it back?"""


@main.command(
    epilog=_example(
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
    "--retriever", "retrievers", multiple=True, metavar="NAME", help="Replaces those of the spec; repeatable."
)
@click.option("--limit", type=int, metavar="N", help="Only the first N questions.")
@click.option("--jobs", type=int, metavar="N", help="Worker processes.  [default: all cores]")
@click.option("--out", type=EXISTING, metavar="DIR", help="The run's folder.  [default: results/<suite>-<digest>]")
@click.option("--seed", type=int, metavar="N", help="Seed of the resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of tables.")
def run(target: str, as_json: bool, **options: Any) -> None:
    """Transcribe, search and measure. The same command again goes on where it stopped.

    SPEC is a run spec (.toml); SUITE is a folder, or the name of a shipped suite.
    """
    from harness.report.markdown import report as write_report
    from harness.report.terminal import print_run, progress
    from harness.runs.runner import run as run_suite

    messages = _console(stderr=True)
    try:
        with progress(messages) as update:
            result = run_suite(target, progress=update, **options)
    except KeyboardInterrupt:
        click.echo("\nStopped. Finished samples are kept; the same command goes on from there.", err=True)
        sys.exit(130)
    write_report(result.folder)
    if as_json:
        click.echo((result.folder / "summary.json").read_text(encoding="utf-8"), nl=False)
    else:
        print_run(_console(), result.record, result.summary, result.folder)
    sys.exit(result.exit_status)


@main.command(
    epilog=_example(
        "harness compare results/demo-1a2b3c4d",
        'harness compare results/before results/after --fail-if "rare_wer > +0.02" --fail-if "hit@1 < 0.7"',
    )
)
@click.argument("runs", metavar="RUN [RUN]...", nargs=-1, type=EXISTING, required=True)
@click.option("--metric", "metrics", multiple=True, metavar="M", help="Only this metric; repeatable.")
@click.option(
    "--baseline", metavar="LABEL", help="The backend that all others are compared with.  [default: the first]"
)
@click.option(
    "--fail-if",
    multiple=True,
    metavar="EXPR",
    help="Exit with status 1 where this is true: a number with a sign bounds the difference, one without the figure.",
)
@click.option("--conditions", is_flag=True, help="Compare each backend's conditions, the first being the baseline.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def compare(runs: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Compare backends, of one run or of several runs of one suite, question by question.

    With several runs, the same backend is compared across runs, the first run being the baseline.
    """
    from harness.report.comparison import print_comparison
    from harness.runs.compare import compare as compare_runs

    found = compare_runs(*runs, **options)
    if as_json:
        _print(found, as_json, list)
    else:
        print_comparison(_console(), found)
    found.check_gates()


@main.command(epilog=_example("harness report results/demo-1a2b3c4d --out demo.md"))
@click.argument("run_folder", metavar="RUN", type=EXISTING)
@click.option("--format", "format_", default="md", show_default=True, help="md")
@click.option("--out", type=EXISTING, metavar="PATH", help="Where to write.  [default: RUN/report.md]")
def report(run_folder: Path, format_: str, out: Path | None) -> None:
    """Write the report of a finished run again, from what is stored."""
    from harness.report.markdown import report as write_report

    click.echo(write_report(run_folder, format=format_, out=out))


@main.command(epilog=_example("harness score ref.trn hyp.trn --format trn --costs nist"))
@click.argument("reference", metavar="REF", type=EXISTING)
@click.argument("hypothesis", metavar="HYP", type=EXISTING)
@click.option("--format", "format_", required=True, type=click.Choice(["text", "trn", "tsv", "jsonl", "is21"]))
@click.option(
    "--costs", type=click.Choice(["unit", "nist"]), default="unit", show_default=True, help="nist: 4, 3, 3 as sclite."
)
@click.option(
    "--normaliser", type=click.Choice(["default", "none"]), help="[default: none for trn and is21, else default]"
)
@click.option("--rare-words", type=EXISTING, metavar="FILE", help="One a line, instead of the frequency rule.")
@click.option(
    "--json", "json_path", type=EXISTING, metavar="FILE", help="Write the counts as JSON; - for standard output."
)
def score(reference: Path, hypothesis: Path, format_: str, json_path: Path | None, **options: Any) -> None:
    """Count word errors, rare and common, of transcripts that exist already."""
    import msgspec

    from harness.analysis.scoring import score as score_files
    from harness.report.terminal import print_score

    found = score_files(reference, hypothesis, format=format_, **options)
    content = msgspec.json.format(msgspec.json.encode(found.to_dict()), indent=2).decode()
    if json_path is None or str(json_path) != "-":
        print_score(_console(), found)
    if json_path is not None:
        if str(json_path) == "-":
            click.echo(content)
        else:
            json_path.write_text(content + "\n", encoding="utf-8")


@main.group(cls=_Group)
def suite() -> None:
    """What is asked: list, describe and check suites."""


@suite.command("list", epilog=_example("harness suite list"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_list(as_json: bool) -> None:
    """The suites that ship with the harness."""
    from harness.suites.shipped import list_suites

    found = list_suites()
    _print(dict(found), as_json, lambda: [f"{name:12} {description}" for name, description in found.items()])


@suite.command("describe", epilog=_example("harness suite describe demo"))
@click.argument("suite_name", metavar="SUITE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_describe(suite_name: str, as_json: bool) -> None:
    """How many questions, names, snippets and recordings, and how rare the names are."""
    from harness.report.terminal import description_lines
    from harness.suites.describe import describe_suite
    from harness.suites.load import load_suite
    from harness.suites.shipped import find_suite

    found = describe_suite(load_suite(find_suite(suite_name)))
    _print(found, as_json, lambda: description_lines(found))


@suite.command("validate", epilog=_example("harness suite validate my-suite"))
@click.argument("suite_name", metavar="SUITE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_validate(suite_name: str, as_json: bool) -> None:
    """List everything that is wrong, or looks wrong, with a suite. Exit status 2 where a run would not start."""
    from harness.report.terminal import problem_lines
    from harness.suites.shipped import find_suite
    from harness.suites.validate import validate_suite

    problems = validate_suite(find_suite(suite_name))
    _print(problems, as_json, lambda: problem_lines(problems))
    sys.exit(2 if any(problem.severity == "error" for problem in problems) else 0)


@suite.group("import", cls=_Group)
def suite_import() -> None:
    """Make a suite of other people's data."""


@suite_import.command(
    "squad", epilog=_example("harness suite import squad gold.json --transcripts asr=heard.json --out my-suite")
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


@main.group(cls=_Group)
def index() -> None:
    """Snippet indexes: build, describe and check."""


@index.command("build", epilog=_example("harness index build demo --out demo.index"))
@click.argument("suite_name", metavar="SUITE")
@click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The index folder.")
@click.option("--k1", type=float, default=1.2, show_default=True)
@click.option("--b", type=float, default=0.75, show_default=True)
def index_build(suite_name: str, out: Path, k1: float, b: float) -> None:
    """Index a suite's snippets."""
    from harness.retrieval.impact_index import ImpactIndex
    from harness.suites.load import load_suite
    from harness.suites.shipped import find_suite

    ImpactIndex.build(load_suite(find_suite(suite_name)).snippets, k1=k1, b=b).save(out)
    _print_mapping(ImpactIndex.info(out), as_json=False)


@index.command("info", epilog=_example("harness index info demo.index"))
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def index_info(folder: Path, as_json: bool) -> None:
    """What an index holds, and of which snippets it was built."""
    from harness.retrieval.impact_index import ImpactIndex

    _print_mapping(ImpactIndex.info(folder), as_json)


@index.command("verify", epilog=_example("harness index verify demo.index"))
@click.argument("folder", metavar="DIR", type=EXISTING)
def index_verify(folder: Path) -> None:
    """Check every byte and every posting of an index."""
    from harness.retrieval.impact_index import ImpactIndex

    problems = ImpactIndex.verify(folder)
    for problem in problems:
        click.echo(f"harness: {problem}", err=True)
    if problems:
        sys.exit(2)
    click.echo(f"{folder}: whole")


@main.command(epilog=_example("harness backends"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backends(as_json: bool) -> None:
    """Recognisers: what is installed, what is missing, and the line that installs it."""
    from harness.asr.overview import backend_overview

    found = backend_overview()
    _print(found, as_json, lambda: [entry.line() for entry in found])


@main.command(epilog=_example("harness doctor"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check this machine and say what to do. Exit status 2 where a run would fail."""
    from harness.runs.doctor import examine

    findings = examine()
    _print(findings, as_json, lambda: [finding.line() for finding in findings])
    sys.exit(0 if all(finding.ok for finding in findings if finding.needed) else 2)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr)


def _print(found: object, as_json: bool, lines: Callable[[], list[str]]) -> None:
    import msgspec

    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for line in lines():
            click.echo(line)


def _print_mapping(found: dict[str, Any], as_json: bool) -> None:
    width = max(len(key) for key in found)
    _print(found, as_json, lambda: [f"{key:{width}}  {value}" for key, value in found.items()])
