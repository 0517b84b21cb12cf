"""The repair `replacements`: runs of words that a recogniser gets wrong become what was meant, by a table.

The table is a user's file, or is learnt from transcripts whose reference is known. A table that was learnt from some questions
helps others only as far as they hold the same names: judged, it never rests on the questions that it is judged on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, ClassVar, Final

import msgspec

from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import Example, MitigationSpec, Repaired, Setting, read_options
from harness.mitigation.replacement_table import ReplacementTable, Run, replaced
from harness.records import Transcript
from harness.retrieval.source import source_digest

_COUNTS: Final = (3, 2, 1)


class ReplacementsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of `replacements`."""

    file: Annotated[
        str | None,
        msgspec.Meta(description="a table, as `harness mitigation learn` writes it; left out, one is learnt"),
    ] = None
    count: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None,
        msgspec.Meta(description="how often a replacement was counted at least; left out, chosen on other questions"),
    ] = None
    share: Annotated[
        float,
        msgspec.Meta(
            description="of the places where the words stood, the least share where they were wrong", gt=0, le=1
        ),
    ] = 0.5


class Replacements:
    """Replaces what a table says. Without a file and untaught, it has no table and changes nothing."""

    option_type: ClassVar = ReplacementsOptions

    def __init__(self, spec: MitigationSpec, corpus: Corpus, table: ReplacementTable | None = None) -> None:
        self._spec, self._options, self._corpus = spec, read_options(spec, ReplacementsOptions), corpus
        self.grid: Sequence[Setting] = [
            {"count": count} for count in (_COUNTS if self._options.count is None else (self._options.count,))
        ]
        self._table = self._given() if table is None else table
        self._rules: dict[int, dict[Run, Run]] = {}

    def _given(self) -> ReplacementTable:
        file = self._options.file
        return ReplacementTable() if file is None else ReplacementTable.read(Path(file), self._corpus.language)

    def identity(self) -> Mapping[str, str | float]:
        """Return the options and the digest of the file; a learnt table follows from the transcripts."""
        file = self._options.file
        return {
            "share": self._options.share,
            "table": "learnt" if file is None else sha256(Path(file).read_bytes()).hexdigest(),
        }

    def learnt(self, examples: Sequence[Example]) -> Replacements:
        """Return the repair with the table that these examples teach, or with what its file has from no other questions.

        A file that was learnt from the transcripts of another suite, and what a user wrote, says nothing about the questions here
        and stays whole.
        """
        if self._options.file is None:
            return Replacements(self._spec, self._corpus, ReplacementTable.learnt(examples, self._corpus.language))
        question_ids = {example.question_id for example in examples}
        source = self._table.source
        learnt_here = source is not None and source.snippets == source_digest(self._corpus.snippets)
        if learnt_here or not question_ids.isdisjoint(self._table.question_ids):
            return Replacements(self._spec, self._corpus, self._table.within(question_ids))
        return self

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        """Return each transcript with its runs replaced; `None` where no run is in the table."""
        least = int(setting["count"])
        if least not in self._rules:
            self._rules[least] = self._table.rules(least, self._options.share)
        return [self._replaced(transcript, self._rules[least]) for transcript in transcripts]

    def _replaced(self, transcript: Transcript, rules: Mapping[Run, Run]) -> WeightedQuery | None:
        words = self._corpus.query(transcript.text).words
        changed = replaced(words, rules)
        return None if changed == words else WeightedQuery(changed)
