"""One run from beginning to end: plan, recognise, judge, keep, sum up. The same call again goes on where it stopped."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Unpack

import msgspec

from harness.analysis.outcomes import RetrievalJudge
from harness.analysis.summary import Population, Summary, entity_band, summarise
from harness.asr.conditions import build as build_condition
from harness.asr.protocol import BACKENDS, Backend, BackendContext
from harness.errors import HarnessError, RunError, SpecError, SuiteError, UsageError
from harness.records import BackendSpec, Failure, Sample, Suite
from harness.retrieval.impact_index import ImpactIndex, ImpactRetriever
from harness.retrieval.protocol import RETRIEVERS, Retriever
from harness.retrieval.source import source_digest
from harness.runs.audio_source import AudioSource
from harness.runs.cache import TranscriptCache, default_cache
from harness.runs.circuit import Patience
from harness.runs.evaluate import Evaluator
from harness.runs.executor import Execution
from harness.runs.interrupt import Interrupts
from harness.runs.plan import PlannedSample, plan_samples
from harness.runs.recogniser import Limits, Recognised, Recogniser, Task
from harness.runs.record import command_line, new_record, now
from harness.runs.spec import Overrides, RetrieverSpec, RunSpec, override, read_spec, with_defaults
from harness.runs.store import BackendWork, RunRecord, RunStore, writing
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.entities import lexicon
from harness.words.normalise import NORMALISER_VERSION

Progress = Callable[[int, int, Sample], None]  # samples done, samples planned, the newest one


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
    `backends` (`["pocketsphinx,preset=fast"]`), `conditions`, `retrievers`, `limit` (questions), `seed`, `retries` (how
    often a sample is tried again where that may help) and `timeout` (seconds after which a worker at one sample is taken
    for hung). `jobs` is the number of worker processes (all cores unless set). Finished samples of an earlier, identical
    call in the same folder are kept; failed ones are tried again. Ctrl-C finishes the line that is being written.

    Raises `HarnessError`s: for a spec or suite that is wrong, before any work; for a folder that cannot be written, and
    where no backend can be loaded; never for a single sample.
    """
    spec = read_spec(Path(target)) if str(target).endswith(".toml") else RunSpec(suite=str(target))
    spec = with_defaults(override(spec, overrides))
    suite = load_suite(find_suite(spec.suite))
    workers = (os.cpu_count() or 1) if jobs is None else jobs
    this = _Run(suite, spec, out or default_folder(suite, spec), workers, command_line(target, overrides))
    return this.execute(progress)


