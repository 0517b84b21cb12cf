"""Names to plug-ins: lazy, open to other packages through entry points, and with suggestions for misspelt names.

One `Registry` serves every kind of plug-in. Built-in ones are given as `"module:attribute"` and are imported only
when asked for, so listing names costs nothing. Another package adds one with an entry point in the registry's group:

    [project.entry-points."harness.backends"]
    my-engine = "my_package.engine:MyEngine"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

from harness.errors import UnknownName, UsageError

T = TypeVar("T")


class Registry(Generic[T]):
    """A mapping from names to objects that are imported on first use.

    `kind` is the word used in messages ("backend"), `group` the entry-point group ("harness.backends").
    """

    def __init__(self, kind: str, group: str, builtin: Mapping[str, str]) -> None:
        self.kind, self.group = kind, group
        self._builtin = dict(builtin)

    def _targets(self) -> dict[str, str]:
        from importlib.metadata import entry_points  # 15 ms: not paid by `--help`

        others = {point.name: point.value for point in entry_points(group=self.group)}
        return {**others, **self._builtin}  # an installed package cannot shadow a built-in name unnoticed

    def names(self) -> list[str]:
        """Return all known names, sorted."""
        return sorted(self._targets())

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self._builtin or name in self._targets()

    def get(self, name: str) -> T:
        """Return the object registered as `name`. Raises `UnknownName`; `UsageError` if an outside plug-in will not load."""
        target = self._builtin.get(name) or self._targets().get(name)
        if target is None:
            raise UnknownName(self.kind, name, self.names())
        module, _, attribute = target.partition(":")
        try:
            plugin: T = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            if name in self._builtin:
                raise
            raise UsageError(
                f"the {self.kind} {name!r} is declared as {target!r} by an installed package, but does not load: "
                f"{error}. Repair or remove that package."
            ) from error
        return plugin
