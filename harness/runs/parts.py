"""What a run is made with: the backends, retrievers and answerer that its spec names, built for its suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.outcomes import Judge
from harness.answering.protocol import ANSWERERS, Answerer
from harness.asr.protocol import BACKENDS, Backend, BackendContext
from harness.errors import SpecError
from harness.records import BackendSpec, Suite
from harness.retrieval.building import build_retrievers
from harness.retrieval.protocol import Retriever
from harness.runs.cache import default_cache
from harness.runs.spec import NO_ANSWERER, RunSpec
from harness.words.entities import lexicon


@dataclass(frozen=True)
class Parts:
    """Backends and retrievers by label; `answerer` is `None` where nothing is answered. `notes` are for a person."""

    backends: Mapping[str, Backend]
    retrievers: Mapping[str, Retriever]
    answerer: Answerer | None
    notes: tuple[str, ...] = ()


def build_parts(suite: Suite, spec: RunSpec) -> Parts:
    """Builds all parts; no recogniser's model is loaded. Raises `HarnessError`s for what means nothing or is missing."""
    notes: list[str] = []
    retrievers = (
        build_retrievers(spec.retrievers, suite.snippets, default_cache() / "indexes", notes) if suite.snippets else {}
    )
    backends = {backend.label: _backend(backend, suite) for backend in spec.backends}
    return Parts(backends, retrievers, _answerer(suite, spec), tuple(notes))


def bias_phrases(spec: BackendSpec, suite: Suite) -> tuple[str, ...]:
    """The phrases of a backend's bias list, none where it has no list. Raises `SpecError` for a list that is not there."""
    if spec.bias == "entities":
        phrases = lexicon(suite.questions)
        if not phrases:
            raise SpecError(
                "is 'entities', but the suite annotates none. Give a file with one phrase a line.", field="bias"
            )
        return phrases
    return _phrases(Path(spec.bias)) if spec.bias else ()


def _backend(spec: BackendSpec, suite: Suite) -> Backend:
    context = BackendContext(suite.root, bias_phrases(spec, suite), suite.utterances)
    return BACKENDS.get(spec.name)(spec, context)


def _phrases(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot be read as UTF-8 text, one phrase a line: {error}", file=path, field="bias") from error
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _answerer(suite: Suite, spec: RunSpec) -> Answerer | None:
    """The spec's answerer, or `None` where there is nothing to answer from or nothing to judge answers by."""
    judged = bool(suite.snippets) and any(question.answers is not None for question in suite.questions)
    if not judged and Judge.named(spec.outcome).reads:
        raise SpecError(
            f"is {spec.outcome!r}, but the suite has no accepted answers, or no snippets. Take hit@1, or add them.",
            field="outcome",
        )
    if not judged or spec.answerer is None or spec.answerer.name == NO_ANSWERER:
        return None
    return ANSWERERS.get(spec.answerer.name)(spec.answerer)
