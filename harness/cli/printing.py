"""What the commands share: one message for a mistake, examples in the help, text or JSON as output."""

from __future__ import annotations

import errno
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings

import click

from harness.errors import HarnessError, Notice

if TYPE_CHECKING:
    from rich.console import Console

EXISTING = click.Path(path_type=Path)


class Group(click.Group):
    """Turns the harness's own errors, and those of files and disks, into one message and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `HarnessError` or an `OSError` becomes one line and a status, and SIGTERM is as Ctrl-C."""
        from harness.runs.execution.interrupt import exit_status, not_interrupted, sigterm_is_ctrl_c

        try:
            with sigterm_is_ctrl_c(), catch_warnings():
                warnings.simplefilter("always", Notice)
                warnings.showwarning = _shown(warnings.showwarning)
                return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            with not_interrupted():
                click.echo(
                    f"\nStopped. No file is half written; this begins again or goes on:\n  {same_command()}", err=True
                )
            ctx.exit(exit_status(stop))
        except HarnessError as error:
            click.echo(f"harness: {_without_secrets(str(error))}", err=True)
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of our output is gone; click ends quietly
            where = error.filename or "a file"
            click.echo(
                f"harness: {where}: {error.strerror}. Name a place that exists, has space and may be written; what was "
                f"finished is kept.",
                err=True,
            )
            ctx.exit(2)


def _shown(otherwise: Callable[..., None]) -> Callable[..., None]:
    """Return what shows warnings: a `Notice` as one line, as it is meant for users; others as Python does."""

    def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
        if issubclass(category, Notice):
            click.echo(f"harness: {message}", err=True)
        else:
            otherwise(message, category, *place)

    return show


def _without_secrets(message: str) -> str:
    from harness.http.secrets import redact

    return redact(message)


def same_command() -> str:
    """Return the command that is being run, as it may be given to a shell."""
    return shlex.join(["harness", *sys.argv[1:]])


def example(*lines: str) -> str:
    """Return the epilog of a command: examples."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def console(*, stderr: bool = False) -> Console:
    """A rich console on standard output, or on standard error."""
    from rich.console import Console

    return Console(stderr=stderr)


def print_result(result: object, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print `result` as JSON where asked, otherwise its lines."""
    import msgspec

    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    else:
        for line in lines():
            click.echo(line)


def print_mapping(mapping: dict[str, Any], as_json: bool) -> None:
    """Print names and values in two columns, or as JSON."""
    width = max(len(key) for key in mapping)
    print_result(mapping, as_json, lambda: [f"{key:{width}}  {value}" for key, value in mapping.items()])
