"""The study of interpretation on a run of recorded transcripts whose every figure can be counted by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

import soundfile

import harness
from harness.analysis.interpretation.result import Figure, Interpretation
from harness.errors import UnknownName, UsageError
from harness.interpretation.protocol import PartSpec
from harness.interpretation.speech.protocol import SPEECH_PARTS, Recording
from harness.runs.result import RunResult
from tests.conftest import WriteSuite, write_lines
from tests.loopback import send, serving

TEMPLATES = {"author": "who wrote the book {}", "place": "in which country is {}", "food": "what do people eat in {}"}
NAMES = [
    "Middlemarch", "Buddenbrooks", "Salammbo", "Kalevala", "Zugspitze", "Ljubljana", "Reykjavik", "Tegucigalpa",
    "Szeged", "Gdynia", "Ouagadougou", "Nukualofa",
]  # fmt: skip
INTENTS = [intent for intent in TEMPLATES for _ in range(4)]
SPEAKERS = ("ann", "bob")


@pytest.fixture
def suite(write_suite: WriteSuite) -> Path:
    """Twelve questions with three intents, each said by two speakers.

    `vendor` has the name wrong of the first six questions said by ann, and of no other; intents stay as they are.
    """
    questions, hypotheses = [], {}
    for number, (name, intent) in enumerate(zip(NAMES, INTENTS, strict=True)):
        text = TEMPLATES[intent].format(name)
        start = text.index(name)
        entity = {"text": name, "start": start, "end": start + len(name)}
        questions.append(
            {"id": f"q{number:02}", "text": text, "entities": [entity], "snippet_ids": [f"s{number}"],
             "tags": {"relation": intent}}
        )  # fmt: skip
        hypotheses[f"q{number:02}"] = text
    snippets = [{"id": f"s{n}", "text": f"About {name}.", "title": f"Other{n} Name{n}"} for n, name in enumerate(NAMES)]
    root = write_suite("asked", questions, snippets, hypotheses)
    utterances = [
        {"id": f"{q['id']}.{who}", "question_id": q["id"], "speaker": who, "audio": f"audio/{q['id']}.{who}.wav"}
        for q in questions
        for who in SPEAKERS
    ]
    write_lines(root / "utterances.jsonl", utterances)
    transcripts = []
    for number, question in enumerate(questions):
        for who in SPEAKERS:
            wrong = str(question["text"]).replace(NAMES[number], "the piano")
            transcripts.append(
                {"utterance_id": f"{question['id']}.{who}",
                 "text": wrong if who == "ann" and number < 6 else question["text"]}
            )  # fmt: skip
    write_lines(root / "transcripts" / "vendor.jsonl", transcripts)
    (root / "audio").mkdir()
    for number, question in enumerate(questions):
        for place, who in enumerate(SPEAKERS):
            level = (list(TEMPLATES).index(INTENTS[number]) + 1) / 4 - 0.05
            samples = (level + 0.01 * place + 0.001 * number) * np.sin(np.arange(800) / 7)
            soundfile.write(root / "audio" / f"{question['id']}.{who}.wav", samples, 8_000)
    return root


class Level:
    """A speech part that knows how loud a recording is, which in these recordings is its intent."""

    package: ClassVar[str | None] = None
    name = "level"

    def __init__(self, spec: PartSpec, language: str) -> None:
        pass

    def identity(self) -> Mapping[str, str]:
        return {"part": "level"}

    def rows(self, recordings: Sequence[Recording]) -> np.ndarray:
        levels = np.array([recording.clip().samples.max() for recording in recordings], np.float64)
        assert len({recording.digest for recording in recordings}) == len({round(float(level), 6) for level in levels})
        return np.stack([levels, levels**2], axis=1)


@pytest.fixture
def level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPEECH_PARTS._builtin, "level", f"{__name__}:Level")


def spec(suite: Path, folder: Path, table: str) -> Path:
    path = folder / "spec.toml"
    path.write_text(f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "vendor"\n[interpretation]\n{table}\n')
    return path


def interpret(suite: Path, tmp_path: Path, table: str = "") -> tuple[RunResult, Interpretation]:
    result = harness.run(spec(suite, tmp_path, table), out=tmp_path / "run", jobs=1)
    study = harness.load_run(result.folder).stored.study("interpretation", Interpretation)
    assert study is not None, result.record.notes
    return result, study


def value(study: Interpretation, system: str, metric: str, **of: Any) -> Any:
    setting = {"folds": "question", "slots": "exact", "distractors": 10, "group": "all"} | of
    (figure,) = (f for f in study.figures if (f.system, f.metric) == (system, metric) and matches(f, setting))
    return figure.value


def matches(figure: Figure, setting: Mapping[str, Any]) -> bool:
    own = figure.setting
    return [own.folds, own.slots, own.distractors, figure.group] == list(setting.values())


TABLE = 'slots = ["exact", "fuzzy"]\ndistractors = [10, 0, 100]\n'
REFERENCE, CASCADE = "reference text, ngrams", "replay:vendor, ngrams"


def test_every_figure_by_hand(suite: Path, tmp_path: Path) -> None:
    """Of 24 recordings 6 have the name wrong: recall 18/24, all that is predicted is right, no intent is wrong."""
    result, study = interpret(suite, tmp_path, TABLE)
    assert (study.n_intents, study.n_questions, study.n_utterances, study.n_names) == (3, 12, 24, 12)
    assert study.most_frequent == pytest.approx(1 / 3)
    assert study.distractors == ((10, 10), (0, 0), (100, 12))
    assert study.folds == (("question", 5), ("speaker", 2))
    assert [system.label for system in study.systems] == [REFERENCE, CASCADE]
    for metric, reference, cascade in (
        ("intent_accuracy", 1.0, 1.0),
        ("slot_precision", 1.0, 1.0),
        ("slot_recall", 1.0, 18 / 24),
        ("slot_f1", 1.0, 36 / 42),
        ("exact_interpretation", 1.0, 18 / 24),
        ("semer", 0.0, 6 / 48),
    ):
        assert value(study, REFERENCE, metric) == pytest.approx(reference), metric
        assert value(study, CASCADE, metric) == pytest.approx(cascade), metric
    assert value(study, CASCADE, "exact_interpretation", group="entity:unseen") == pytest.approx(18 / 24)
    assert value(study, CASCADE, "exact_interpretation", folds="speaker", group="entity:seen") == pytest.approx(18 / 24)
    assert value(study, CASCADE, "slot_recall", slots="fuzzy", distractors=12) == pytest.approx(18 / 24)
    page = harness.report(result.folder, format="md").read_text()
    assert (
        "replay:vendor, ngrams: exact interpretation is 75.0 % from the hypotheses and 100.0 % from the reference"
        in page
    )
    (split,) = (s for s in study.splits if s.metric == "exact_interpretation" and s.setting.folds == "question")
    assert (split.reference, split.hypothesis, split.transcription) == pytest.approx((1.0, 0.75, 0.25))
    assert split.p_value == pytest.approx(2 / 2**6)  # six questions differ, all in one direction


def test_another_interpreter_or_speech_part_recognises_nothing(suite: Path, tmp_path: Path, level: None) -> None:
    first, _ = interpret(suite, tmp_path, TABLE)
    before = [path.read_bytes() for path in sorted((first.folder / "samples").iterdir())]
    seen: list[object] = []
    more = TABLE + 'interpreters = ["ngrams", "ngrams,words=1"]\nspeech = ["level"]\n'
    again = harness.run(spec(suite, tmp_path, more), out=first.folder, jobs=1, progress=lambda *step: seen.append(step))
    study = harness.load_run(again.folder).stored.study("interpretation", Interpretation)
    assert study is not None, again.record.notes
    assert seen == []
    assert [path.read_bytes() for path in sorted((first.folder / "samples").iterdir())] == before
    assert [(s.label, s.kind) for s in study.systems] == [
        (REFERENCE, "reference"), (CASCADE, "cascade"), ("reference text, ngrams,words=1", "reference"),
        ("replay:vendor, ngrams,words=1", "cascade"), ("level", "end-to-end"),
    ]  # fmt: skip


def test_sound_alone_gives_the_intent_and_only_names_that_it_was_trained_on(
    suite: Path, tmp_path: Path, level: None
) -> None:
    _, study = interpret(suite, tmp_path, TABLE + 'speech = ["level"]\n')
    learnt: dict[str, Any] = {"slots": "learnt", "distractors": None}
    assert value(study, "level", "intent_accuracy", **learnt) == 1.0
    assert value(study, "level", "slot_recall", **learnt) == 0.0
    assert value(study, "level", "exact_interpretation", **learnt) == 0.0
    against = {
        test.metric: test for test in study.tests if test.family == "end-to-end" and test.setting.folds == "question"
    }
    assert (against["exact_interpretation"].a, against["exact_interpretation"].b) == (CASCADE, "level")
    assert against["exact_interpretation"].delta == pytest.approx(-0.75)
    assert against["exact_interpretation"].p_value == pytest.approx(2 / 2**12)
    assert against["intent_accuracy"].delta == 0.0
    assert against["intent_accuracy"].p_holm == 1.0


def test_any_number_of_workers_writes_the_same(suite: Path, tmp_path: Path, level: None) -> None:
    table = TABLE + 'speech = ["level"]\n'
    contents = []
    for jobs in (1, 2):
        result = harness.run(spec(suite, tmp_path, table), out=tmp_path / str(jobs), jobs=jobs)
        contents.append(json.loads((result.folder / "studies" / "interpretation.json").read_text())["result"])
    assert contents[0] == contents[1]


def test_interpreters_may_learn_from_hypotheses(suite: Path, tmp_path: Path) -> None:
    _, study = interpret(suite, tmp_path, TABLE + 'trained_on = "hypothesis"\n')
    assert study.trained_on == "hypothesis"
    assert value(study, CASCADE, "exact_interpretation") == pytest.approx(18 / 24)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ('interpreters = ["ngram"]', UnknownName, "ngrams"),
        ('interpreters = ["ngrams,word=1"]', UsageError, "Did you mean 'words'"),
        ('slots = ["fuzy"]', UnknownName, "fuzzy"),
        ('speech = ["phone"]', UnknownName, "phones"),
        ("interpreters = []", UsageError, "interpreters"),
        ('slots = ["exact", "exact"]', UsageError, "exact stands twice"),
        ("distractors = [-1]", UsageError, "distractors"),
        ('folds = ["intent"]', UsageError, "folds"),
        ('intents = "relation"', UsageError, "intents"),
    ],
)
def test_what_means_nothing_is_refused_before_any_work(
    suite: Path, tmp_path: Path, table: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        harness.run(spec(suite, tmp_path, table), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('intent = "topic"', "a tag that no question of the suite has: its questions have the tags relation"),
        ('folds = ["speaker"]\nintent = "speaker"', "no question"),
    ],
)
def test_a_suite_that_cannot_be_interpreted_says_so_and_keeps_the_run(
    suite: Path, tmp_path: Path, table: str, message: str
) -> None:
    result = harness.run(spec(suite, tmp_path, table), out=tmp_path / "run", jobs=1)
    assert any("[interpretation] was not made" in note and message in note for note in result.record.notes)
    assert harness.load_run(result.folder).stored.study("interpretation", Interpretation) is None


def test_a_failed_sample_counts_as_wrong_unless_it_is_left_out(suite: Path, tmp_path: Path) -> None:
    lines = (suite / "transcripts" / "vendor.jsonl").read_text().splitlines()
    (suite / "transcripts" / "vendor.jsonl").write_text("".join(line + "\n" for line in lines[:-2]))
    _, counted = interpret(suite, tmp_path, TABLE)
    assert value(counted, CASCADE, "intent_accuracy") == pytest.approx(22 / 24)
    path = spec(suite, tmp_path, TABLE)
    path.write_text('missing = "exclude"\n' + path.read_text())
    result = harness.run(path, out=tmp_path / "without", jobs=1)
    study = harness.load_run(result.folder).stored.study("interpretation", Interpretation)
    assert study is not None
    assert value(study, CASCADE, "intent_accuracy") == 1.0
    (split,) = (s for s in study.splits if s.metric == "slot_f1" and s.setting.folds == "question")
    assert split.n_questions == 11


def test_folds_that_cannot_be_are_left_out_and_told(suite: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (suite / "utterances.jsonl").read_text().splitlines()]
    write_lines(suite / "utterances.jsonl", [line | {"speaker": "ann"} for line in lines])
    _, study = interpret(suite, tmp_path, TABLE)
    assert study.folds == (("question", 5),)
    assert study.notes == ("Folds by speaker were left out: there is one only, which leaves nothing to learn from.",)


def test_texts_that_a_server_fails_on_count_as_wrong_and_are_told(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(lambda handler, _: send(handler, {"error": "no"}, 404), lambda request: request.path) as server:
        one = f"openai-api:m,url={server.url},retries=0,timeout=5"
        _, study = interpret(suite, tmp_path, TABLE + f'folds = ["question"]\ninterpreters = ["{one}"]\n')
    assert value(study, f"replay:vendor, {one}", "intent_accuracy") == 0.0
    assert study.notes == (f"{one} failed on 48 texts (Rejected), which count as wrong.",)
