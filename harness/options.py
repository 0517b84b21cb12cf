"""How a plug-in is written on the command line, `NAME[:MODEL][,option=value]...`, and how its options are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from harness.errors import UsageError
from harness.records import OptionValue

if TYPE_CHECKING:
    import msgspec

Options = TypeVar("Options", bound="msgspec.Struct")


@dataclass(frozen=True, slots=True)
class Written:
    """A plug-in as it was written: `dense:m,top=5` is `Written("dense", "m", {"top": "5"})`."""

    name: str
    main: str | None
    options: Mapping[str, str]

    def values(self, *, texts: frozenset[str] = frozenset()) -> dict[str, OptionValue]:
        """The options, numbers and true/false as such; those named in `texts` stay as they were written."""
        return {key: value if key in texts else option_value(value) for key, value in self.options.items()}


def split_written(kind: str, text: str, example: str, main_name: str | None = "MODEL") -> Written:
    """Takes a plug-in apart. `kind` ("backend") and `example` ("pocketsphinx,bias=entities") are for messages.

    `main_name` says what stands after the colon; `None` where nothing may. Raises `UsageError` for an empty name, an option
    without `=`, an empty value and a repeated option.
    """
    head, *parts = text.split(",")
    name, colon, main = (piece.strip() for piece in head.partition(":"))
    if not name or (colon and not (main and main_name)):
        forms = ["NAME", *([f"NAME:{main_name}"] if main_name else []), "NAME,option=value,..."]
        raise UsageError(
            f"{text!r} names no {kind}: expected {', '.join(forms[:-1])} or {forms[-1]}, for example {example}"
        )
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            such = example.partition(",")[2]
            raise UsageError(f"{kind} {text!r}: {part.strip()!r} is no option: expected option=value, such as {such}")
        if key in options:
            raise UsageError(f"{kind} {text!r}: the option {key!r} is given twice: keep one")
        options[key] = value
    return Written(name, main or None, options)


def option_value(text: str) -> OptionValue:
    """`true`/`false` as bool, then int, then float, else the text itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def checked_options(who: str, options: Mapping[str, OptionValue], kind: type[Options]) -> Options:
    """The options as a `kind`. Raises `UsageError`, beginning with `who`, which names the known ones and repeats no value."""
    import msgspec

    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        problem, _, option = str(error).partition(" - at `$.")
        where = f"option {option.rstrip('`')}: " if option else ""
        known = ", ".join(kind.__struct_fields__)
        raise UsageError(f"{who}: {where}{problem}. Known options: {known}") from error
