"""What is on this machine: `backends`, `doctor`."""

from __future__ import annotations

import sys

import click

from harness.cli.printing import example, print_result


@click.command(epilog=example("harness backends", "harness backends faster-whisper"))
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backends(name: str | None, as_json: bool) -> None:
    """Recognisers: what is installed, what is missing, and the line that installs it; of NAME every option."""
    from harness.asr.overview import backend_overview

    listed = backend_overview(name)
    print_result(
        listed, as_json, lambda: [line for entry in listed for line in (entry.lines() if name else [entry.line()])]
    )


@click.command(epilog=example("harness doctor"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check this machine and tell what to do. Exit status 2 where a run would fail."""
    from harness.machine import examine

    findings = examine()
    print_result(findings, as_json, lambda: [finding.line() for finding in findings])
    sys.exit(0 if all(finding.ok for finding in findings if finding.needed) else 2)
