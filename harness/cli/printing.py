"""What the commands share: one message for a mistake, examples in the help, text or JSON as output."""

from __future__ import annotations

import errno
import logging
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings

import click

from harness.errors import HarnessError, Notice, one_line
from harness.report.unseen import visible_json, visible_line

if TYPE_CHECKING:
    from harness.report.screen import Screen

EXISTING = click.Path(path_type=Path)


class Group(click.Group):
    """Turns the harness's own errors, and those of files and disks, into one message and an exit status."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the arguments; what a mistake quotes of them is made visible."""
        with _visible_mistakes():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `HarnessError` or an `OSError` becomes one line and a status, and SIGTERM is as Ctrl-C."""
        from harness.runs.execution.interrupt import exit_status, not_interrupted, sigterm_is_ctrl_c

        try:
            with sigterm_is_ctrl_c(), _visible_mistakes(), _libraries_in_short(), catch_warnings():
                warnings.simplefilter("always", Notice)
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            with not_interrupted():
                say(
                    "",
                    "Stopped. No file is half written; this begins again or goes on:",
                    f"  {same_command()}",
                    err=True,
                )
            ctx.exit(exit_status(stop))
        except HarnessError as error:
            say(f"harness: {_without_secrets(str(error))}", err=True)
            ctx.exit(error.exit_status)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of our output is gone; click ends quietly
            where = error.filename or "a file"
            say(
                f"harness: {where}: {error.strerror}. Name a place that exists, has space and may be written; what was "
                f"finished is kept.",
                err=True,
            )
            ctx.exit(2)


def _show_warning(message: Warning | str, category: type[Warning], *_place: Any, **_source: Any) -> None:
    """Show a warning as one line: a `Notice`, which is meant for users, whole; a library's in short."""
    told = message if issubclass(category, Notice) else f"{category.__name__}: {one_line(str(message))}"
    say(f"harness: {_without_secrets(str(told))}", err=True)


class _InShort(logging.Handler):
    """Shows what a library logs, and nothing else handles, as one line without a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            say(f"harness: {record.name}: {_without_secrets(one_line(record.getMessage()))}", err=True)
        except Exception:  # a library's wrong format string, or a closed terminal, costs its message only
            return


@contextmanager
def _libraries_in_short() -> Iterator[None]:
    before, logging.lastResort = logging.lastResort, _InShort(logging.WARNING)
    try:
        yield
    finally:
        logging.lastResort = before


@contextmanager
def _visible_mistakes() -> Iterator[None]:
    """Make visible what a usage error of click's quotes."""
    try:
        yield
    except click.ClickException as error:
        vars(error)["message"] = visible_line(error.message)  # click calls it final
        raise


def _without_secrets(message: str) -> str:
    from harness.http.secrets import redact

    return redact(message)


def same_command() -> str:
    """Return the command that is being run, as it may be given to a shell."""
    return shlex.join(["harness", *sys.argv[1:]])


def example(*lines: str) -> str:
    """Return the epilog of a command: examples."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def console(*, stderr: bool = False) -> Screen:
    """A console of rich's on standard output, or on standard error, on which text from outside is nothing but text."""
    from harness.report.screen import Screen

    return Screen(stderr=stderr)


def say(*lines: str, err: bool = False) -> None:
    """Print lines, each as one line in which everything can be seen: what is in them may come from anywhere."""
    for line in lines:
        click.echo(visible_line(line), err=err)


def say_json(text: str) -> None:
    """Print JSON; what cannot be seen in it is escaped."""
    click.echo(visible_json(text))


def print_result(result: object, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print `result` as JSON where asked, otherwise its lines."""
    import msgspec

    if as_json:
        say_json(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    else:
        say(*lines())


def print_mapping(mapping: dict[str, Any], as_json: bool) -> None:
    """Print names and values in two columns, or as JSON."""
    width = max(len(key) for key in mapping)
    print_result(mapping, as_json, lambda: [f"{key:{width}}  {value}" for key, value in mapping.items()])
