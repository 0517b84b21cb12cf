"""Snippets from the web: `web collect`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.printing import EXISTING, Group, console, example, say

if TYPE_CHECKING:
    from harness.runs.collect import Collected

_PROVIDERS = ("searxng", "brave", "mediawiki", "json")


@click.group(cls=Group)
def web() -> None:
    """Snippets from the web: collect once, run often."""


@web.command(
    "collect",
    epilog=example(
        "harness web collect demo --provider searxng --url http://localhost:8080 --out demo-web",
        "harness web collect demo --provider mediawiki --url https://en.wikipedia.org/w/api.php \\",
        "    --contact me@example.org --fetch-pages 3 --out demo-wiki",
        "harness run demo-web",
    ),
)
@click.argument("source", metavar="SUITE|QUERIES")
@click.option("--provider", required=True, type=click.Choice(_PROVIDERS), help="Which service is asked.")
@click.option(
    "--url",
    metavar="URL|FILE",
    help="The service's address; for json, the TOML file that describes it.  [default: for mediawiki, the Wikipedia of the "
    "language]",
)
@click.option(
    "--language", metavar="TAG", help="What is searched in.  [default: the suite's; en for a file of queries]"
)
@click.option(
    "--out", type=EXISTING, required=True, metavar="DIR|FILE.jsonl", help="A copy of the suite, or snippets only."
)
@click.option(
    "--contact", default="", metavar="MAIL", help="Put into the user agent, so that a server's owner can reach you."
)
@click.option("--count", default=10, show_default=True, metavar="N", help="Results per question.")
@click.option(
    "--fetch-pages", default=0, show_default=True, metavar="N", help="Read the pages of the first N results, too."
)
@click.option("--snippet-characters", default=600, show_default=True, metavar="N", help="How long a snippet may be.")
@click.option("--rate", "requests_per_second", default=1.0, show_default=True, help="Requests per second and host.")
@click.option("--timeout", default=20.0, show_default=True, metavar="SECONDS", help="For one answer as a whole.")
@click.option("--max-bytes", default=2_000_000, show_default=True, metavar="N", help="The largest answer that is read.")
@click.option("--retries", default=3, show_default=True, metavar="N", help="After 429, 5xx and broken connections.")
@click.option("--allow-private", is_flag=True, help="Follow links into private networks.")
@click.option("--add", is_flag=True, help="Keep the suite's own snippets beside the new ones.")
@click.option(
    "--relevance", type=click.Choice(["answers", "none"]), default="answers", show_default=True,
    help="answers: what holds an accepted answer, of the results for the question.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True, metavar="N", help="For the jitter between repetitions.")
def web_collect(source: str, out: Path, **options: Any) -> None:
    """Search for every question of a suite, and keep the results as its snippets.

    The same command again goes on where it stopped. brave reads its key from BRAVE_SEARCH_API_KEY; for json, the
    description names the variables. Exit status 3 where some questions have no answer yet.
    """
    from harness.report.screen import progress
    from harness.runs.collect import WebOptions, collect_snippets

    with progress(console(stderr=True), "questions") as advance:
        collected = collect_snippets(source, out, WebOptions(**options), lambda done, total: advance(done, total, ""))
    _account(collected, is_suite=out.suffix != ".jsonl")
    sys.exit(3 if collected.collection.failed else 0)


def _account(collected: Collected, *, is_suite: bool) -> None:
    collection = collected.collection
    answered = collection.n_queries - len(collection.failed)
    say(
        f"{len(collection.snippets)} snippets for {answered} of {collection.n_queries} questions "
        f"({collection.n_asked} asked now)"
    )
    for why, n in sorted(collection.dropped.items()):
        say(f"dropped {n}: {why}")
    for identity, why in list(collection.failed.items())[:5]:
        say(f"failed {identity}: {why}")
    if len(collection.failed) > 5:
        say(f"failed {len(collection.failed) - 5} more: see {collected.journal}")
    if collection.stopped:
        say(f"stopped: {collection.stopped}")
    elif is_suite:
        say(f"run it: harness run {collected.out}")
