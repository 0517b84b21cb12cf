"""The transcript cache: `cache info|prune|verify`."""

from __future__ import annotations

import sys

import click

from harness.cli.printing import Group, example, print_found


@click.group(cls=Group)
def cache() -> None:
    """The cache of transcripts and indexes: what is in it, and making room."""


@cache.command("info", epilog=example("harness cache info"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cache_info(as_json: bool) -> None:
    """Where the cache is, how large, and which engines' transcripts it holds."""
    from harness.runs.storage.cache_care import cache_info as look

    found = look()
    print_found(found, as_json, lambda: list(found.lines()))


@cache.command("prune", epilog=example("harness cache prune --older-than 30d", "harness cache prune --max-bytes 2GB"))
@click.option("--older-than", metavar="PERIOD", help="Remove what was made longer ago: 90m, 12h, 30d, 2w.")
@click.option("--max-bytes", metavar="SIZE", help="Then remove the oldest until no more is left: 500M, 2GB.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cache_prune(older_than: str | None, max_bytes: str | None, as_json: bool) -> None:
    """Remove old entries. What a run then misses, it makes again."""
    from harness.runs.storage.cache_care import cache_prune as prune

    found = prune(older_than=older_than, max_bytes=max_bytes)
    print_found(found, as_json, lambda: [found.line()])


@cache.command("verify", epilog=example("harness cache verify"))
def cache_verify() -> None:
    """Read every entry. Exit status 2 where some do not read; `prune` removes those."""
    from harness.files import default_cache
    from harness.runs.storage.cache_care import cache_verify as verify

    problems = verify()
    for problem in problems:
        click.echo(f"harness: {problem}", err=True)
    if problems:
        sys.exit(2)
    click.echo(f"{default_cache()}: whole")
