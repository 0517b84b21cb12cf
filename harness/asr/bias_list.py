"""Bias lists: the phrases that a recogniser is told to expect, by recording.

    bias = "entities"               every name of the suite, for every recording: an oracle, since no user could list them
    bias = "own", distractors = N   each utterance's own names among N others: the protocol of Le et al., "Contextualized
                                    Streaming End-to-End Speech Recognition with Trie-Based Deep Biasing" (Interspeech 2021)
    bias = FILE                     the phrases of a file, one a line, for every recording

Distractors are drawn from the suite's other names first, then from the titles of its snippets. A title is taken without the
site's name behind " - ", " | " or ": " and without what stands in parentheses, and counts as a name where at most
four words are left, of which the first and the last begin with a capital. What normalises alike is one phrase.

The draw depends on the seed, the question and the phrase alone: each phrase has a number for the question, and the N lowest
are taken. So all recordings of a question have the same list, a longer list holds the shorter one, `--limit` changes
nothing, and a question that is added to the suite changes few other lists. A second number puts the list in order, so that
the own names stand anywhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import SpecError
from harness.records import BackendSpec, Suite
from harness.words.entities import lexicon
from harness.words.sounds.pronunciation_tags import TAG, Hint, language_hints
from harness.words.text.normalise import normalise
from harness.words.titles import title_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENTITIES, OWN = "entities", "own"
_EXPECTED = "'entities', 'own' with distractors=N, or a file with one phrase a line"


@dataclass(frozen=True)
class BiasList:
    """The phrases that one backend is told to expect.

    `name` is `entities`, `own100` or a file's stem, and empty where there is no list. `oracle`: the list holds the names
    that are asked for and nothing else, so that no user could have it. `shared` are the phrases of every recording; with `drawn`,
    every recording has its own. `own` maps the ids of utterances to the names in their questions that are listed for them.
    `hints` tell of which language some of the words are, where the suite's questions do.
    """

    name: str = ""
    oracle: bool = False
    shared: tuple[str, ...] = ()
    drawn: DrawnLists | None = None
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hints: Mapping[str, Hint] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there is a list."""
        return bool(self.name)

    def phrases_for(self, utterance_id: str) -> tuple[str, ...]:
        """Return the phrases for a recording, in order. An utterance that the suite does not have gets the shared ones only."""
        return self.shared if self.drawn is None else self.drawn.phrases_for(utterance_id)

    def identity(self) -> dict[str, str]:
        """Return the list's name, and a digest of all that decides its phrases."""
        if not self:
            return {}
        parts = ["\n".join(self.shared)] if self.drawn is None else self.drawn.parts()
        return {"bias": self.name, "bias_digest": sha256("\0".join(parts).encode()).hexdigest()}


NO_LIST = BiasList()


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases to draw from: their texts by normalised form."""

    texts: Mapping[str, str]

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The normalised forms, in order."""
        return tuple(self.texts)

    @cached_property
    def numbers(self) -> NDArray[np.uint64]:
        """A number for each form: uint64[n_phrases]."""
        return _numbers(self.forms)


@dataclass(frozen=True, eq=False)
class DrawnLists:
    """A list for each question: its own names among `n_distractors` others. `own` maps questions' ids to their names by form.

    `questions` maps the ids of utterances to those of their questions; `pools` are drawn from one after the other.
    """

    seed: int
    n_distractors: int
    own: Mapping[str, Mapping[str, str]]
    questions: Mapping[str, str]
    pools: tuple[Phrases, ...]

    def phrases_for(self, utterance_id: str) -> tuple[str, ...]:
        """Return the list of the utterance's question; empty for an utterance that is not known."""
        if utterance_id not in self.questions:
            return ()
        question = self.questions[utterance_id]
        listed = dict(self.own[question])
        for pool in self.pools:
            listed |= self._drawn(question, pool, self.n_distractors - len(listed) + len(self.own[question]))
        order = _mixed(_numbers(listed), self.seed, question, "order").argsort(kind="stable")
        texts = list(listed.values())
        return tuple(texts[place] for place in order)

    def _drawn(self, question: str, pool: Phrases, n: int) -> dict[str, str]:
        if n < 1:
            return {}
        own, drawn = self.own[question], dict[str, str]()
        for place in _mixed(pool.numbers, self.seed, question, "draw").argsort(kind="stable")[: n + len(own)]:
            form = pool.forms[place]
            if form not in own and len(drawn) < n:
                drawn[form] = pool.texts[form]
        return drawn

    def parts(self) -> list[str]:
        """Texts that together decide every list."""
        own = ["\t".join([question, *names.values()]) for question, names in self.own.items()]
        pools = ["\n".join(pool.texts.values()) for pool in self.pools]
        return [str(self.seed), str(self.n_distractors), "\n".join(own), *pools]