def default_folder(suite: Suite, spec: RunSpec) -> Path:
    """`results/<suite>-<digest>`: the digest is of suite and spec, so the same command finds the same folder."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", suite.name).lstrip(".")[:60] or "run"
    return Path("results") / f"{safe}-{_spec_digest(suite, spec)[:8]}"


def _spec_digest(suite: Suite, spec: RunSpec) -> str:
    """The suite counts by content, not by where it lies."""
    return replace(spec, suite=suite.digest).digest()


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
        self.notes: list[str] = []
        self.retrievers = self._retrievers()
        self.evaluator = Evaluator(
            suite,
            self.retrievers,
            spec.rare_threshold,
            RetrievalJudge.named(spec.outcome),
            spec.seed,
            spec.entity_pipeline,
        )

    def execute(self, progress: Progress | None) -> RunResult:
        from filelock import FileLock, Timeout

        interrupts, lock = Interrupts(), FileLock(self.store.folder / ".lock", blocking=False)
        try:
            with writing(self.store.folder):
                self.store.folder.mkdir(parents=True, exist_ok=True)
                (self.store.folder / ".lock").touch()
            with interrupts.watched(), lock:
                return self._execute(progress, interrupts)
        except Timeout as error:
            raise RunError(
                "another process is writing this run. Wait for it, or choose another folder with `--out`.",
                file=self.store.folder,
            ) from error

    def _execute(self, progress: Progress | None, interrupts: Interrupts) -> RunResult:
        labels = list(self.backends)
        if self.store.exists():
            record = self._resumed(self.store.read_run())
            samples = self.store.read_samples(labels)
        else:
            record, samples = self._new_record(), {}
        self.store.write_plan(self.plan)
        self.store.write_run(record)
        execution = self._execution()
        try:
            self._work(execution, samples, progress, interrupts)
            record = self._with_work(record, execution)
            self._require_some(execution, samples)
            self.store.rewrite_samples(self.plan, samples)
            return self._finish(record, samples)
        except KeyboardInterrupt:
            record = self._with_work(record, execution)
            self.store.write_run(replace(record, status="cancelled", finished_at=now()))
            raise

    def _execution(self) -> Execution:
        conditions = {condition.label: build_condition(condition) for condition in self.spec.conditions}
        source = AudioSource(self.suite.root, self.suite.utterances, conditions, self.spec.seed)
        limits = Limits(sample=self.spec.timeout)
        recogniser = Recogniser(source, self.backends, TranscriptCache(default_cache()), limits)
        return Execution(recogniser, self.jobs, Patience(retries=self.spec.retries))

    def _work(
        self, execution: Execution, samples: dict[str, Sample], progress: Progress | None, interrupts: Interrupts
    ) -> None:
        """Recognises and judges what is not finished yet; every sample is kept as soon as it is judged."""
        finished = {key for key, sample in samples.items() if sample.status == "ok"}
        todo = [planned for planned in self.plan if planned.key not in finished]
        utterances = {utterance.id: utterance for utterance in self.suite.utterances}
        tasks = [Task(utterances[planned.utterance_id], planned.condition, planned.backend) for planned in todo]
        with self.store.appending() as appender, closing(execution.run(tasks)) as results:
            for position, recognised in results:
                sample = self._judge(todo[position], recognised)
                with interrupts.held():
                    appender.append(sample)
                    samples[sample.key] = sample
                if progress:
                    progress(len(samples), len(self.plan), sample)

    def _require_some(self, execution: Execution, samples: Mapping[str, Sample]) -> None:
        """Raises `HarnessError` where no backend could be loaded: there is nothing to report then."""
        unloadable = execution.unloadable
        if set(self.backends) <= set(unloadable) and not any(s.status == "ok" for s in samples.values()):
            reasons = "; ".join(f"{label}: {reason}" for label, reason in unloadable.items())
            raise HarnessError(
                f"no backend could be loaded, so nothing was recognised. {reasons}. The same command then tries again."
            )

    def _with_work(self, record: RunRecord, execution: Execution) -> RunRecord:
        """The record with what was done in this call, added to what earlier calls did."""
        work = dict(record.work)
        for label, done in execution.work.items():
            work[label] = work.get(label, BackendWork()).plus(done)
        return replace(record, work=work, notes=(*self.notes, *execution.notes))

    def _judge(self, planned: PlannedSample, recognised: Recognised) -> Sample:
        if isinstance(recognised.result, Failure):
            return self.evaluator.failed(planned, recognised.result)
        timings = {}
        if recognised.recognition_seconds is not None and recognised.audio_seconds is not None:
            timings = {"audio": recognised.audio_seconds, "recognise": recognised.recognition_seconds}
        return self.evaluator.judged(planned, recognised.result, timings)

    def _finish(self, record: RunRecord, samples: Mapping[str, Sample]) -> RunResult:
        errors = sum(sample.status == "error" for sample in samples.values())
        summary = self._summarise(samples)
        self.store.write_summary(summary)
        sources = Counter(self.evaluator.reference(q).mentions.source for q in {p.question_id for p in self.plan})
        record = replace(
            record,
            status="partial" if errors else "complete",
            finished_at=now(),
            entity_sources=dict(sorted(sources.items())),
        )
        self.store.write_run(record)
        return RunResult(self.store.folder, record, summary, len(self.plan), errors)

    def _retrievers(self) -> dict[str, Retriever]:
        return {r.label: self._retriever(r) for r in self.spec.retrievers} if self.suite.snippets else {}

    def _retriever(self, spec: RetrieverSpec) -> Retriever:
        """The option `index` names an index folder of the user's own; otherwise one is kept in the cache."""
        snippets, kind = self.suite.snippets, RETRIEVERS.get(spec.name)
        options = {key: value for key, value in spec.options.items() if key != "index"}
        if "index" in spec.options:
            return kind.build(snippets, options, Path(str(spec.options["index"])))
        made_of = msgspec.json.encode([spec.name, options, source_digest(snippets), NORMALISER_VERSION], order="sorted")
        try:
            return kind.build(snippets, options, default_cache() / "indexes" / sha256(made_of).hexdigest())
        except OSError as error:
            self.notes.append(f"the index of {spec.label} could not be kept in the cache ({error.strerror})")
            return kind.build(snippets, options, None)

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
        return new_record(
            self.suite, self.spec, _spec_digest(self.suite, self.spec), self.backends, self.retrievers, self.command
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
        return replace(record, started_at=earlier.started_at, work=earlier.work)


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
