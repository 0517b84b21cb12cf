"""The scoreboards of a run: repairs beside one another, on top of the best one, and under what oracles reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.analysis.mitigation.bench import DEPTH, Bench, Item, Worth
from harness.analysis.mitigation.effects import ceiling
from harness.analysis.mitigation.folds import Cell, Choice, Chosen, question_folds
from harness.analysis.mitigation.judging import Effects, Listed, Recorded, what_to_do_first
from harness.analysis.mitigation.records import Ceiling, Judged, MitigationResult, Scoreboard
from harness.analysis.statistics import bootstrap_weights
from harness.errors import HarnessError
from harness.mitigation.corpus import Corpus
from harness.mitigation.protocol import Repair
from harness.records import Seconds, Transcript

BEST_OF_LIST: Final = "best of N-best"
PERFECT_NAMES: Final = "perfect rare entity words"
PERFECT: Final = "perfect transcript"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, by question: the reference texts, the bands of their rarest entity words, and whether what is read from the
    reference matches exactly (`None` where nothing is answered). `outcome` names what it is judged by, `retriever` what it is
    searched with.
    """

    texts: Mapping[str, str]
    bands: Mapping[str, str]
    answers: Mapping[str, float | None]
    outcome: str
    retriever: str


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What one backend made of all recordings under one condition, and the same engine with bias lists."""

    backend: str
    condition: str
    recordings: Sequence[Recorded]
    lists: Sequence[Listed] = ()


def judge_repairs(
    corpus: Corpus,
    worth: Worth,
    asked: Asked,
    transcribed: Sequence[Transcribed],
    repairs: Mapping[str, Repair],
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> MitigationResult:
    """Return the scoreboards of all that was transcribed. `repairs` are by label. One that fails with a
    `HarnessError` is left out and named.
    """
    items = [Item(question, Transcript(text), asked.answers[question]) for question, text in asked.texts.items()]
    starts = []
    for one in transcribed:
        starts.append(len(items))
        items += [Item(recorded.question_id, recorded.transcript, recorded.answer) for recorded in one.recordings]
    bench = Bench(corpus, items, worth)
    rows = {question: row for row, question in enumerate(asked.texts)}
    counting = Effects(bench, rows, asked.bands, bootstrap_weights(max(len(rows), 1), seed), seed)
    board = _Boards(
        counting,
        asked,
        question_folds(asked.texts, seed),
        dict(repairs),
        _Steps((2 * len(repairs) - 1) * len(transcribed), progress),
    )
    scoreboards = [board.scoreboard(one, start) for one, start in zip(transcribed, starts, strict=True)]
    notes = dict.fromkeys(
        f"{label}: {note}" for label, one in board.repairs.items() for note in getattr(one, "notes", ())
    )
    return MitigationResult(
        asked.outcome,
        asked.retriever,
        n_folds=max(board.folds.values(), default=0) + 1,
        folds=dict(sorted(board.folds.items())),
        scoreboards=tuple(scoreboards),
        identities={label: dict(repair.identity()) for label, repair in board.repairs.items()},
        failed=board.failed,
        notes=tuple(notes),
        seconds=board.seconds,
    )


@dataclass
class _Steps:
    """Tells how far it is: a step is a repair on one backend's transcripts, alone or on top of another."""

    total: int
    tell: Callable[[int, int], None]
    begun: int = 0

    def begin(self) -> None:
        """Tell that all steps before this one are done."""
        self.tell(self.begun, self.total)
        self.begun += 1


@dataclass
class _Boards:
    """Makes scoreboards on one bench, whose first items are the reference texts. Repairs that fail move to `failed`."""

    counting: Effects
    asked: Asked
    folds: Mapping[str, int]
    repairs: dict[str, Repair]
    steps: _Steps
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, Seconds] = field(default_factory=dict)

    def scoreboard(self, one: Transcribed, start: int) -> Scoreboard:
        """Return the scoreboard of recordings that stand from `start` on the bench."""
        present = {recorded.question_id for recorded in one.recordings}
        cell = Cell(
            range(start, start + len(one.recordings)),
            [row for question, row in self.counting.rows.items() if question in present],
            self.asked.texts,
        )
        choice = Choice(self.counting.bench, cell, self.folds)
        plain = choice.unrepaired()
        chosen = self._chosen(choice, self.repairs)
        judged = self.counting.of_all(cell, plain, chosen, [(of, _paired(one.recordings, of)) for of in one.lists])
        gains = {label: judgement.hypothesis.delta for label, judgement in zip(chosen, judged, strict=False)}
        best = max((label for label in gains if gains[label] > 0), key=lambda label: gains[label], default=None)
        on_top: list[Judged] = []
        if best is not None:
            others = {label: repair for label, repair in self.repairs.items() if label != best}
            on_top = self.counting.of_repairs(cell, chosen[best], self._chosen(choice, others, chosen[best]))
        self.seconds |= {
            f"{one.backend}|{one.condition}|{label}": sum(tried.seconds for tried in of.hypotheses) / len(of.hypotheses)
            for label, of in {"": plain, **chosen}.items()
            if of.hypotheses
        }
        return Scoreboard(
            one.backend,
            one.condition,
            tuple(judged),
            best,
            tuple(on_top),
            tuple(self._ceilings(one, cell, plain)),
            what_to_do_first(judged),
        )

    def _chosen(self, choice: Choice, repairs: Mapping[str, Repair], below: Chosen | None = None) -> dict[str, Chosen]:
        chosen: dict[str, Chosen] = {}
        for label, repair in list(repairs.items()):
            self.steps.begin()
            try:
                chosen[label] = choice.chosen(repair, below.layers if below else None)
            except HarnessError as error:
                self.failed[label] = str(error)
                del self.repairs[label]
        return chosen

    def _ceilings(self, one: Transcribed, cell: Cell, plain: Chosen) -> Iterator[Ceiling]:
        rows = [self.counting.rows[recorded.question_id] for recorded in one.recordings]
        n = len(self.counting.rows)
        if any(recorded.transcript and recorded.transcript.nbest for recorded in one.recordings):
            own = [tried.outcome for tried in plain.hypotheses]
            best = [max(first, self._best_of_list(of)) for first, of in zip(own, one.recordings, strict=True)]
            yield ceiling(BEST_OF_LIST, rows, best, n)
        yield ceiling(PERFECT_NAMES, rows, [recorded.perfect_names for recorded in one.recordings], n)
        of_reference = {
            self.counting.bench.items[index].question_id: tried.outcome
            for index, tried in zip(cell.references, plain.references, strict=True)
        }
        yield ceiling(PERFECT, rows, [of_reference[recorded.question_id] for recorded in one.recordings], n)

    def _best_of_list(self, recorded: Recorded) -> float:
        """Return the best outcome of any entry of a recording's N-best list."""
        corpus, worth = self.counting.bench.corpus, self.counting.bench.worth
        entries = recorded.transcript.nbest if recorded.transcript else ()
        queries = [corpus.query(entry.text) for entry in entries]
        rankings = corpus.search(queries, DEPTH)
        return max(
            (
                worth.outcome(recorded.question_id, query.text, ranking)
                for query, ranking in zip(queries, rankings, strict=True)
            ),
            default=0.0,
        )


def _paired(recordings: Sequence[Recorded], listed: Listed) -> list[tuple[Recorded, Recorded]]:
    """Return the recordings that both have."""
    others = {recorded.utterance_id: recorded for recorded in listed.recordings}
    return [(one, others[one.utterance_id]) for one in recordings if one.utterance_id in others]
