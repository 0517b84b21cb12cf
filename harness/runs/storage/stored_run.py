"""A run as it is stored in its folder: the one reader for all that show, compare or export it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.analysis.summary import Summary
from harness.errors import HarnessError, RunError
from harness.records import BackendSpec, PlannedSample, Sample
from harness.runs.spec import RunSpec
from harness.runs.storage.evidence import Evidence, gather
from harness.runs.storage.record import RunRecord
from harness.runs.storage.store import RunStore
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.rarity import Rarity
from harness.words.runaway import with_runaway
from harness.words.text.normalisers import normaliser

Result = TypeVar("Result")
OF_BACKENDS = (  # parts of a summary that name backends
    "rows", "words", "attribution", "dose_response", "contrasts", "agreement", "retriever_comparisons", "not_speech",
)  # fmt: skip


@dataclass(frozen=True)
class StoredRun:
    """A run with its figures. `prefix` stands before its backends' labels where several runs are side by side.

    Everything but record and summary is read when it is first asked for, and raises `RunError` where it does not read.
    """

    folder: Path
    record: RunRecord
    summary: Summary
    prefix: str = ""

    @classmethod
    def read(cls, folder: Path | str, prefix: str = "") -> StoredRun:
        """Read a run. Raises `RunError` when there is no finished run in `folder`, or one of another version."""
        store = RunStore(Path(folder))
        record, summary = store.read_run(), store.read_summary()
        return cls(store.folder, record, replace(summary, normaliser=record.normaliser), prefix)

    @cached_property
    def spec(self) -> RunSpec:
        """What was asked for. Raises `RunError` for a spec of another version."""
        try:
            return msgspec.convert(self.record.spec, RunSpec)
        except msgspec.ValidationError as error:
            raise RunError(
                f"does not read as a spec of this version: {error}. Run it again elsewhere.",
                file=self.folder / "run.json",
                field="spec",
            ) from error

    @property
    def verified(self) -> bool:
        """Whether what it holds is checked by digests. Runs of early versions carry none."""
        return self.record.files is not None

    @property
    def language(self) -> str:
        """The suite's language."""
        return self.record.suite["language"]

    @cached_property
    def rarity(self) -> Rarity:
        """How the run tells rare words. Raises `RunError` where its list of them is not there any more, or has changed."""
        file, rare_words = self.folder / "run.json", self.spec.rare_words
        if rare_words is None:
            return Rarity(self.language, self.spec.rare_threshold)
        rules = normaliser(self.spec.normaliser, self.language)
        try:
            rarity = Rarity.read(self.language, self.spec.rare_threshold, rare_words, rules.tokenise)
        except HarnessError as error:
            raise RunError(f"its list of rare words does not read: {error}", file=file, field="spec") from error
        if rarity.digest != self.record.digests.get("rare_words"):
            raise RunError(f"its list of rare words, {rare_words}, is not what it was", file=file, field="spec")
        return rarity

    @property
    def backends(self) -> dict[str, BackendSpec]:
        """The backends as they were asked for, by the labels of the run."""
        return {backend.label: backend for backend in self.spec.backends}

    @cached_property
    def plan(self) -> tuple[PlannedSample, ...]:
        """Every sample that was planned, in the order of work."""
        return tuple(self._store.read_plan())

    @cached_property
    def samples(self) -> Mapping[str, Sample]:
        """Finished samples by key, failed ones among them, in the order of the plan."""
        stored = self._store.read_whole(self.plan)
        return {planned.key: with_runaway(stored[planned.key]) for planned in self.plan if planned.key in stored}

    def study(self, name: str, kind: type[Result]) -> Result | None:
        """The result of a study, read as what the study makes; `None` where the run has none of that name."""
        return self._store.read_study(name, kind)

    def counted_samples(self) -> dict[tuple[str, str], list[Sample]]:
        """Return the samples that figures are made of, by backend and condition, in the order of the plan: the failed among
        them, unless the spec leaves those out.
        """
        counted: dict[tuple[str, str], list[Sample]] = {}
        for planned in self.plan:
            samples = counted.setdefault((planned.backend, planned.condition), [])
            sample = self.samples.get(planned.key)
            if sample is not None and (sample.status == "ok" or self.spec.missing == "count"):
                samples.append(sample)
        return counted

    @property
    def evidence(self) -> Evidence:
        """The questions, utterances and snippets that the samples refer to: what the run kept, or, where it kept none, what
        its suite says, if that is there unchanged; else nothing.
        """
        return self._evidence_and_suite[0]

    @property
    def suite_root(self) -> Path | None:
        """The folder of its suite; `None` where that is gone."""
        return self._evidence_and_suite[1]

    def labelled_summary(self) -> Summary:
        """Return the summary under labels with the prefix."""
        if not self.prefix:
            return self.summary
        parts: dict[str, Any] = {
            name: tuple(replace(one, backend=self.prefix + one.backend) for one in getattr(self.summary, name))
            for name in OF_BACKENDS
        }
        return replace(self.summary, **parts)

    def labelled_samples(self) -> Iterator[Sample]:
        """Yield the samples under labels with the prefix."""
        for sample in self.samples.values():
            yield replace(sample, backend=self.prefix + sample.backend) if self.prefix else sample

    def compress(self) -> None:
        """Compress its files where they lie: see `RunStore.compress`."""
        self._store.compress()

    @property
    def _store(self) -> RunStore:
        return RunStore(self.folder, self.record)

    @cached_property
    def _evidence_and_suite(self) -> tuple[Evidence, Path | None]:
        try:
            root = find_suite(self.spec.suite)
        except HarnessError:
            root = None
        kept = self._store.read_evidence()
        if kept is not None:
            return kept, root
        if root is not None:
            try:
                suite = load_suite(root)
            except HarnessError:
                return Evidence(), None
            if suite.digest == self.record.digests.get("suite"):
                return gather(suite, self.samples.values()), root
        return Evidence(), None


def read_side_by_side(folders: Sequence[Path]) -> tuple[StoredRun, ...]:
    """Read several runs under labels that tell them apart: `run/backend`, by the name of each folder, or by its whole path where
    two have one name. A single run keeps its labels.
    """
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    prefixes = [f"{name}/" if len(folders) > 1 else "" for name in names]
    return tuple(StoredRun.read(folder, prefix) for folder, prefix in zip(folders, prefixes, strict=True))
