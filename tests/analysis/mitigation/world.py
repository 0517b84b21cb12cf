"""Twenty questions about twenty names, of which a recogniser misrecognised every second one, and repairs whose effect is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.analysis.mitigation.judging import Listed, Recorded
from harness.analysis.mitigation.records import Judged, MitigationResult, Scoreboard
from harness.analysis.mitigation.scoreboard import Asked, Transcribed, judge_repairs
from harness.errors import UsageError
from harness.mitigation.corpus import Corpus, Searches, WeightedQuery
from harness.mitigation.protocol import UNSET, Example, Repair, Repaired, Setting
from harness.records import Alternative, Ranking, Snippet, Transcript
from harness.retrieval.protocol import RETRIEVERS, Retriever

N = 20
SEED = 7
LETTERS = "abcdefghijklmnopqrst"  # of the names, which a normaliser would take apart before a digit
SNIPPETS = tuple(Snippet(f"s{i}", f"all that is known of name{LETTERS[i]}") for i in range(N))


def number_of(text: str) -> int:
    """Which question a text is of."""
    return LETTERS.index(text[-1])


def misrecognised(i: int) -> bool:
    return i % 2 == 1


def reference(i: int) -> str:
    return f"who was name{LETTERS[i]}"


def hypothesis(i: int) -> str:
    return f"who was noise{LETTERS[i]}" if misrecognised(i) else reference(i)


def build(name: str) -> Retriever:
    return RETRIEVERS.get(name).build(SNIPPETS, {}, None, language="en")


class OfFirst:
    """The outcome hit@1, and an answer that is right where the first two snippets hold the relevant one."""

    def __init__(self, *, answered: bool = True) -> None:
        self.answered = answered

    def outcome(self, question_id: str, text: str, ranking: Ranking) -> float:
        return float(ranking.snippet_ids[:1] == (f"s{question_id[1:]}",))

    def answer(self, question_id: str, text: str, ranking: Ranking) -> float | None:
        return float(f"s{question_id[1:]}" in ranking.snippet_ids[:2]) if self.answered else None


@dataclass
class Rewriting:
    """Writes texts anew, by setting. `None` leaves a text as it is."""

    rewrite: Callable[[str, Setting], str | None]
    grid: Sequence[Setting] = UNSET
    notes: Sequence[str] = ()

    def identity(self) -> Mapping[str, str | float]:
        return {"repair": "rewriting"}

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        texts = [self.rewrite(transcript.text, setting) for transcript in transcripts]
        return [None if text is None else WeightedQuery(tuple(text.split())) for text in texts]


@dataclass
class Table(Rewriting):
    """Replaces whole texts by what they were heard for in the questions that it is taught."""

    rewrite: Callable[[str, Setting], str | None] = lambda text, setting: None
    taught: list[list[str]] = field(default_factory=list)

    def learnt(self, examples: Sequence[Example]) -> Repair:
        self.taught.append(sorted(example.question_id for example in examples))
        table = {example.transcript.text: example.reference for example in examples}
        return Rewriting(lambda text, setting: table.get(text))


class Breaking(Rewriting):
    """Fails."""

    def __init__(self) -> None:
        super().__init__(lambda text, setting: None)

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        raise UsageError("the table is empty")


class Short(Rewriting):
    """Returns one result too few."""

    def __init__(self) -> None:
        super().__init__(lambda text, setting: None)

    def repair(
        self, transcripts: Sequence[Transcript], setting: Setting, base: Searches, k: int
    ) -> Sequence[Repaired | None]:
        return super().repair(transcripts[1:], setting, base, k)


NOTHING = Rewriting(lambda text, setting: None)
CORRECTING = Rewriting(lambda text, setting: text.replace("noise", "name"))
RUINING = Rewriting(lambda text, setting: text.replace("name", "noise"))
MIXED = Rewriting(lambda text, setting: text.replace("noise", "name") if "noise" in text else "who was nobody")


def recorded(i: int, *, of: Callable[[int], str | None] = hypothesis, voice: str = "a") -> Recorded:
    text = of(i)
    right = float(text is not None and f"name{LETTERS[i]}" in text)
    transcript = None if text is None else Transcript(text, (Alternative(text), Alternative(reference(i))))
    return Recorded(f"q{i}-{voice}", f"q{i}", transcript, right, right, 1.0)


def transcribed(voices: str = "a", n: int = N) -> Transcribed:
    return Transcribed("engine", "clean", [recorded(i, voice=voice) for i in range(n) for voice in voices])


def with_list(one: Transcribed, *, deployable: bool) -> Transcribed:
    recordings = [recorded(int(of.question_id[1:]), of=reference, voice=of.utterance_id[-1]) for of in one.recordings]
    return replace(one, lists=[Listed("engine+list", deployable, recordings)])


def judge(repairs: Mapping[str, Repair], *of: Transcribed, answered: bool = True, seed: int = SEED) -> MitigationResult:
    texts = {f"q{i}": reference(i) for i in range(N)}
    bands = {f"q{i}": "[2,3)" if i < 4 else "(0,2)" for i in range(N)}
    asked = Asked(texts, bands, dict.fromkeys(texts, 1.0 if answered else None), "hit@1", "bm25")
    made = [one if answered else unanswered(one) for one in of or [transcribed()]]
    corpus = Corpus(SNIPPETS, "en", build("bm25"), build)
    return judge_repairs(corpus, OfFirst(answered=answered), asked, made, repairs, seed)


def unanswered(one: Transcribed) -> Transcribed:
    return replace(one, recordings=[replace(recording, answer=None) for recording in one.recordings])


def board(repairs: Mapping[str, Repair], *of: Transcribed) -> Scoreboard:
    return judge(repairs, *of).scoreboards[0]


def only(repair: Repair, *of: Transcribed) -> Judged:
    return board({"it": repair}, *of).judged[0]
