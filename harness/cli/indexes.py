"""Snippet indexes: `index build|info|verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.printing import EXISTING, Group, example, print_mapping


@click.group(cls=Group)
def index() -> None:
    """Snippet indexes: build, describe and check."""


@index.command("build", epilog=example("harness index build demo --out demo.index"))
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
    print_mapping(ImpactIndex.info(out), as_json=False)


@index.command("info", epilog=example("harness index info demo.index"))
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def index_info(folder: Path, as_json: bool) -> None:
    """What an index holds, and of which snippets it was built."""
    from harness.retrieval.impact_index import ImpactIndex

    print_mapping(ImpactIndex.info(folder), as_json)


@index.command("verify", epilog=example("harness index verify demo.index"))
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
