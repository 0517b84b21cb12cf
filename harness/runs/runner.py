"""One run from beginning to end: plan, recognise, judge, keep, sum up. The same call again goes on where it stopped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

from harness.analysis.evaluation import Evaluator
from harness.analysis.outcomes import Judge
from harness.analysis.reader import Reader
from harness.analysis.rules import Rules, error_rate_of
from harness.analysis.summary import Population, Summary, entity_band, summarise
from harness.asr.bias_list import bias_lists, plain_counterparts
from harness.asr.conditions import Condition
from harness.asr.conditions import build as build_condition
from harness.asr.protocol import Backend, bias_count, words_sent
from harness.errors import HarnessError, NoResponse, RunError, SuiteError, UsageError
from harness.files import default_cache, safe_stem, writing
from harness.records import Failure, PlannedSample, Sample, Seconds, Suite, Utterance
from harness.retrieval.impact_index import ImpactIndex
from harness.retrieval.impact_retriever import ImpactRetriever
from harness.retrieval.source import WORDS, word_analyser
from harness.runs.defaults import default_backends, default_outcome
from harness.runs.execution.audio_source import AudioSource
from harness.runs.execution.circuit import Patience
from harness.runs.execution.dispatch import Execution
from harness.runs.execution.guarded_answerer import GuardedAnswerer
from harness.runs.execution.interrupt import Interrupts
from harness.runs.execution.local import LocalExecutor
from harness.runs.execution.protocol import Executor
from harness.runs.execution.recogniser import Recognised, Recogniser, Task, TimeLimits
from harness.runs.parts import Parts, build_parts, true_sizes
from harness.runs.plan import plan_samples
from harness.runs.result import Progress, RunResult, StudyProgress, is_whole
from harness.runs.spec import Overrides, RunSpec, check_spec, override, read_spec, with_defaults
from harness.runs.storage.cache import TranscriptCache
from harness.runs.storage.evidence import gather
from harness.runs.storage.record import (
    RunRecord,
    Status,
    command_line,
    new_record,
    now,
    rescored,
)
from harness.runs.storage.resuming import take_up
from harness.runs.storage.sample_lines import require_planned
from harness.runs.storage.store import RECORD, RunStore
from harness.runs.storage.work_ledger import WorkLedger, remove_ledger
from harness.runs.studies.compute import compute_studies
from harness.runs.studies.protocol import Finished, read_options
from harness.suites.describe import suite_audio_seconds
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite
from harness.words.languages import require_words
from harness.words.rarity import Rarity
from harness.words.runaway import with_runaway
from harness.words.text.normalisers import normaliser


def run(
    target: str | Path,
    *,
    out: Path | str | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    study_progress: StudyProgress | None = None,
    executor: Executor | None = None,
    rescore: bool = False,
    **overrides: Unpack[Overrides],
) -> RunResult:
    """Runs a spec file, a suite folder or a shipped suite, and returns what it found.

    `target` ending in `.toml` is a spec; anything else is a suite. `overrides` stand in place of what the spec says:
    `backends` (`["pocketsphinx,preset=fast"]`), `conditions`, `retrievers`, `answerer`, `rare_words` (a file, one word a
    line), `mitigations` (repairs to be judged), `utterances` (ids), `limit` (questions), `seed`, `retries` (how often a
    sample is tried again where that may help), `timeout` (seconds after which a worker at one sample is taken for hung),
    `keep_sound_tags` (score `(upbeat music)` as words) and `normaliser` (the rules by which texts are compared). `jobs` is
    the number of worker processes on this machine (all cores unless set); an `executor` in its place recognises elsewhere.
    Finished samples of an earlier, identical call in the same folder are kept; failed ones are tried again. Ctrl-C finishes
    the line that is being written. With `rescore` nothing is recognised: the transcripts that an earlier call left in the
    folder are judged by the rules of today, and take the place of the old samples when all of them are done.

    Raises `HarnessError`s: for a spec or suite that is wrong, before any work; for a folder that cannot be written, and
    where no backend can be loaded; never for a single sample.
    """
    spec = read_spec(Path(target)) if str(target).endswith(".toml") else RunSpec(suite=str(target))
    spec = with_defaults(override(spec, overrides))
    suite = load_suite(find_suite(spec.suite))
    _check_work(suite, jobs, executor)
    require_words(suite.language)
    rarity = Rarity.read(
        suite.language, spec.rare_threshold, spec.rare_words, normaliser(spec.normaliser, suite.language).tokenise
    )
    executor = executor or LocalExecutor(jobs or os.cpu_count() or 1)
    notes: tuple[str, ...] = ()
    if not spec.backends:
        defaults = default_backends(suite)
        spec, notes = check_spec(replace(spec, backends=defaults.backends)), defaults.notes
    if (outcome := default_outcome(suite, spec.outcome)) != spec.outcome:
        notes = (
            *notes,
            f"no question says which snippets are relevant, so the run judges by {outcome}, not {spec.outcome}",
        )
        spec = replace(spec, outcome=outcome)
    lists = bias_lists(spec.backends, suite, spec.seed, spec.entity_pipeline)
    spec = true_sizes(spec, lists)
    parts = build_parts(suite, spec, lists, notes)
    studies = {name: read_options(name, table) for name, table in spec.studies.items()}
    folder = Path(out) if out else default_folder(suite, spec, rarity)
    this = _Run(suite, spec, rarity, parts, folder, executor, command_line(target, overrides))
    this.studies, this.study_progress = studies, study_progress
    return this.execute(progress, rescore=rescore)


def _check_work(suite: Suite, jobs: int | None, executor: Executor | None) -> None:
    if not suite.utterances:
        raise SuiteError(
            "has no utterances.jsonl, so there is nothing to recognise. Add recordings, or replay transcripts with "
            "utterances that name no audio.",
            file=suite.root,
        )
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs is {jobs}; expected 1 or more")
    if jobs is not None and executor is not None:
        raise UsageError(
            "jobs counts processes of this machine, and an executor has its own workers. Give one of the two."
        )


def default_folder(suite: Suite, spec: RunSpec, rarity: Rarity) -> Path:
    """`results/<suite>-<digest>`: the digest is of suite and spec, so the same command finds the same folder."""
    return Path("results") / f"{safe_stem(suite.name, 60)}-{_spec_digest(suite, spec, rarity)[:8]}"


def _spec_digest(suite: Suite, spec: RunSpec, rarity: Rarity) -> str:
    """The suite and the list of rare words count by content, not by where they lie."""
    return replace(spec, suite=suite.digest, rare_words=rarity.digest).digest()


class _Run:
    """The state of one call of `run`."""

    def __init__(
        self,
        suite: Suite,
        spec: RunSpec,
        rarity: Rarity,
        parts: Parts,
        folder: Path,
        executor: Executor,
        command: str,
    ) -> None:
        self.rarity = rarity
        self.suite, self.spec, self.executor, self.command = suite, spec, executor, command
        self.digest = _spec_digest(suite, spec, rarity)
        self.store = RunStore(folder)
        self.plan = plan_samples(suite, spec)
        self.parts = parts
        self.studies: Mapping[str, Any] = {}
        self.study_progress: StudyProgress | None = None
        self.recovered: tuple[str, ...] = ()  # what a reader should know of a damaged record that was written anew
        self.normaliser = normaliser(spec.normaliser, suite.language)
        self._patience = Patience(retries=spec.retries)
        self.evaluator = Evaluator(
            suite,
            self.parts.retrievers,
            self.rarity,
            Judge.named(spec.outcome),
            spec.seed,
            spec.entity_pipeline,
            Reader(
                GuardedAnswerer(self.parts.answerer, self._patience),
                {s.id: s for s in suite.snippets},
                suite.language,
                spec.normaliser,
            )
            if self.parts.answerer
            else None,
            spec.keep_sound_tags,
            spec.normaliser,
        )

    def execute(self, progress: Progress | None, *, rescore: bool = False) -> RunResult:
        interrupts = Interrupts()
        if rescore and not (self.store.folder / RECORD).exists():
            raise RunError("no run to judge anew is here. Name its folder with `--out`.", file=self.store.folder)
        with writing(self.store.folder):
            self.store.folder.mkdir(parents=True, exist_ok=True)
            (self.store.folder / ".lock").touch()
        with interrupts.watched(), self.store.locked():
            return self._rescore(progress) if rescore else self._execute(progress, interrupts)

    def _execute(self, progress: Progress | None, interrupts: Interrupts) -> RunResult:
        samples: dict[str, Sample] = {}
        record = new_record(self.suite, self.spec, self.digest, self.parts, self.command, self.rarity.digest)
        ledger = WorkLedger(self.store.folder, {})
        if self.store.exists():
            record, ledger, self.recovered = take_up(self.store, record)
            stored = self.store.read_stored(self.parts.backends, record.owner)
            require_planned(stored.values(), self.plan)
            samples = {key: with_runaway(one.sample) for key, one in stored.items()}
        self.store.write_plan(self.plan)
        if record.files is not None:
            record = replace(record, files={**record.files, **self.store.digests})
        self.store.write_run(record)
        execution = self._execution()
        try:
            self._work(execution, samples, progress, interrupts, ledger)
            record = self._with_work(record, execution, ledger)
            self._require_some(execution, samples)
            self.store.rewrite_samples(self.plan, samples)
            return self._finish(record, samples, self.store)
        except KeyboardInterrupt:
            record = self._with_work(record, execution, ledger)
            self.store.write_run(replace(record, status="cancelled", finished_at=now()))
            raise

    def _rescore(self, progress: Progress | None) -> RunResult:
        """Judges the transcripts that are stored, in a new run that then takes the place of the old one."""
        earlier = self.store.read_run()
        before = replace(self.spec, normaliser=earlier.normaliser.partition(" ")[0])
        record = new_record(self.suite, self.spec, self.digest, self.parts, self.command, self.rarity.digest)
        record = rescored(earlier, record, _spec_digest(self.suite, before, self.rarity), self.store.folder)
        record = replace(record, notes=(*self.parts.notes, *record.notes))
        stored = self.store.read_samples(self.parts.backends)
        if self.parts.answerer:
            self.parts.answerer.warm_up()
        samples: dict[str, Sample] = {}
        for planned in (planned for planned in self.plan if planned.key in stored):
            samples[planned.key] = self._judged_anew(planned, stored[planned.key])
            if progress:
                progress(len(samples), len(self.plan), samples[planned.key])
        with self.store.replacing() as replacement:
            replacement.write_run(record)
            replacement.write_plan(self.plan)
            replacement.rewrite_samples(self.plan, samples)
            result = self._finish(record, samples, replacement)
        return replace(result, folder=self.store.folder)

    def _judged_anew(self, planned: PlannedSample, sample: Sample) -> Sample:
        if sample.transcript is None:
            failure = sample.error or Failure("recognise", "Unknown", "the sample has neither transcript nor reason")
            return self.evaluator.failed(planned, failure)
        return self.evaluator.judged(planned, sample.transcript, sample.timings, sample.bias)

    def _execution(
        self, conditions: Mapping[str, Condition] | None = None, others: Mapping[str, Backend] | None = None
    ) -> Execution:
        if conditions is None:
            conditions = {condition.label: build_condition(condition) for condition in self.spec.conditions}
        source = AudioSource(self.suite.root, self.suite.utterances, conditions, self.spec.seed)
        limits = TimeLimits(sample=self.spec.timeout)
        cache = TranscriptCache(default_cache())
        backends = {**self.parts.backends, **(others or {})}
        recogniser = Recogniser(source, backends, cache, limits, self.parts.lists)
        return Execution(recogniser, self.executor, self._patience)

    def _work(
        self,
        execution: Execution,
        samples: dict[str, Sample],
        progress: Progress | None,
        interrupts: Interrupts,
        ledger: WorkLedger,
    ) -> None:
        """Recognises and judges what is not finished yet; every sample is kept as soon as it is judged."""
        finished = {key for key, sample in samples.items() if is_whole(sample)}
        todo = [planned for planned in self.plan if planned.key not in finished]
        if todo and self.parts.answerer:
            self.parts.answerer.warm_up()
        tasks = [Task(self._utterances[planned.utterance_id], planned.condition, planned.backend) for planned in todo]
        with self.store.appending() as appender, closing(execution.run(tasks)) as results:
            for position, recognised in results:
                sample = self._judge(todo[position], recognised)
                with interrupts.held():
                    ledger.add({sample.backend: execution.work[sample.backend]})  # first: what is billed is never lost
                    appender.append(sample)
                    samples[sample.key] = sample
                if progress:
                    progress(len(samples), len(self.plan), sample)

    def _require_some(self, execution: Execution, samples: Mapping[str, Sample]) -> None:
        """Raises `HarnessError` where no backend could be loaded: there is nothing to report then."""
        unloadable = execution.unloadable
        if set(self.parts.backends) <= set(unloadable) and not any(s.status == "ok" for s in samples.values()):
            reasons = "; ".join(f"{label}: {reason}" for label, reason in unloadable.items())
            raise HarnessError(
                f"no backend could be loaded, so nothing was recognised. {reasons}. The same command then tries again."
            )

    def _with_work(self, record: RunRecord, execution: Execution, ledger: WorkLedger) -> RunRecord:
        """The record with what was done in this call, added to what earlier calls did."""
        ledger.add(execution.work)
        return replace(
            record, work=ledger.total(execution.work), notes=(*self.parts.notes, *self.recovered, *execution.notes)
        )

    def _judge(self, planned: PlannedSample, recognised: Recognised) -> Sample:
        if isinstance(recognised.result, Failure):
            return self.evaluator.failed(planned, recognised.result)
        timings = {
            "audio": self._recorded_seconds(planned) if recognised.audio_seconds is None else recognised.audio_seconds,
            "recognise": recognised.recognition_seconds,
            "processor": recognised.processor_seconds,
            "bias": recognised.preparation_seconds,
        }
        known = {name: seconds for name, seconds in timings.items() if seconds is not None}
        label = planned.backend
        counted = bias_count(self.parts.backends[label], self.parts.lists[label], planned.utterance_id)
        try:
            return self.evaluator.judged(planned, recognised.result, known, counted)
        except NoResponse as error:  # of a retriever's server; the transcript is cached
            return self.evaluator.failed(planned, Failure("score", error.type, str(error)))

    def _recorded_seconds(self, planned: PlannedSample) -> Seconds | None:
        """The length of the recording of a transcript that was made elsewhere, where the suite has it."""
        return self._lengths.get(self._utterances[planned.utterance_id].audio or "")

    @cached_property
    def _lengths(self) -> Mapping[str, Seconds]:
        return suite_audio_seconds(self.suite)

    @cached_property
    def _utterances(self) -> Mapping[str, Utterance]:
        return {utterance.id: utterance for utterance in self.suite.utterances}

    def _finish(self, record: RunRecord, samples: Mapping[str, Sample], store: RunStore) -> RunResult:
        errors = sum(not is_whole(sample) for sample in samples.values())
        summary = self._summarise(samples)
        store.write_summary(summary)
        store.write_evidence(gather(self.suite, samples.values()))
        study_notes = compute_studies(self.studies, store, record, lambda name: self._finished(name, samples))
        mentions = [self.evaluator.reference(q).mentions for q in {p.question_id for p in self.plan}]
        sources = Counter(each.source for each in mentions)
        if unlocated := sum(each.unlocated for each in mentions):
            note = (
                f"normaliser {self.normaliser}: {unlocated} entity mentions of the questions are not told apart among its "
                f"words, and are left out of entity recall"
            )
            record = replace(record, notes=(*record.notes, note))
        status: Status = "partial" if errors else "complete"
        record = replace(
            record,
            status=status if len(samples) == len(self.plan) else "cancelled",  # by an earlier call: see `_rescore`
            finished_at=now(),
            entity_sources=dict(sorted(sources.items())),
            notes=(*record.notes, *self._notes_on_stamps(summary), *study_notes),
            files=dict(sorted(store.digests.items())),
        )
        store.write_run(record)
        remove_ledger(store.folder)  # whose work is in the record
        return RunResult(store.folder, record, summary, len(self.plan), errors)

    def _finished(self, study: str, samples: Mapping[str, Sample]) -> Finished:
        """What a study works with."""

        def recognise(
            tasks: Sequence[Task], conditions: Mapping[str, Condition], others: Mapping[str, Backend] | None = None
        ) -> Generator[tuple[int, Recognised], None, None]:
            yield from self._execution(conditions, others).run(tasks)

        def progress(done: int, total: int) -> None:
            if self.study_progress:
                self.study_progress(study, done, total)

        ordered = {planned.key: samples[planned.key] for planned in self.plan if planned.key in samples}
        return Finished(
            self.suite, self.spec, self.plan, ordered, self.evaluator, self.parts.backends, recognise, progress
        )

    def _notes_on_stamps(self, summary: Summary) -> Iterator[str]:
        """Yield a note for each program that prints time stamps among the words."""
        for label in (backend.label for backend in self.spec.backends if backend.name == "command"):
            stamps = sum(c.removed.get("time_stamps", 0) for c in summary.not_speech if c.backend == label)
            if stamps:
                yield (
                    f"{label}: {stamps} time stamps were removed from what its program printed; most programs have an option "
                    f"that leaves them out, such as --no-timestamps of whisper-cli"
                )

    def _summarise(self, samples: Mapping[str, Sample]) -> Summary:
        first = self.spec.backends[0].label, self.spec.conditions[0].label
        sides = {p.question_id: self.evaluator.reference(p.question_id) for p in self.plan}
        population = Population(
            questions={question.id: question for question in self.suite.questions},
            utterances=self._utterances,
            planned=[(p.utterance_id, p.question_id) for p in self.plan if (p.backend, p.condition) == first],
            rules=Rules(
                self.spec.outcome,
                self.spec.rare_threshold,
                rare_words=self.spec.rare_words_name,
                error_rate=error_rate_of(self.suite.language),
            ),
            rarity=self.rarity,
            exclude_failed=self.spec.missing == "exclude",
            seed=self.spec.seed,
            plain_backends=plain_counterparts({backend.label: backend for backend in self.spec.backends}),
            document_frequencies=self._document_frequencies(),
            bias_words={
                label: words_sent(self.parts.backends[label], bias, self.suite, self.spec.normaliser)
                for label, bias in self.parts.lists.items()
                if bias
            },
        )
        grouped: dict[tuple[str, str], dict[str, Sample]] = {}
        for planned in self.plan:
            cell = grouped.setdefault((planned.backend, planned.condition), {})
            if planned.key in samples:
                cell[planned.utterance_id] = samples[planned.key]
        bands = {
            identity: entity_band(
                (word for start, end in side.mentions.spans for word in side.tokens[start:end]), self.suite.language
            )
            for identity, side in sides.items()
        }
        return replace(summarise(grouped, population, bands), normaliser=str(self.normaliser))

    def _document_frequencies(self) -> Mapping[str, int]:
        """In how many snippets each word stands: an impact index has counted them already, where the run has one."""
        retrievers = (r for r in self.parts.retrievers.values() if isinstance(r, ImpactRetriever))
        indexes = [retriever.index for retriever in retrievers if retriever.index.analyser.kind == WORDS]
        index = indexes[0] if indexes else ImpactIndex.build(self.suite.snippets, word_analyser(self.suite.language))
        return dict(zip(index.vocabulary, index.document_frequencies.tolist(), strict=True))
