"""What a run is made with: the backends, retrievers and answerer that its spec names, built for its suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.analysis.outcomes import Judge
from harness.answering.protocol import ANSWERERS, Answerer
from harness.asr.bias_list import BiasList
from harness.asr.protocol import BACKENDS, Backend, BackendContext
from harness.errors import SpecError
from harness.files import default_cache
from harness.records import BackendSpec, Suite
from harness.retrieval.building import build_retrievers
from harness.retrieval.protocol import Retriever
from harness.runs.spec import NO_ANSWERER, RunSpec
from harness.words.languages import shortcomings


@dataclass(frozen=True)
class Parts:
    """Backends, their bias lists and retrievers by label; `answerer` is `None` where nothing is answered.

    `notes` are for a person.
    """

    backends: Mapping[str, Backend]
    lists: Mapping[str, BiasList]
    retrievers: Mapping[str, Retriever]
    answerer: Answerer | None
    notes: tuple[str, ...] = ()


def build_parts(suite: Suite, spec: RunSpec, lists: Sequence[BiasList], notes: Sequence[str] = ()) -> Parts:
    """Build all parts, the backends with their bias lists; no recogniser's model is loaded. `notes` stand first in theirs.

    Raises `HarnessError`s for what means nothing or is missing.
    """
    told = [*notes, *shortcomings(suite.language), *_shortages(spec, lists)]
    retrievers = (
        build_retrievers(spec.retrievers, suite.snippets, default_cache() / "indexes", told, language=suite.language)
        if suite.snippets
        else {}
    )
    by_label = {backend.label: bias for backend, bias in zip(spec.backends, lists, strict=True)}
    backends = {backend.label: _backend(backend, suite, by_label[backend.label]) for backend in spec.backends}
    told += [f"{label}: {note}" for label, backend in backends.items() for note in getattr(backend, "notes", ())]
    answerer = _answerer(suite, spec)
    told += getattr(answerer, "notes", ())
    return Parts(backends, by_label, retrievers, answerer, tuple(told))


def true_sizes(spec: RunSpec, lists: Sequence[BiasList]) -> RunSpec:
    """Return the spec with the true number of distractors in the labels of backends for which there are fewer than asked for."""
    return replace(
        spec, backends=tuple(_true_size(backend, bias) for backend, bias in zip(spec.backends, lists, strict=True))
    )


def _true_size(backend: BackendSpec, bias: BiasList) -> BackendSpec:
    n = bias.drawn.n_distractors if bias.drawn else None
    told = f"({n} distractors)"
    if n == backend.distractors or told in backend.label:
        return backend
    return replace(backend, label=f"{backend.label} {told}")


def _shortages(spec: RunSpec, lists: Sequence[BiasList]) -> list[str]:
    """Return a sentence for each list that is shorter than asked for."""
    return [
        f"{backend.label}: {backend.distractors} distractors were asked for, and the suite's names and the titles of its "
        f"snippets give {bias.drawn.n_distractors}"
        for backend, bias in zip(spec.backends, lists, strict=True)
        if bias.drawn and bias.drawn.n_distractors != backend.distractors
    ]


def _backend(spec: BackendSpec, suite: Suite, bias: BiasList) -> Backend:
    return BACKENDS.get(spec.name)(spec, BackendContext(suite.root, suite.language, bias, suite.utterances))


def _answerer(suite: Suite, spec: RunSpec) -> Answerer | None:
    """Return the spec's answerer, or `None` where there is nothing to answer from or nothing to judge answers by."""
    judged = bool(suite.snippets) and any(question.answers is not None for question in suite.questions)
    judge = Judge.named(spec.outcome)
    if not judged and (judge.reads or judge.by_text):
        raise SpecError(
            f"is {spec.outcome!r}, but the suite has no accepted answers, or no snippets. Take hit@1, or add them.",
            field="outcome",
        )
    if not judged or spec.answerer is None or spec.answerer.name == NO_ANSWERER:
        return None
    return ANSWERERS.get(spec.answerer.name)(spec.answerer, suite.language)
