"""How a plug-in is named on the command line, `NAME[:MODEL][,option=value]...`, and how its options are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import UsageError, one_line
from harness.records import OptionValue

if TYPE_CHECKING:
    import msgspec

Options = TypeVar("Options", bound="msgspec.Struct")


@dataclass(frozen=True, slots=True)
class PluginName:
    """A plug-in as named on the command line: `dense:m,top=5` is `PluginName("dense", "m", {"top": "5"})`."""

    name: str
    main: str | None
    options: Mapping[str, str]

    def values(self, *, texts: frozenset[str] = frozenset()) -> dict[str, OptionValue]:
        """Return the options, numbers and true/false as such; those named in `texts` stay texts."""
        return {key: value if key in texts else option_value(value) for key, value in self.options.items()}


def parse_plugin(kind: str, text: str, example: str, main_name: str | None = "MODEL") -> PluginName:
    """Take a plug-in's name apart. `kind` ("backend") and `example` ("pocketsphinx,bias=entities") are for messages.

    `main_name` names what stands after the colon; `None` where nothing may. Raises `UsageError` for an empty name, an option
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
    return PluginName(name, main or None, options)


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


def checked_options(who: str, options: Mapping[str, Any], kind: type[Options], beside: Sequence[str] = ()) -> Options:
    """Return the options as a `kind`. Raises `UsageError`, beginning with `who`, which names the known ones and repeats no value.

    `beside` are names that are known as well, and read elsewhere.
    """
    import msgspec

    names = (*kind.__struct_fields__, *beside)
    known = f"Known options: {', '.join(names)}"
    if unknown := [name for name in options if name not in kind.__struct_fields__]:
        from difflib import get_close_matches

        close = get_close_matches(unknown[0], names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"{who}: unknown option {one_line(unknown[0])!r}.{hint} {known}")
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        problem, _, option = str(error).partition(" - at `$.")
        where = f"option {option.rstrip('`')}: " if option else ""
        raise UsageError(f"{who}: {where}{problem}. {known}") from error


@dataclass(frozen=True, slots=True)
class OptionEntry:
    """An option as it is explained to a person. `type` names what may be given; `required` options have no default.

    `default` is `None` where an option that is left out stands for something else, which its `meaning` names.
    """

    name: str
    type: str
    default: OptionValue | None
    required: bool
    meaning: str

    def line(self) -> str:
        """Return the entry as a line of text."""
        value = str(self.default).lower() if isinstance(self.default, bool) else self.default
        default = "; required" if self.required else "" if value is None else f"; {value} unless set"
        return f"{self.name:16} {self.meaning} ({self.type}{default})"


def explained(kind: type[msgspec.Struct]) -> tuple[OptionEntry, ...]:
    """Return what may be set in a `kind`, from its fields' types, bounds, defaults and descriptions."""
    import msgspec

    _, components = msgspec.json.schema_components([kind])
    schema = components[kind.__name__]
    return tuple(
        OptionEntry(
            name, _type_in_words(field), field.get("default"), name in schema["required"], field.get("description", "")
        )
        for name, field in schema["properties"].items()
    )


def _type_in_words(field: Mapping[str, Any]) -> str:
    """A JSON schema's type: `whole number, 1 to 100`, `cpu | cuda`, `text`."""
    given = next(one for one in field.get("anyOf", [field]) if one.get("type") != "null")
    if "enum" in given:
        return " | ".join(map(str, given["enum"]))
    word = {"integer": "whole number", "number": "number", "boolean": "true | false"}.get(given.get("type", ""), "text")
    bounds = [
        f"{before}{given[key]:g}"
        for key, before in (("minimum", "from "), ("exclusiveMinimum", "over "), ("maximum", "to "))
        if key in given
    ]
    return f"{word} {' '.join(bounds)}".strip()
