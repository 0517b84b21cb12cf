"""Small real runs for golden reports, each made once in a session. Their figures are known by construction.

A test asks the fixture `golden_run` (tests/conftest.py) for the folder of a run by its name, a key of `RUNS`; the suite lies
beside it, in `suite/`. Every question has one recording, so hits are tested by McNemar's test, and WER by MAPSSWE where there
are 50 segments with errors. Unless a run says otherwise, a relevant snippet stands at rank 1 or not among the first ten: from
a text without the town, ten decoys come first. So hit@1, hit@5 and hit@10 are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import harness
from tests.faulty import install
from tests.report.constructed import AS_IT_SOUNDS, TOWNS, ConstructedSuite, Errors, all_of_them, below, every
from tests.scripted import write_script

RELATIONS = {  # question and snippet
    "castle": ("Which castle stands above the town of {}?", "The castle stands above the town of {}."),
    "river": ("Which river flows past the town of {}?", "The river flows past the town of {}."),
}
DECOYS = {
    "castle": "Which castle stands above which castle of which town? Above the castle of the town stands the castle.",
    "river": "Which river flows past which river of which town? Past the river of the town flows the river.",
}


def two_by_two(root: Path) -> Path:
    """Two conditions, two retrievers, two engines and two bias lists; rare below Zipf 4.5.

    48 questions, 384 words, of which 96 are rare: the towns, `castle` and `flows`. The reference reaches hit@1 for 46 questions
    with bm25 and 45 with phonetic, which takes Kassel for Cassel and Cleve for Kleve, but finds the town that the snippet of
    question 47 writes in other letters. Hits lost, and word errors:

                  clean                      quiet
                  bm25  phonetic  errors     bm25  phonetic  errors
    tiny          24    12        72         32    16        84
    tiny+own10     6     6        52          8     8        56
    tiny+oracle    0     0        36          0     0        36
    base           8     4        19         16     8        30

    base gains the hit of question 47 with bm25, clean. tiny+own10 inserts a name in 4 questions, clean and quiet.
    """
    suite = ConstructedSuite(root / "suite")
    for number, town in enumerate(TOWNS[:48]):
        relation = "castle" if number < 24 else "river"
        question, snippet = RELATIONS[relation]
        in_snippet = {11: "which nobody knows the name", 47: AS_IT_SOUNDS[town]}.get(number, town)
        identity = suite.add_snippet(snippet.format(in_snippet))
        suite.add_question(question.format(town), town, relation, snippet_ids=[identity])
    for decoy in DECOYS.values():
        suite.add_decoys(decoy)
    words = (("town", "down", every(8, 2)), ("castle", "cattle", every(8, 6)), ("flows", "floors", every(8, 6)))
    tiny = Errors(deleted=every(2), replaced=words)
    scripts = {
        "tiny": (
            replace(tiny, alike=every(4), other=every(4, 1)),
            replace(tiny, alike=every(3), other=every(3, 1)),
        ),
        "tiny+own10": (
            replace(tiny, other=every(8, 1), inserted=every(12, 5)),
            replace(tiny, other=every(6, 1), inserted=every(12, 5)),
        ),
        "tiny+entities": (tiny, tiny),
        "base": (
            Errors(alike=lambda number: number % 12 == 0 or number == 47, other=every(12, 1), deleted=every(8)),
            Errors(alike=every(6), other=every(6, 1), deleted=every(8)),
        ),
    }
    folder = suite.write("two-by-two", {}, audio=True)
    for name, (clean, quiet) in scripts.items():
        write_script(folder, name, {"clean": suite.hypotheses(clean), "quiet": suite.hypotheses(quiet)})
    backends = (
        "scripted:tiny,label=tiny",
        "scripted:tiny,bias=own,distractors=10,label=tiny+own10",
        "scripted:tiny,bias=entities,label=tiny+oracle",
        "scripted:base,label=base",
    )
    conditions = '[[condition]]\nname = "clean"\n[[condition]]\nname = "gain"\nlabel = "quiet"\ndb = -20.0\n'
    retrievers = '[[retriever]]\nname = "bm25"\n[[retriever]]\nname = "phonetic"\n'
    return run(root, f"rare_threshold = 4.5\n{conditions}{retrievers}", backends)


def tie(root: Path) -> Path:
    """The same outcome on every question, and a significant difference in WER. 60 questions, 480 words.

    The reference reaches hit@1 for all, and both backends lose 6. `tiny` deletes 50 function words and `base` 6: 62 and 18
    word errors.
    """
    suite = towns_and_castles(root, 60)
    errors = {
        "tiny": Errors(other=every(10), deleted=below(50)),
        "base": Errors(other=every(10), deleted=every(10, 1)),
    }
    return replayed(root, suite, "tie", errors)


def no_snippets(root: Path) -> Path:
    """Questions and transcripts, no snippets and no answers. 60 questions; 50 name a town: 460 words, of which 50 are rare.

    `tiny` has 18 of the 50 towns wrong (rare WER 0.36) and deletes 30 function words, `base` 9 and 5: 66 and 23 word errors.
    """
    suite = ConstructedSuite(root / "suite")
    for number, town in enumerate(TOWNS):
        text = RELATIONS["castle"][0].format(town) if number < 50 else "Which castle stands above the town?"
        suite.add_question(text, town, "castle")
    errors = {
        "tiny": Errors(other=below(18), deleted=every(2)),
        "base": Errors(other=below(9), deleted=every(12)),
    }
    return replayed(root, suite, "no-snippets", errors)


def dead_backend(root: Path) -> Path:
    """Three backends, of which `dead` fails on all 30 questions. 240 words; the reference reaches hit@1 for all.

    `tiny` loses 10 hits and `base` 3: no significant difference. 20 and 6 word errors.
    """
    suite = towns_and_castles(root, 30)
    errors = {"tiny": Errors(other=every(3)), "base": Errors(other=every(10))}
    return replayed(root, suite, "dead-backend", errors, more=("unreachable,label=dead",))


def reference_finds_nothing(root: Path) -> Path:
    """The suite cannot tell by hit@1: the reference reaches it for 2 of 60 questions, but hit@5 and hit@10 for 40.

    480 words. `tiny` has the towns of 15 questions wrong and `base` those of 6, none of the 2: no hit@1 is lost, and of the 40
    hits at rank 5 10 and 4. 30 and 12 word errors.
    """
    suite = ConstructedSuite(root / "suite")
    question, snippet = RELATIONS["castle"]
    for number, town in enumerate(TOWNS):
        rank = 1 if number in (1, 2) else 3 if number % 3 else None
        identity = suite.add_snippet(snippet.format(town if rank else "which nobody knows the name"))
        for _ in range(2 if rank == 3 else 0):
            suite.add_snippet(f"{town}: the castle stands above the town of {town}.", title=town)
        suite.add_question(question.format(town), town, "castle", snippet_ids=[identity])
    suite.add_decoys(DECOYS["castle"])
    errors = {"tiny": Errors(other=every(4)), "base": Errors(other=every(10))}
    return replayed(root, suite, "reference-finds-nothing", errors)


def answers(
    root: Path, outcome: str = "answer", right: Callable[[int], bool] = lambda number: number % 10 != 9
) -> Path:
    """Answers, and what loses them; the outcome is `answer`. 40 questions, 320 words.

    The reference reaches hit@1 for all and the right answer for 36.

                 answers lost  by retrieval error  by reader error  hits lost  word errors
    tiny         12            8                   4                8          20
    base          6            4                   2                4          10

    Where the town is wrong, no snippet with the answer is found; where `who` became `when`, the year is the answer.
    """
    suite = ConstructedSuite(root / "suite")
    for number, town in enumerate(TOWNS[:40]):
        painter = f"{FIRST_NAMES[number % 8]} {LAST_NAMES[number // 8]}"
        identity = suite.add_snippet(f"{painter} painted the old view of {town} in {1801 + number}.")
        accepted = painter if right(number) else "Anonymous"
        question = f"Who painted the old view of {town}?"
        suite.add_question(question, town, "painter", snippet_ids=[identity], answers=[accepted])
    suite.add_decoys("Who painted the old view? The old view is the view of the view which who painted who painted.")
    errors = {
        "tiny": Errors(other=every(5), replaced=[("who", "when", every(10, 1))]),
        "base": Errors(other=every(10), replaced=[("who", "when", every(20, 1))]),
    }
    return replayed(root, suite, "answers", errors, outcome=outcome)


def answers_by_hits(root: Path) -> Path:
    """The suite and the backends of `answers`; the outcome is `hit@5`: `tiny` loses 8 of 40 hits and `base` 4."""
    return answers(root, "hit@5")


def weak_reader(root: Path) -> Path:
    """The suite of `answers`, but the reader is right for 8 of the 40 references only.

    `tiny` loses 3 of these answers, 2 by retrieval errors and 1 by a reader error, and `base` 2, 1 and 1.
    """
    return answers(root, right=below(8))


def guessed_names(root: Path) -> Path:
    """No entity is annotated, and 12 of 40 references have a typo, `mamel` or `caracter`, which both backends correct.

    320 words. The rule takes 52 entity mentions: the towns and the typos. The reference reaches hit@1 for all. 3 hits are lost
    by both backends where the snippet has the typo, too (`mamel` 2, `caracter` 1), and with the towns that are wrong 11 by
    `tiny` and 7 by `base`. 28 and 20 word errors.
    """
    suite = ConstructedSuite(root / "suite")
    for number, town in enumerate(TOWNS[:40]):
        word = "mammal" if number < 6 or 12 <= number < 26 else "character"
        typo = {"mammal": "mamel", "character": "caracter"}[word] if number < 12 else word
        snippet = "The {} lives near the town of {}."
        identity = suite.add_snippet(snippet.format(typo if number in (1, 2, 6) else word, town), title=town)
        if number in (1, 2, 6):
            suite.add_snippet(snippet.format(word, town), title=town)
        suite.add_question(
            f"Which {typo} lives near the town of {town}?", town, word, snippet_ids=[identity], entities=None
        )
    suite.add_decoys(
        "Which mammal, which character lives near which town? Near the town of the town lives the mammal, the character."
    )
    corrected = [("mamel", "mammal", all_of_them), ("caracter", "character", all_of_them)]
    errors = {
        "tiny": Errors(other=every(5), replaced=corrected),
        "base": Errors(other=every(10), replaced=corrected),
    }
    return replayed(root, suite, "guessed-names", errors)


FIRST_NAMES = ("Anna", "Bertha", "Carl", "David", "Edith", "Frank", "George", "Helen")
LAST_NAMES = ("Holm", "Lindqvist", "Marek", "Novak", "Olsen")
RUNS: Mapping[str, Callable[[Path], Path]] = {
    each.__name__: each
    for each in (
        two_by_two, tie, no_snippets, dead_backend, reference_finds_nothing, answers, answers_by_hits, weak_reader, guessed_names,
    )
}  # fmt: skip


def towns_and_castles(root: Path, n: int) -> ConstructedSuite:
    """A suite of n questions whose references all have the relevant snippet at rank 1."""
    suite = ConstructedSuite(root / "suite")
    question, snippet = RELATIONS["castle"]
    for town in TOWNS[:n]:
        identity = suite.add_snippet(snippet.format(town))
        suite.add_question(question.format(town), town, "castle", snippet_ids=[identity])
    suite.add_decoys(DECOYS["castle"])
    return suite


def replayed(
    root: Path,
    suite: ConstructedSuite,
    name: str,
    errors: Mapping[str, Errors],
    *,
    outcome: str = "hit@1",
    more: tuple[str, ...] = (),
) -> Path:
    """Runs a suite with recorded transcripts, each backend labelled by its name, and with other backends."""
    suite.write(name, errors)
    backends = (*(f"replay:{backend},label={backend}" for backend in errors), *more)
    return run(root, f'outcome = "{outcome}"\n', backends)


def run(root: Path, spec: str, backends: tuple[str, ...]) -> Path:
    """Runs a spec with the tests' own backends at hand; returns the folder of the run."""
    path = root / "spec.toml"
    path.write_text(f'suite = "suite"\n{spec}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(root / "cache"))
        for name in ("Scripted", "Unreachable"):
            patch.syspath_prepend(str(install(root / name, name.lower(), f"tests.scripted:{name}")))
        return harness.run(path, out=root / "run", jobs=1, backends=backends).folder
