"""Every exception that the harness raises on purpose.

    HarnessError                exit_status 2   message tells: what, where, expected, what to do
    |-- UsageError                              a name, an option or an expression that is not known
    |   `-- UnknownName                         not in a registry; carries "did you mean"
    |-- InputError                              a file that a person wrote or pointed at is wrong
    |   |-- SuiteError                          a suite folder
    |   |-- SpecError                           a run spec
    |   |-- TranscriptError                     recorded transcripts, reference and hypothesis files
    |   |-- IndexError_                         an index folder: damaged, or built for another suite
    |   `-- RunError                            a run folder: absent, of another suite, of another schema
    |-- WebError            exit_status 3       a search or a page failed; recorded in its place, never fatal
    |-- MissingDependency                       an extra that is not installed; carries the line that installs it
    |-- GateFailed              exit_status 1   a `--fail-if` expression is true
    `-- SampleFailure           exit_status 3   one sample could not be done; recorded in its place, never fatal
        |-- AudioError                          one recording is absent, unreadable or out of bounds
        |   `-- ConditionError                  a condition cannot be made from this recording
        |-- NoResponse                          a server gave no usable answer
        `-- RecognitionError                    an engine failed on one recording

The command line prints `str(error)` and exits with `error.exit_status`; no traceback is shown for any of these.
A `Notice` is a warning: what a user should know while a command works. The command line prints its text and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_SHOWN_CHARACTERS = 200


class HarnessError(Exception):
    """Base class: a message for a person, and the exit status that belongs to it."""

    exit_status = 2


class Notice(UserWarning):
    """What a user should know while the work goes on."""


class UsageError(HarnessError):
    """A name, an option or an expression that is not known."""


class UnknownName(UsageError):
    """A name that is in no registry. `choices` are the names that would have been right."""

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        from difflib import get_close_matches

        known = sorted(choices)
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known) or 'none'}.")
        self.kind, self.name, self.choices = kind, name, known


class InputError(HarnessError):
    """A file is wrong. The message begins with `file:line: field:` as far as they are known.

    Parameters: `problem` names what is wrong and what was expected; `line` counts from 1.
    """

    def __init__(
        self, problem: str, *, file: Path | str | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        where = "".join(
            part
            for part in (
                f"{file}:" if file is not None else "",
                f"{line}:" if line is not None else "",
                f" {field}:" if field is not None else "",
            )
        )
        super().__init__(f"{where} {problem}".strip())
        self.problem, self.file, self.line, self.field = problem, file, line, field


class SuiteError(InputError):
    """A suite folder is wrong."""


class SpecError(InputError):
    """A run spec is wrong."""


class TranscriptError(InputError):
    """A file of transcripts is wrong."""


class IndexError_(InputError):  # noqa: N801 - the builtin's name is taken
    """An index folder is damaged, or was built for something else."""


class RunError(InputError):
    """A run folder is absent, damaged, or belongs to another suite or schema."""


class WebError(HarnessError):
    """A search or a page failed. `type` names the kind: `Refused`, `Unavailable`, `TooLarge` ...

    `transient`: the same request may succeed later; `retry_after`: the seconds that the server asks to wait.
    """

    exit_status = 3

    def __init__(self, type_: str, message: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.type, self.transient, self.retry_after = type_, transient, retry_after


class MissingDependency(HarnessError):
    """A plug-in needs a package that is not installed."""

    def __init__(self, what: str, package: str, install: str) -> None:
        super().__init__(f"{what} needs the package {package!r}, which is not installed. Install it with: {install}")
        self.package, self.install = package, install


class GateFailed(HarnessError):
    """A `--fail-if` expression is true."""

    exit_status = 1


class SampleFailure(HarnessError):
    """One sample could not be done. `stage` is `load`, `condition`, `recognise` or `score`."""

    exit_status = 3
    stage = "recognise"


class AudioError(SampleFailure):
    """One recording is absent, unreadable or out of bounds."""

    stage = "load"


class ConditionError(AudioError):
    """A condition cannot be made from this recording and its companions."""

    stage = "condition"


class NoResponse(SampleFailure):
    """A server gave no usable answer. `type` names the kind of failure; it leaves a plug-in only as a `Failure`."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_


class RecognitionError(SampleFailure):
    """An engine failed on one recording."""


def one_line(text: str) -> str:
    """Text from outside as it may stand in a message: one line, printable, at most 200 characters."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return line if len(line) <= _SHOWN_CHARACTERS else line[: _SHOWN_CHARACTERS - 3] + "..."