def list_name(bias: str | None, distractors: int | None) -> str:
    """Return what a list is called in labels and tables: `entities`, `own100`, a file's stem; empty without one."""
    if bias is None:
        return ""
    return f"{OWN}{distractors}" if bias == OWN else ENTITIES if bias == ENTITIES else Path(bias).stem


def is_oracle(bias: str | None, distractors: int | None) -> bool:
    """Return whether a list holds nothing but the names that are asked for."""
    return bias == ENTITIES or (bias == OWN and distractors == 0)


def is_deployable(spec: BackendSpec) -> bool:
    """Return whether a user could have the backend's list: none, or a file. The others are made of what will be asked."""
    return spec.bias not in (ENTITIES, OWN)


def plain_counterparts(specs: Mapping[str, BackendSpec]) -> dict[str, str]:
    """By the label of each backend with a bias list, that of the same backend without one, where there is one.

    `specs` are by the labels that are shown, which may have a run's name before the backend's own: a backend of the same
    run goes before others.
    """
    counterparts: dict[str, str] = {}
    for label, spec in specs.items():
        plain = [other for other, of in specs.items() if spec.bias and not of.bias and same_engine(spec, of)]
        run = label.removesuffix(spec.label)
        if plain:
            counterparts[label] = next((other for other in plain if other == run + specs[other].label), plain[0])
    return counterparts


def same_engine(a: BackendSpec, b: BackendSpec) -> bool:
    """Return whether two backends differ in nothing but their labels and bias lists."""
    return (a.name, a.model, a.options) == (b.name, b.model, b.options)


def bias_problem(bias: str | None, distractors: object) -> tuple[str, str] | None:
    """Return what is wrong with the two settings of a list, as the setting's name and a sentence; `None` if nothing is."""
    if bias is not None and (meant := _misspelt(bias)):
        return "bias", f"is {bias!r}: did you mean {meant!r}? Expected {_EXPECTED}."
    if distractors is not None and bias != OWN:
        return "distractors", "needs bias='own': only the lists of that protocol hold distractors."
    if bias == OWN and (type(distractors) is not int or distractors < 0):
        problem = "is missing" if distractors is None else f"is {distractors!r}"
        return "distractors", f"{problem}; expected a whole number: 0 for the utterance's own names alone, or say 100."
    return None


def bias_lists(
    specs: Iterable[BackendSpec], suite: Suite, seed: int, pipeline: str | None = None
) -> tuple[BiasList, ...]:
    """Return the bias list of each backend. `pipeline` names a spaCy pipeline for questions whose names are not annotated.

    Raises `SpecError` for a file that does not read, and where the suite has no names.
    """
    names = _Names(suite, pipeline)
    return tuple(_bias_list(spec, names, seed) for spec in specs)


