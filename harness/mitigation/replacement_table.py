"""A table of replacements: runs of words as a recogniser writes them, and what was meant.

A file of JSON lines, to be read and edited by a person:

    {"hypothesis": "button brooks", "reference": "buddenbrooks", "count": 3, "questions": {"q1": 2, "q7": 1}, "kept": {"q9": 1}}

`hypothesis` and `reference` are enough; such a line always holds. `questions` says in which questions it was counted, and how
often; `kept` in which questions the same words stood rightly. A table that was learnt from a run begins with a line that names
what it was learnt from, so that it can be judged without the questions that it is judged on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Self

import msgspec

from harness.errors import UsageError
from harness.files import write_atomically
from harness.mitigation.protocol import Example
from harness.words.align import align, error_regions
from harness.words.text.normalise import tokenise

Run = tuple[str, ...]  # normalised words
Counts = dict[str, int]  # by question

LONGEST: Final = 6  # words of a run on either side
_MOST_BYTES: Final = 100_000_000


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    hypothesis: Annotated[str, msgspec.Meta(min_length=1)]
    reference: Annotated[str, msgspec.Meta(min_length=1)]
    count: int | None = None
    questions: dict[str, int] | None = None
    kept: dict[str, int] = {}


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a table was learnt from: the digest of the suite's snippets, its name, and the backend."""

    snippets: str
    suite: str = ""
    backend: str = ""


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    learnt_from: Source


@dataclass
class ReplacementTable:
    """Misrecognised runs by what was meant, with counts by question; `own` are a user's lines, which always hold."""

    wrong: dict[Run, dict[Run, Counts]] = field(default_factory=dict)
    kept: dict[Run, Counts] = field(default_factory=dict)
    own: dict[Run, Run] = field(default_factory=dict)
    source: Source | None = None

    @classmethod
    def learnt(cls, examples: Sequence[Example], language: str, source: Source | None = None) -> Self:
        """Return what these examples teach. Words that were left out or added by the recogniser teach nothing."""
        table = cls(source=source)
        pairs = [(one.question_id, *_aligned(one.reference, one.transcript.text, language)) for one in examples]
        for question_id, wrong, _ in pairs:
            for written, meant in wrong:
                counts = table.wrong.setdefault(written, {}).setdefault(meant, {})
                counts[question_id] = counts.get(question_id, 0) + 1
        for question_id, _, right in pairs:
            for run in right:
                if run in table.wrong:
                    counts = table.kept.setdefault(run, {})
                    counts[question_id] = counts.get(question_id, 0) + 1
        return table

    def within(self, question_ids: Collection[str]) -> Self:
        """Return the table as these questions alone teach it."""
        wrong = {
            written: left
            for written, by_meaning in self.wrong.items()
            if (left := {meant: own for meant, counts in by_meaning.items() if (own := _of(counts, question_ids))})
        }
        kept = {run: own for run, counts in self.kept.items() if (own := _of(counts, question_ids))}
        return type(self)(wrong, kept, self.own, self.source)

    @property
    def question_ids(self) -> set[str]:
        """The questions that taught it."""
        return {identity for by_meaning in self.wrong.values() for counts in by_meaning.values() for identity in counts}

    def rules(self, least: int, share: float) -> dict[Run, Run]:
        """Return what replaces what: the likeliest meaning of a run, counted at least `least` times, and in at least `share` of
        the places where the run stood.
        """
        rules = {}
        for written, by_meaning in self.wrong.items():
            totals = {meant: sum(counts.values()) for meant, counts in by_meaning.items()}
            meant = min(totals, key=lambda one: (-totals[one], one))
            n_kept = sum(self.kept.get(written, {}).values())
            if totals[meant] >= least and totals[meant] >= share * (sum(totals.values()) + n_kept):
                rules[written] = meant
        return {**rules, **self.own}

    # ---- its file ----------------------------------------------------------------------------------------------------

    @classmethod
    def read(cls, path: Path, language: str) -> Self:
        """Read a table. Raises `UsageError`, with the line, for what does not read."""
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise UsageError(f"{path}: more than {_MOST_BYTES:,} bytes: expected a table of replacements")
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path}: {error.strerror or error}; expected a table of replacements, such as harness mitigation learn writes"
            ) from error
        table = cls()
        for number, line in enumerate(content.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                if not table.wrong and not table.own and b'"learnt_from"' in line:
                    table.source = msgspec.json.decode(line, type=_Header).learnt_from
                else:
                    table._add(msgspec.json.decode(line, type=_Line), language)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise UsageError(
                    f'{path}:{number}: {error}; expected {{"hypothesis": "as recognised", "reference": "as meant"}}'
                ) from error
        return table

    def _add(self, line: _Line, language: str) -> None:
        written, meant = (tuple(tokenise(text, language)) for text in (line.hypothesis, line.reference))
        if not written:
            raise msgspec.ValidationError(f"the hypothesis {line.hypothesis!r} has no word")
        if line.questions is None:
            self.own[written] = meant
            return
        self.wrong.setdefault(written, {})[meant] = line.questions
        if line.kept:
            self.kept[written] = line.kept

    def write(self, path: Path) -> int:
        """Write the table, the most frequent first, and return how many replacements. Raises `UsageError` where it cannot."""
        lines = [
            _Line(" ".join(written), " ".join(meant), sum(counts.values()), counts, self.kept.get(written, {}))
            for written, by_meaning in self.wrong.items()
            for meant, counts in by_meaning.items()
        ]
        lines.sort(key=lambda line: (-(line.count or 0), line.hypothesis, line.reference))
        lines += [_Line(" ".join(written), " ".join(meant)) for written, meant in sorted(self.own.items())]
        header = [] if self.source is None else [_Header(self.source)]
        try:
            write_atomically(path, msgspec.json.Encoder().encode_lines([*header, *lines]))
        except OSError as error:
            problem = (
                f"{path}: {error.strerror or error}; expected a file in a folder that exists and may be written to"
            )
            raise UsageError(problem) from error
        return len(lines)


def _of(counts: Mapping[str, int], question_ids: Collection[str]) -> Counts:
    return {identity: n for identity, n in counts.items() if identity in question_ids}


@lru_cache(maxsize=50_000)
def _aligned(reference: str, hypothesis: str, language: str) -> tuple[tuple[tuple[Run, Run], ...], tuple[Run, ...]]:
    """Return the misrecognised runs of a hypothesis with what was meant, and the runs of words in it that are right."""
    meant, written = tokenise(reference, language), tokenise(hypothesis, language)
    regions = error_regions(align(meant, written))
    wrong = (
        (
            tuple(written[region.hypothesis_start : region.hypothesis_end]),
            tuple(meant[region.reference_start : region.reference_end]),
        )
        for region in regions
    )
    right: list[Run] = []
    begin = 0
    for start, end in [*((one.hypothesis_start, one.hypothesis_end) for one in regions), (len(written), len(written))]:
        right += _runs(written[begin:start])
        begin = end
    return tuple((one, other) for one, other in wrong if one and other and max(len(one), len(other)) <= LONGEST), tuple(
        right
    )


def _runs(words: Sequence[str]) -> Iterable[Run]:
    return (
        tuple(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
    )


def replaced(words: Sequence[str], rules: Mapping[Run, Run]) -> tuple[str, ...]:
    """Return the words with runs replaced, from left to right, the longest run first; what was put in is not looked at again."""
    longest = max(map(len, rules), default=0)
    result: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            if (meant := rules.get(tuple(words[place : place + length]))) is not None:
                result += meant
                place += length
                break
        else:
            result.append(words[place])
            place += 1
    return tuple(result)
