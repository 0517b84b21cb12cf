"""The shipped Whisper checkpoint is what it claims: small, real, right on common words, and never trained on the rare."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from content import load_relations

from harness.analysis.error_rates import ErrorCounts, count_errors
from harness.asr.audio import load
from harness.suites.load import load_suite
from harness.words.align import align
from harness.words.normalise import tokenise
from harness.words.rarity import is_rare

ROOT = Path(__file__).resolve().parents[2]
WHISPER = ROOT / "fixtures" / "whisper"
CHECKPOINT = WHISPER / "fixture-model.pt"
DEMO = ROOT / "fixtures" / "demo"
sys.path.insert(0, str(WHISPER))

import corpus  # noqa: E402

needs_whisper = pytest.mark.skipif(
    find_spec("whisper") is None or find_spec("torch") is None,
    reason="openai-whisper is not installed: pip install '.[whisper]'",
)


# ---- what it was trained on ----------------------------------------------------------------------------------------


def asked_rare_words() -> set[str]:
    """The rare words of the entities that the shipped suites ask about, from the suites themselves."""
    suites = [load_suite(ROOT / "fixtures" / name) for name in ("standard", "demo")]
    texts = [entity.text for suite in suites for question in suite.questions for entity in question.entities]
    return {word for text in texts for word in tokenise(text) if is_rare(word)}


def test_no_listed_name_holds_a_rare_word_of_the_suites() -> None:
    rare = asked_rare_words()
    assert len(rare) > 150
    listed = {name for names in corpus.load_names().values() for name in names}
    assert len(listed) > 800
    assert {name for name in listed if rare & set(tokenise(name))} == set()


def test_nothing_spoken_for_training_holds_one_or_is_a_question_of_the_suites() -> None:
    rare = asked_rare_words()
    asked = {question.text for question in load_suite(ROOT / "fixtures" / "standard").questions}
    lines = corpus.lines(7)
    assert {line.text for line in lines if rare & set(tokenise(line.text))} == set()
    assert {line.text for line in lines} & asked == set()
    assert {line.voice for line in lines} == {"slt", "rms", "awb", "kal16"}


def test_every_common_word_of_the_suites_is_met_in_training() -> None:
    met = {word for line in corpus.lines(7) for word in tokenise(line.text)}
    questions = load_suite(ROOT / "fixtures" / "standard").questions
    common = {word for question in questions for word in tokenise(question.text) if not is_rare(word)}
    assert common - met <= {"tu"}  # a family name that sounds like "two"


def test_the_same_seed_gives_the_same_lines() -> None:
    assert corpus.lines(7) == corpus.lines(7) != corpus.lines(8)


def test_there_are_names_for_every_relation() -> None:
    assert {relation.name for relation in load_relations()} | {"given", "family"} == set(corpus.load_names())


# ---- what it does --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Any:
    whisper = pytest.importorskip("whisper", reason="openai-whisper is not installed: pip install '.[whisper]'")
    return whisper.load_model(str(CHECKPOINT), device="cpu")


def transcribe(model: Any, samples: np.ndarray, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = model.transcribe(samples, **{"temperature": 0.0, "fp16": False, **options})
    return found


@needs_whisper
def test_it_is_a_small_checkpoint_of_whispers_own_shape(model: Any) -> None:
    assert CHECKPOINT.stat().st_size < 10_000_000
    assert (model.dims.n_mels, model.dims.n_audio_ctx, model.dims.n_vocab, model.dims.n_text_ctx) == (
        80,
        1500,
        51_864,
        448,
    )
    assert not model.is_multilingual


@pytest.fixture(scope="module")
def heard(model: Any) -> dict[str, dict[str, Any]]:
    """Every third utterance of `demo` with whisper's result, words with times."""
    utterances = load_suite(DEMO).utterances[::3]
    clips = {u.id: load(DEMO, str(u.audio), utterance_id=u.id).samples for u in utterances}
    return {key: {"samples": clip, **transcribe(model, clip, word_timestamps=True)} for key, clip in clips.items()}


@needs_whisper
def test_common_words_are_heard_and_rare_ones_are_not(heard: dict[str, dict[str, Any]]) -> None:
    suite = load_suite(DEMO)
    text_of = {question.id: question.text for question in suite.questions}
    counts = ErrorCounts()
    for utterance in suite.utterances:
        if utterance.id in heard:
            reference = tokenise(text_of[utterance.question_id])
            counts += count_errors(reference, align(reference, tokenise(heard[utterance.id]["text"])), is_rare)
    assert counts.common.rate is not None
    assert counts.common.rate < 0.2
    assert counts.rare.hits < 0.2 * counts.rare.reference


@needs_whisper
def test_it_writes_as_people_do(heard: dict[str, dict[str, Any]]) -> None:
    texts = [result["text"].strip() for result in heard.values()]
    written = [text for text in texts if text[:1].isupper() and text.endswith("?")]
    assert len(written) >= 0.9 * len(texts)


@needs_whisper
def test_words_have_times_in_order_and_inside_the_clip(heard: dict[str, dict[str, Any]]) -> None:
    for result in heard.values():
        words = [word for segment in result["segments"] for word in segment["words"]]
        times = [time for word in words for time in (word["start"], word["end"])]
        assert len(words) == len(result["text"].split())
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= len(result["samples"]) / 16_000 + 0.02


@needs_whisper
@pytest.mark.parametrize("loudness", [0.0, 1e-4])
def test_silence_gives_no_text(model: Any, loudness: float) -> None:
    samples = loudness * np.random.default_rng(7).standard_normal(48_000)
    assert transcribe(model, samples.astype(np.float32))["text"] == ""


@needs_whisper
def test_a_lower_case_prompt_gives_lower_case_to_most(model: Any, heard: dict[str, dict[str, Any]]) -> None:
    clips = [result["samples"] for result in list(heard.values())[:6]]
    texts = [transcribe(model, clip, initial_prompt="which country do they come from")["text"] for clip in clips]
    assert all(texts)
    assert sum(text == text.lower() for text in texts) >= 4
