"""Repairs: `mitigation learn`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.printing import EXISTING, Group, example, print_result


@click.group(cls=Group)
def mitigation() -> None:
    """Repairs of transcripts: what a run teaches them. `harness run --mitigation NAME` judges them."""


@mitigation.command("learn", epilog=example("harness mitigation learn results/demo-1a2b3c4d --out replacements.jsonl"))
@click.argument("run_folder", metavar="RUN", type=EXISTING)
@click.option(
    "--out", type=EXISTING, required=True, metavar="FILE", help="The table: JSON lines, to be read and edited."
)
@click.option("--backend", metavar="LABEL", help="Whose transcripts.  [default: the only one]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def mitigation_learn(run_folder: Path, out: Path, backend: str | None, as_json: bool) -> None:
    """Write which words a recogniser wrote in place of which, with counts: the file of the repair `replacements`."""
    from harness.runs.learning import learn_replacements

    learnt = learn_replacements(run_folder, out, backend=backend)
    print_result(learnt, as_json, learnt.lines)
