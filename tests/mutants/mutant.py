"""What a mutant is: a small edit that makes the package wrong, and the test that fails then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` stands exactly once in `harness/{file}` and becomes `new`; the test `tests/{test}` (`file::name`) fails then."""

    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.old.split())[:50]} -> {' '.join(self.new.split())[:50]}"


def edits(file: str, test_file: str, *each: tuple[str, str, str]) -> tuple[Mutant, ...]:
    """Edits of one file that tests of one file notice: old text, new text, name of the test."""
    return tuple(Mutant(file, old, new, f"{test_file}::{test}") for old, new, test in each)
