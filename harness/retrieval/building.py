"""The retrievers of a run, built once each: a hybrid shares its parts with the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import IndexError_, SpecError
from harness.records import OptionValue, Snippet
from harness.retrieval.kept_indexes import kept_name, note_key, remove_index
from harness.retrieval.protocol import RETRIEVERS, Fusing, Retriever, RetrieverSpec, parse_retriever
from harness.retrieval.source import source_digest, word_analyser


def build_retrievers(
    specs: Sequence[RetrieverSpec],
    snippets: Sequence[Snippet],
    indexes: Path,
    notes: list[str] | None = None,
    *,
    language: str,
) -> dict[str, Retriever]:
    """Return the retrievers by label, in the order of `specs`. Indexes are kept in the folder `indexes`.

    The option `index` of any retriever names an index folder of the user's own instead. A retriever that is made of
    others takes them by label, or builds them where no label has the name. An index that cannot be stored in `indexes`
    is built in memory, and `notes` says so.
    """
    builder = _Builder(
        {spec.label: spec for spec in specs}, snippets, indexes, [] if notes is None else notes, language
    )
    return {spec.label: builder.get(spec.label) for spec in specs}


@dataclass
class _Builder:
    specs: Mapping[str, RetrieverSpec]
    snippets: Sequence[Snippet]
    indexes: Path
    notes: list[str]
    language: str
    built: dict[str, Retriever] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._digest = source_digest(self.snippets)

    def get(self, label: str) -> Retriever:
        if label not in self.built:
            if label in self.begun:
                raise SpecError(
                    f"{' -> '.join([*self.begun, label])}: a retriever cannot be made of itself.", field="of"
                )
            self.begun.append(label)
            self.built[label] = self._build(self.specs.get(label) or parse_retriever(label))
            self.begun.pop()
        return self.built[label]

    def _build(self, spec: RetrieverSpec) -> Retriever:
        kind = RETRIEVERS.get(spec.name)
        made_of_others: object = kind
        if isinstance(made_of_others, Fusing):
            parts = {label: self.get(label) for label in made_of_others.parts(spec.options)}
            return made_of_others.fuse(parts, spec.options, [snippet.id for snippet in self.snippets])
        options = {key: value for key, value in spec.options.items() if key != "index"}
        if "index" in spec.options:
            return kind.build(self.snippets, options, Path(str(spec.options["index"])), language=self.language)
        try:
            return self._kept(kind, spec, options)
        except OSError as error:
            self.notes.append(f"the index of {spec.label} could not be kept in the cache ({error.strerror or error})")
            return kind.build(self.snippets, options, None, language=self.language)

    def _kept(self, kind: type[Retriever], spec: RetrieverSpec, options: Mapping[str, OptionValue]) -> Retriever:
        """Open the index in its folder of the cache, or build it there: again, where the one that is there is damaged."""
        made_of = self._made_of(spec)
        folder = self.indexes / kept_name(made_of)
        try:
            built = kind.build(self.snippets, options, folder, language=self.language)
        except IndexError_ as error:  # a folder of the cache is named by what is in it: anything else is damage
            problem = error.problem.partition(". ")[0]
            self.notes.append(f"the index of {spec.label} in the cache was damaged, and was built again ({problem})")
            remove_index(folder)
            built = kind.build(self.snippets, options, folder, language=self.language)
        note_key(folder, made_of)
        return built

    def _made_of(self, spec: RetrieverSpec) -> bytes:
        """Return what the index is made of, as JSON: its digest is the name of its folder."""
        import msgspec

        own = getattr(RETRIEVERS.get(spec.name), "analyser", None)
        analyser = word_analyser(self.language) if own is None else own(self.language, spec.options)
        made_of = [spec.name, dict(spec.options), self._digest, analyser.name, analyser.language]
        return msgspec.json.encode(made_of, order="sorted")