@dataclass(frozen=True)
class _Names:
    """The names of a suite's questions, collected once for all lists."""

    suite: Suite
    pipeline: str | None

    @property
    def language(self) -> str:
        """The suite's language."""
        return self.suite.language

    @cached_property
    def own(self) -> dict[str, dict[str, str]]:
        """By question: its names by normalised form."""
        return {q.id: _by_form(lexicon([q], self.language, self.pipeline), self.language) for q in self.suite.questions}

    @cached_property
    def all(self) -> dict[str, str]:
        """Every name by normalised form, in order of first mention, spelt as there."""
        names_by_form: dict[str, str] = {}
        for names in self.own.values():
            names_by_form |= {form: text for form, text in names.items() if form not in names_by_form}
        return names_by_form

    @cached_property
    def hints(self) -> dict[str, Hint]:
        """The words of which the questions tell the language."""
        return language_hints(question.tags.get(TAG, "") for question in self.suite.questions)

    def listed(self, phrases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """By utterance: its question's names that are among phrases by normalised form, spelt as there."""
        own = self.own
        return {
            u.id: tuple(phrases[form] for form in own.get(u.question_id, ()) if form in phrases)
            for u in self.suite.utterances
        }


def _bias_list(spec: BackendSpec, names: _Names, seed: int) -> BiasList:
    name, oracle = list_name(spec.bias, spec.distractors), is_oracle(spec.bias, spec.distractors)
    if spec.bias is None:
        return NO_LIST
    if spec.bias not in (ENTITIES, OWN):
        phrases = _read(Path(spec.bias))
        return BiasList(name, oracle, phrases, own=names.listed(_by_form(phrases, names.language)))
    if not names.all:
        problem = f"is {spec.bias!r}, but no question names anything. Give a file with one phrase a line."
        raise SpecError(problem, field="bias")
    if spec.bias == ENTITIES:
        return BiasList(name, oracle, tuple(names.all.values()), own=names.listed(names.all), hints=names.hints)
    titles = _by_form(filter(None, (title_name(snippet.title) for snippet in names.suite.snippets)), names.language)
    pools = names.all, {form: text for form, text in titles.items() if form not in names.all}
    # The same number for every question, so that a size can be named.
    to_be_had = sum(map(len, pools)) - max(map(len, names.own.values()))
    drawn = DrawnLists(
        seed,
        min(spec.distractors or 0, to_be_had),
        names.own,
        {u.id: u.question_id for u in names.suite.utterances if u.question_id in names.own},
        tuple(Phrases(pool) for pool in pools),
    )
    own = {utterance: tuple(names.own[question].values()) for utterance, question in drawn.questions.items()}
    return BiasList(name, oracle, drawn=drawn, own=own, hints=names.hints)


def _by_form(phrases: Iterable[str], language: str) -> dict[str, str]:
    """Phrases by normalised form; the first spelling of each is kept, and what has no words goes."""
    by_form: dict[str, str] = {}
    for phrase in phrases:
        by_form.setdefault(normalise(phrase, language), phrase)
    by_form.pop("", None)
    return by_form


def _read(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read as UTF-8 text: {error}. Expected {_EXPECTED}."
        raise SpecError(problem, file=path, field="bias") from error
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _misspelt(bias: str) -> str | None:
    """Return the keyword that was meant by what is neither one nor a file."""
    path = Path(bias)
    if bias in (ENTITIES, OWN) or path.suffix or "/" in bias or "\\" in bias or path.exists():
        return None
    close = get_close_matches(bias.lower(), (ENTITIES, OWN), n=1)
    return close[0] if close else None


def _numbers(forms: Sequence[str] | Mapping[str, str]) -> NDArray[np.uint64]:
    """uint64[n]: a number for each text, the same on every machine."""
    import numpy as np

    return np.array([int.from_bytes(sha256(form.encode()).digest()[:8], "big") for form in forms], np.uint64)


def _mixed(numbers: NDArray[np.uint64], seed: int, question: str, what: str) -> NDArray[np.uint64]:
    """Return the numbers mixed with a seed, question and purpose (the output function of SplitMix64, Steele et al. 2014)."""
    import numpy as np

    salt = _numbers([f"{seed}\0{question}\0{what}"])
    mixed: NDArray[np.uint64] = numbers ^ salt
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
