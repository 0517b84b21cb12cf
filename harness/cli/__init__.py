"""The command line: each command parses, calls and prints; no logic, and nothing heavy is imported before it is used."""

from __future__ import annotations

import click

from harness import __version__
from harness.cli.caches import cache
from harness.cli.imports import suite_import
from harness.cli.indexes import index
from harness.cli.machine import backends, doctor
from harness.cli.mitigations import mitigation
from harness.cli.printing import Group, example
from harness.cli.runs import compare, report, run
from harness.cli.scoring import score
from harness.cli.speaking import suite_speak
from harness.cli.suites import suite
from harness.cli.web import web


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]}, epilog=example("harness run demo"))
@click.version_option(__version__, prog_name="harness")
def main() -> None:
    """Which words did my recogniser get wrong, which of those errors cost the answer, and what gets it back?"""


suite.add_command(suite_import)
suite.add_command(suite_speak)
for command in (run, compare, report, score, suite, index, cache, web, mitigation, backends, doctor):
    main.add_command(command)
