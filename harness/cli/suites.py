"""Question suites: `suite list|describe|complexity|validate`."""

from __future__ import annotations

import sys

import click

from harness.cli.printing import Group, console, example, print_result
from harness.errors import UsageError


@click.group(cls=Group)
def suite() -> None:
    """Question suites: list, describe, measure, check, import and give voices."""


@suite.command("list", epilog=example("harness suite list"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_list(as_json: bool) -> None:
    """The suites that ship with the harness."""
    from harness.suites.shipped import list_suites

    suites = list_suites()
    print_result(dict(suites), as_json, lambda: [f"{name:12} {description}" for name, description in suites.items()])


@suite.command("describe", epilog=example("harness suite describe demo"))
@click.argument("suite_name", metavar="SUITE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_describe(suite_name: str, as_json: bool) -> None:
    """How many questions, names, snippets and recordings, and how rare the names are."""
    from harness.report.suite_lines import description_lines
    from harness.suites.describe import describe_suite
    from harness.suites.load import load_suite
    from harness.suites.shipped import find_suite

    description = describe_suite(load_suite(find_suite(suite_name)))
    print_result(description, as_json, lambda: description_lines(description))


@suite.command(
    "complexity",
    epilog=example(
        "harness suite complexity standard", "harness suite complexity my-suite --tags relation,domain --json"
    ),
)
@click.argument("suite_name", metavar="SUITE")
@click.option(
    "--tags", metavar="TAG[,TAG]...", help="Compare these with clusters.  [default: all that group questions]"
)
@click.option(
    "--model", metavar="MODEL", help="Of the sentence embeddings; `none` for none.  [default: all-MiniLM-L6-v2]"
)
@click.option("--seed", default=7, show_default=True, help="Of the clusters.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def suite_complexity(suite_name: str, tags: str | None, model: str | None, seed: int, as_json: bool) -> None:
    """How complex the questions are: vocabulary, entropy, rare words, and how far apart their meanings lie."""
    from harness.analysis.complexity.suite import suite_complexity as measure
    from harness.report.screen import progress
    from harness.report.suite_lines import complexity_lines
    from harness.words.encoder import DEFAULT_MODEL

    wanted = None if tags is None else [tag.strip() for tag in tags.split(",") if tag.strip()]
    if wanted == []:
        raise UsageError(f"--tags {tags!r} names no tag; expected names with commas between, such as relation,domain")
    with progress(console(stderr=True), "questions") as advance:
        complexity = measure(suite_name, tags=wanted, model=model or DEFAULT_MODEL, seed=seed, progress=advance)
    print_result(complexity, as_json, lambda: complexity_lines(complexity))


@suite.command("validate", epilog=example("harness suite validate my-suite"))
@click.argument("suite_name", metavar="SUITE")
@click.option("--all", "show_all", is_flag=True, help="Every warning, not the first three of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every warning.")
def suite_validate(suite_name: str, show_all: bool, as_json: bool) -> None:
    """List everything that is wrong with a suite, and warnings by kind. Exit status 2 where a run would not start."""
    from harness.report.suite_lines import problem_lines
    from harness.suites.shipped import find_suite
    from harness.suites.validate import validate_suite

    problems = validate_suite(find_suite(suite_name))
    print_result(problems, as_json, lambda: problem_lines(problems, show_all))
    sys.exit(2 if any(problem.severity == "error" for problem in problems) else 0)
