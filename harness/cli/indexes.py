"""Snippet indexes: `index build|info|verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.printing import EXISTING, Group, console, example, print_mapping, say


@click.group(cls=Group)
def index() -> None:
    """Snippet indexes: build, describe and check."""


@index.command(
    "build",
    epilog=example(
        "harness index build demo --out demo.index",
        "harness index build snippets.jsonl --retriever dense --out web.index",
    ),
)
@click.argument("source", metavar="SUITE|SNIPPETS.jsonl")
@click.option("--out", type=EXISTING, required=True, metavar="DIR", help="The index folder.")
@click.option(
    "--retriever",
    default="bm25",
    show_default=True,
    metavar="NAME[:VALUE][,OPTION=VALUE]...",
    help="Which retriever shall search it: bm25, phonetic, dense ...",
)
@click.option("--variant", metavar="V", help="BM25 as lucene, robertson, atire, bm25l or bm25+ have it.")
@click.option("--k1", type=float, help="BM25's k1.  [default: 1.2]")
@click.option("--b", type=float, help="BM25's b.  [default: 0.75]")
@click.option(
    "--language", metavar="TAG", help="Of the snippets: en, de, es ...  [default: the suite's; en for a file]"
)
def index_build(source: str, out: Path, retriever: str, language: str | None, **options: float | str | None) -> None:
    """Index a suite's snippets, or a file of snippets of any length."""
    from harness.files import writing
    from harness.report.screen import counting
    from harness.retrieval.indexing import write_index
    from harness.retrieval.protocol import parse_retriever
    from harness.suites.reading import stream_snippets, suite_language
    from harness.suites.shipped import find_suite

    spec = parse_retriever(
        ",".join([retriever, *(f"{name}={value}" for name, value in options.items() if value is not None)])
    )
    if source.endswith(".jsonl"):
        file, language = Path(source), language or "en"
    else:
        file = find_suite(source) / "snippets.jsonl"
        language = language or suite_language(file.parent)
    with writing(out), counting(console(stderr=True), stream_snippets(file), "snippets") as snippets:
        description = write_index(snippets, spec, out, language=language)
    print_mapping(description, as_json=False)


@index.command("info", epilog=example("harness index info demo.index"))
@click.argument("folder", metavar="DIR", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def index_info(folder: Path, as_json: bool) -> None:
    """What an index holds, and of which snippets it was built."""
    from harness.retrieval.indexing import index_info as describe

    print_mapping(describe(folder), as_json)


@index.command("verify", epilog=example("harness index verify demo.index"))
@click.argument("folder", metavar="DIR", type=EXISTING)
def index_verify(folder: Path) -> None:
    """Check every byte and every posting of an index."""
    from harness.retrieval.indexing import verify_index

    problems = verify_index(folder)
    for problem in problems:
        say(f"harness: {problem}", err=True)
    if problems:
        sys.exit(2)
    say(f"{folder}: whole")
