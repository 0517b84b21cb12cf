"""Shared by all tests: a small suite written to disk, and a cache that is not the user's."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from harness.retrieval import phonetic
from harness.words.sounds import espeak, phones

# First calls load dictionaries, so there is no deadline. A gate must not fall by chance, so its examples are fixed; `make
# fuzz` looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True)
# Said outright: where CI is set, Hypothesis's own default is not random.
settings.register_profile("fuzz", deadline=None, max_examples=1_000, print_blob=True, derandomize=False)
settings.load_profile("fixed")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(trylast=True)  # after `--hypothesis-profile`
def pytest_configure() -> None:
    """Have words pronounced alike on every machine, with espeak-ng or without it; `with_espeak` is for tests of it.

    Fixed examples are also free of what was imported before: Hypothesis draws from the constants of loaded modules.
    """
    os.environ["HARNESS_PRONUNCIATION"] = "rules"
    if settings.default is not None and settings.default.derandomize:
        assert callable(providers._get_local_constants)
        providers._get_local_constants = providers.Constants


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HARNESS_CACHE", str(cache))
    return cache


@pytest.fixture
def unpinned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Words are pronounced as the machine can; what was read before and what is read meanwhile is forgotten."""

    def forget() -> None:
        espeak.forget()
        phones.phones.cache_clear()
        phones._distance.cache_clear()
        phonetic.phone_analyser.cache_clear()

    monkeypatch.delenv("HARNESS_PRONUNCIATION")
    forget()
    yield
    forget()


@pytest.fixture
def with_espeak(unpinned: None) -> None:
    """Words are read by the espeak-ng of this machine."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("the program espeak-ng is not installed (apt-get install espeak-ng)")


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """Real data that does not belong to the project."""
    if not DATA.is_dir():
        pytest.skip("the outside test data (../shared/data) is not on this machine")
    return DATA


GoldenRun = Callable[[str], Path]


@pytest.fixture(scope="session")
def golden_run(tmp_path_factory: pytest.TempPathFactory) -> GoldenRun:
    """The folder of a run of `tests.report.golden_runs.RUNS` by its name, made when it is first asked for."""
    from tests.report.golden_runs import RUNS

    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = RUNS[name](tmp_path_factory.mktemp(name))
        return made[name]

    return folder


QUESTIONS: Sequence[Mapping[str, object]] = (
    {"id": "medawar", "text": "What did Peter Medawar study?", "answers": ["graft rejection"], "snippet_ids": ["s1"],
     "entities": [{"text": "Peter Medawar", "start": 9, "end": 22, "label": "PERSON"}], "tags": {"relation": "field"}},
    {"id": "ljubljana", "text": "Which river flows through Ljubljana?", "answers": ["Ljubljanica"], "snippet_ids": ["s2"],
     "entities": [{"text": "Ljubljana", "start": 26, "end": 35, "label": "GPE"}], "tags": {"relation": "river"}},
    {"id": "paris", "text": "Which river flows through Paris?", "answers": ["Seine"], "snippet_ids": ["s3"],
     "entities": [{"text": "Paris", "start": 26, "end": 31, "label": "GPE"}], "tags": {"relation": "river"}},
    {"id": "okapi", "text": "Where does the okapi live?", "answers": ["the Congo"], "snippet_ids": ["s4"],
     "entities": [{"text": "okapi", "start": 15, "end": 20, "label": "SPECIES"}], "tags": {"relation": "home"}},
)  # fmt: skip
SNIPPETS: Sequence[Mapping[str, str]] = (
    {
        "id": "s1",
        "title": "Peter Medawar",
        "text": "What Peter Medawar came to study: graft rejection and how bodies learn tolerance.",
    },
    {"id": "s2", "title": "Ljubljana", "text": "The Ljubljanica flows through Ljubljana under the Triple Bridge."},
    {"id": "s3", "title": "Paris", "text": "The Seine is the river that flows through Paris."},
    {"id": "s4", "title": "Okapi", "text": "The okapi lives in the rain forest of the Congo."},
    {"id": "s5", "title": "Dog training", "text": "The mad dog did what every dog does."},
    {"id": "s6", "title": "Rivers", "text": "A blue piano floats on the Danube, which flows through many lands."},
)
HYPOTHESES: Mapping[str, str] = {
    "medawar": "what did peter mad dog or study",
    "ljubljana": "which river flows through the blue piano",
    "paris": "which river flows through paris",
    "okapi": "where does the okapi live",
}

WriteSuite = Callable[..., Path]


def write_lines(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def small_suite(
    folder: Path,
    name: str = "small",
    questions: Sequence[Mapping[str, object]] = QUESTIONS,
    snippets: Sequence[Mapping[str, str]] = SNIPPETS,
    hypotheses: Mapping[str, str] = HYPOTHESES,
    language: str = "en",
) -> Path:
    """Write a text-only suite of four questions with two recorded transcripts of each, by voices a and b."""
    root = folder / name
    root.mkdir()
    (root / "suite.toml").write_text(
        f'name = "{name}"\nversion = "1"\nlanguage = "{language}"\nlicence = "CC0-1.0"\ndescription = "Four questions."\n'
        'speech = "synthetic"\n',
        encoding="utf-8",
    )
    write_lines(root / "questions.jsonl", questions)
    write_lines(root / "snippets.jsonl", snippets)
    utterances = [
        {"id": f"{q['id']}.{voice}", "question_id": q["id"], "speaker": voice} for q in questions for voice in "ab"
    ]
    write_lines(root / "utterances.jsonl", utterances)
    write_lines(
        root / "transcripts" / "vendor.jsonl",
        [{"utterance_id": u["id"], "text": hypotheses[str(u["question_id"])]} for u in utterances],
    )
    write_lines(
        root / "transcripts" / "perfect.jsonl",
        [
            {"utterance_id": u["id"], "text": next(q["text"] for q in questions if q["id"] == u["question_id"])}
            for u in utterances
        ],
    )
    return root


@pytest.fixture
def write_suite(tmp_path: Path) -> WriteSuite:
    """Writes such a suite into the test's own folder."""
    return partial(small_suite, tmp_path)
