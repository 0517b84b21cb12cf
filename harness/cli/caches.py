"""The cache: `cache info|prune|verify`."""

from __future__ import annotations

import sys

import click

from harness.cli.printing import Group, example, print_result, say


@click.group(cls=Group)
def cache() -> None:
    """The cache of transcripts, indexes and features of recordings: what is in it, and removing entries."""


@cache.command("info", epilog=example("harness cache info"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cache_info(as_json: bool) -> None:
    """Where the cache is, how large, and which engines' transcripts it holds."""
    from harness.runs.storage.cache_care import cache_info as look

    contents = look()
    print_result(contents, as_json, lambda: list(contents.lines()))


@cache.command("prune", epilog=example("harness cache prune --older-than 30d", "harness cache prune --max-bytes 2GB"))
@click.option("--older-than", metavar="PERIOD", help="Remove what was made longer ago: 90m, 12h, 30d, 2w.")
@click.option("--max-bytes", metavar="SIZE", help="Then remove the oldest until no more is left: 500M, 2GB.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cache_prune(older_than: str | None, max_bytes: str | None, as_json: bool) -> None:
    """Remove old entries. A run makes again what it then lacks."""
    from harness.runs.storage.cache_care import cache_prune as prune

    removed = prune(older_than=older_than, max_bytes=max_bytes)
    print_result(removed, as_json, lambda: [removed.line()])


@cache.command("verify", epilog=example("harness cache verify"))
def cache_verify() -> None:
    """Read every entry. Exit status 2 where some do not read; `prune` removes those."""
    from harness.files import default_cache
    from harness.runs.storage.cache_care import cache_verify as verify

    problems = verify()
    for problem in problems:
        say(f"harness: {problem}", err=True)
    if problems:
        sys.exit(2)
    say(f"{default_cache()}: whole")
