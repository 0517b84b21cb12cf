"""The study `[early]` on four questions of two recordings each, whose figures are counted by hand.

After these words the retriever ranks the right snippet first, and ever after: "what did peter" (3 of 5), "which river flows
through ljubljana" (5 of 5), "which river" of Paris (2 of 5), "where does the okapi" (4 of 5).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness.analysis.early.figures import Curve
from harness.analysis.early.result import EarlyDecision
from harness.asr.protocol import BACKENDS
from harness.errors import HarnessError, UsageError
from harness.records import AlignedWord, Sample, Transcript, Word
from harness.runs.studies.early_parts import word_ends
from harness.words.text.normalisers import normaliser
from tests.asr.speech import voiced_suite
from tests.conftest import WriteSuite
from tests.runs.execution.test_protocol import InPlace


@pytest.fixture(autouse=True)
def readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKENDS._builtin, "reader", "tests.reader:Reader")
    monkeypatch.setitem(BACKENDS._builtin, "streaming-reader", "tests.reader:StreamingReader")


def early(suite: Path, out: Path, table: str, *backends: str, rest: str = "", folds: int = 2) -> EarlyDecision | None:
    lines = "".join(f"[[backend]]\n{line}\n" for line in backends)
    spec = suite.parent / "early.toml"
    spec.write_text(f'suite = "{suite}"\n{rest}\n{lines}\n[early]\nfolds = {folds}\n{table}\n')
    result = harness.run(spec, out=out, executor=InPlace())
    return result.stored.study("early", EarlyDecision)


def only(decision: EarlyDecision | None, mode: str, backend: str | None) -> Curve:
    assert decision is not None
    (one,) = [each for each in decision.curves if (each.mode, each.backend) == (mode, backend)]
    return one


READERS = ('name = "reader"', 'name = "streaming-reader"')


@pytest.fixture
def decided(write_suite: WriteSuite, tmp_path: Path) -> EarlyDecision:
    decision = early(voiced_suite(write_suite), tmp_path / "run", "recordings = 8\npartial_seconds = 0.05", *READERS)
    assert decision is not None
    return decision


def test_every_way_of_growing_a_question(decided: EarlyDecision) -> None:
    assert (decided.outcome, decided.retriever, decided.n_recordings, decided.notes) == ("hit@1", "bm25", 8, ())
    assert [(c.mode, c.backend, c.n, c.n_questions) for c in decided.curves] == [
        ("words", None, 4, 4), ("words", "reader", 8, 4), ("words", "streaming-reader", 8, 4),
        ("audio", "reader", 8, 4), ("partials", "streaming-reader", 8, 4),
    ]  # fmt: skip

    reference = only(decided, "words", None)
    assert reference.right.value == 1.0
    assert reference.until_settled.value == reference.of_right.value == pytest.approx((3 + 5 + 2 + 4) / 20, abs=1e-6)
    assert reference.amount.value == 3.5
    rarest, rare = reference.deciding  # peter, ljubljana, river, okapi decide
    assert (rarest.n, rarest.decides.value, rarest.by_chance.value) == (4, 0.5, 0.2)
    assert (rare.n, rare.by_chance.value) == (3, 0.2)  # nothing in the question of Paris is rare
    assert rare.decides.value == pytest.approx(2 / 3, abs=1e-6)

    # "what did peter mad dog or study": right once, then wrong; "... through the blue piano" never; the others as above
    hypotheses = only(decided, "words", "reader")
    assert (hypotheses.n_right, hypotheses.n_ever) == (4, 6)
    assert hypotheses.until_settled.value == pytest.approx((1 + 1 + 2 / 5 + 4 / 5) / 4, abs=1e-6)

    # A quarter and half of the recordings of Paris fail, and three quarters of that of the okapi lack the name.
    audio = only(decided, "audio", "reader")
    assert [(point.share, point.right.value) for point in audio.points] == [(0.25, 0), (0.5, 0.25), (0.75, 0), (1, 0.5)]
    assert audio.until_settled.value == 1.0
    assert audio.until_right.value == 0.875
    assert (audio.deciding, audio.revisions, audio.at_once) == ((), None, None)

    # After half: "what did peter um", "which river um" are right, "where does um" is not.
    partials = only(decided, "partials", "streaming-reader")
    assert [point.right.value for point in partials.points] == [0] * 4 + [0.5] * 6
    assert partials.until_settled.value == 0.875
    assert partials.amount.value == pytest.approx(0.075)
    assert partials.at_once is not None
    assert partials.at_once.value == 0.5
    assert partials.revisions is not None  # one word in 7, 7, 5 and 5
    assert partials.revisions.withdrawn.value == pytest.approx(4 / 24, abs=1e-6)
    assert partials.revisions.recordings.value == 1.0


def test_failed_samples_stay_in_every_denominator_unless_the_spec_excludes_them(
    write_suite: WriteSuite, tmp_path: Path
) -> None:
    suite, table = voiced_suite(write_suite), "recordings = 8\npartial_seconds = 0.05"
    deaf = [f"{line}\ndeaf = true" for line in READERS]
    counted = early(suite, tmp_path / "counted", table, *deaf)
    for mode, backend in (("words", "reader"), ("audio", "reader"), ("partials", "streaming-reader")):
        one = only(counted, mode, backend)
        assert (one.n, one.n_empty, one.n_right, one.right.value) == (8, 2, 2, 0.25)
        assert one.points[-1].right.value == 0.25
    excluded = early(suite, tmp_path / "excluded", table, *deaf, rest='missing = "exclude"')
    one = only(excluded, "words", "reader")
    assert (one.n, one.n_empty, one.n_right) == (6, 0, 2)


def test_without_recordings_only_text_is_cut(write_suite: WriteSuite, tmp_path: Path) -> None:
    decision = early(voiced_suite(write_suite), tmp_path / "run", "", *READERS)
    assert decision is not None
    assert {c.mode for c in decision.curves} == {"words"}
    assert decision.n_recordings == 0


def test_what_cannot_be_recognised_in_parts_is_said(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = voiced_suite(write_suite)
    replayed = early(suite, tmp_path / "replayed", "recordings = 8", 'name = "replay"\nmodel = "vendor"', READERS[0])
    assert replayed is not None
    assert replayed.notes == ("replayed transcripts have no parts of recordings: replay:vendor",)
    assert {c.backend for c in replayed.curves if c.mode != "words"} == {"reader"}
    loud = early(suite, tmp_path / "loud", "recordings = 8", READERS[0], rest='[[condition]]\nname = "gain"\ndb = -3')
    assert loud is not None
    assert loud.notes == ("recordings in parts are of clean audio, and the run has none",)
    assert {(c.mode, c.condition) for c in loud.curves} == {("words", None), ("words", "gain -3 dB")}


def test_some_recordings_are_drawn_of_different_questions(write_suite: WriteSuite, tmp_path: Path) -> None:
    decision = early(voiced_suite(write_suite), tmp_path / "run", "recordings = 4", READERS[0])
    audio = only(decision, "audio", "reader")
    assert (audio.n, audio.n_questions) == (4, 4)


@pytest.mark.parametrize("outcome", ["answer", "has_answer@1", "rr@10"])
def test_any_outcome_of_a_run_may_be_decided(write_suite: WriteSuite, tmp_path: Path, outcome: str) -> None:
    decision = early(voiced_suite(write_suite), tmp_path / "run", "", READERS[0], rest=f'outcome = "{outcome}"')
    reference, hypotheses = (only(decision, "words", backend) for backend in (None, "reader"))
    stored = harness.load_run(tmp_path / "run").stored
    metric = "exact_match" if outcome == "answer" else outcome
    reached = [
        (bool(o.reference_metrics[metric]), bool(o.hypothesis_metrics[metric]))
        for o in (sample.retrieval["bm25"] for sample in stored.samples.values())
    ]
    assert reference.n_right == sum(of_reference for of_reference, _ in reached) / 2  # two recordings of each question
    assert hypotheses.n_right == sum(of_hypothesis for _, of_hypothesis in reached)


def test_only_the_backends_that_are_named_recognise_parts(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = voiced_suite(write_suite)
    decision = early(suite, tmp_path / "run", 'recordings = 4\nbackends = ["reader"]', *READERS)
    assert decision is not None
    assert {c.backend for c in decision.curves if c.mode != "words"} == {"reader"}
    assert early(suite, tmp_path / "run", 'recordings = 4\nbackends = ["raeder"]', *READERS) is None
    notes = harness.load_run(tmp_path / "run").stored.record.notes
    assert any("unknown backend in [early] 'raeder'. Did you mean 'reader'?" in note for note in notes)


def test_a_suite_without_snippets_has_nothing_to_decide_on(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = voiced_suite(write_suite)
    (suite / "snippets.jsonl").unlink()
    questions = (suite / "questions.jsonl").read_text().splitlines()
    stripped = [{k: v for k, v in json.loads(line).items() if k != "snippet_ids"} for line in questions]
    (suite / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in stripped))
    assert early(suite, tmp_path / "run", "", READERS[0]) is None
    assert any("no snippets" in note for note in harness.load_run(tmp_path / "run").stored.record.notes)


def test_intents_are_decided_by_models_of_other_questions(write_suite: WriteSuite, tmp_path: Path) -> None:
    """Three questions ask for a place, one for a field: as no other question does, what it asks for is never right.

    Each is decided by a model of the three others, and two of the three places begin alike: "which" alone tells them.
    """
    pytest.importorskip("sklearn", reason="scikit-learn, of the extra interpretation, is not installed")
    suite = voiced_suite(write_suite)
    questions = suite / "questions.jsonl"
    questions.write_text(questions.read_text().replace('"river"', '"place"').replace('"home"', '"place"'))
    decision = early(suite, tmp_path / "run", 'recordings = 4\ninterpreter = "ngrams"', *READERS, folds=4)
    assert decision is not None
    assert (decision.interpreter, decision.intent) == ("ngrams", "relation")
    of_intent = [c for c in decision.curves if c.decides == "intent"]
    assert [(c.mode, c.backend, c.n) for c in of_intent] == [
        ("words", None, 4), ("words", "reader", 8), ("words", "streaming-reader", 8), ("audio", "reader", 4),
        ("partials", "streaming-reader", 4),
    ]  # fmt: skip
    reference = of_intent[0]
    assert (reference.n_right, reference.n_ever) == (3, 3)
    assert reference.until_settled.value == pytest.approx((0.2 + 0.2 + 0.2 + 1) / 4, abs=1e-6)


def test_a_tag_that_no_question_has_is_said(write_suite: WriteSuite, tmp_path: Path) -> None:
    decision = early(
        voiced_suite(write_suite), tmp_path / "run", 'interpreter = "ngrams"\nintent = "topic"', READERS[0]
    )
    assert decision is not None
    assert decision.notes == ("no question has the tag 'topic', so there is no intent to decide",)
    assert (decision.interpreter, {c.decides for c in decision.curves}) == (None, {"outcome"})


@pytest.mark.parametrize("table", ["recordings = -1", "partial_seconds = 0.01", "tolerance = 1.0", "shares = [0.5]"])
def test_a_table_that_means_nothing(write_suite: WriteSuite, tmp_path: Path, table: str) -> None:
    with pytest.raises(UsageError, match=r"\[early\]"):
        early(voiced_suite(write_suite), tmp_path / "run", table, READERS[0])


def test_an_unknown_interpreter_is_refused_before_any_work(write_suite: WriteSuite, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="unknown interpreter 'ngram'"):
        early(voiced_suite(write_suite), tmp_path / "run", 'interpreter = "ngram"', READERS[0])
    assert not (tmp_path / "run").exists()


def test_a_study_that_is_stopped_stops_its_workers(write_suite: WriteSuite, tmp_path: Path) -> None:
    suite, executor = voiced_suite(write_suite), InPlace()
    early(suite, tmp_path / "run", "", READERS[0])
    spec = suite.parent / "early.toml"
    spec.write_text(spec.read_text() + "recordings = 8\n")
    steps: list[int] = []

    def stop(name: str, done: int, total: int) -> None:
        steps.append(total)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        harness.run(spec, out=tmp_path / "run", executor=executor, study_progress=stop)
    assert steps == [24]
    assert executor.stopped == 2, "those of the samples, and those of the study"
    assert caught.traceback, "which alone would hold the workers as long as it is looked at"
    assert early(suite, tmp_path / "run", "recordings = 8", READERS[0]) is not None


def test_words_are_timed_only_where_all_of_them_are_the_hypothesis() -> None:
    words = (Word("Who", 0.1, 0.4), Word("twenty-one?", 0.5, 1.2))
    tokenise = normaliser("default", "en").tokenise
    tokens = [token for word in words for token in tokenise(word.text)]
    assert len(tokens) == 3
    steps = tuple(AlignedWord("hit", token, token) for token in tokens)
    sample = Sample(
        "k", "ok", "u", "q", "clean", "b", " ".join(tokens), Transcript("Who twenty-one?", (), words), steps
    )
    assert word_ends(sample, tokenise) == (0.4, 1.2, 1.2)
    untimed, other = (
        replace(sample, transcript=Transcript("Who twenty-one?", (), given))
        for given in ((words[0], Word("twenty-one?")), words[:1])
    )
    assert [word_ends(each, tokenise) for each in (untimed, other, replace(sample, transcript=None))] == [(), (), ()]
