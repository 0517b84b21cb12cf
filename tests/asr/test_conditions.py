from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.asr.conditions import (
    CONDITIONS,
    ConditionSpec,
    build,
    choose_others,
    default_label,
    parse_condition,
    rng_for,
)
from harness.errors import UsageError
from harness.records import Clip, Utterance
from tests.asr.sounds import RATE, clip_of, made, processed, question_clips

VARIANTS = (
    "clean", "white,snr_db=-5", "pink,snr_db=3", "babble,snr_db=0,talkers=3", "reverb,rt60=0.3", "telephone",
    "codec,kbps=8", "speed,factor=0.9", "speed,factor=1.3", "gain,db=30", "gain,db=30,clip=false", "gain,db=-12",
    "silence,seconds=0.01", "cut,share=0.25",
)  # fmt: skip


@pytest.fixture
def recorded() -> tuple[Clip, ...]:
    return question_clips()


# ---- what holds for all --------------------------------------------------------------------------------------------


def test_every_condition_is_among_the_variants() -> None:
    assert {text.partition(",")[0] for text in VARIANTS} == set(CONDITIONS)


short_clips = st.tuples(
    st.one_of(st.integers(1, 40), st.integers(1, 2_500)),
    st.sampled_from([0.0, 1e-30, 1e-4, 0.1, 1.0]),
    st.integers(0, 5),
)


@pytest.mark.parametrize("text", VARIANTS)
@settings(max_examples=25)
@given(shape=short_clips)
def test_any_clip_stays_finite_in_range_and_reproducible(text: str, shape: tuple[int, float, int]) -> None:
    n_samples, level, seed = shape
    noise = np.random.default_rng(seed)
    clip = clip_of(level * noise.uniform(-1, 1, n_samples))
    others = tuple(clip_of(noise.uniform(-1, 1, n), f"o{n}") for n in (3, 700))
    before = clip.samples.copy()
    first, second = processed(text, clip, others), processed(text, clip, others)
    assert np.array_equal(first.samples, second.samples)
    assert np.array_equal(clip.samples, before)
    assert (first.samples.dtype, first.sample_rate, first.utterance_id) == (np.float32, RATE, "u1")
    assert np.isfinite(first.samples).all()
    assert np.abs(first.samples).max() <= 1.0
    condition = made(text)
    expected = {
        "speed": lambda: max(1, round(n_samples / condition.values["factor"])),
        "silence": lambda: n_samples + round(condition.values["seconds"] * RATE),
        "cut": lambda: max(1, round(n_samples * condition.values["share"])),
    }.get(condition.spec.name, lambda: n_samples)()
    assert len(first.samples) == expected


@pytest.mark.parametrize("text", VARIANTS)
def test_exactly_the_seeded_conditions_depend_on_seed_and_label(text: str, recorded: tuple[Clip, ...]) -> None:
    condition = pickle.loads(pickle.dumps(made(text)))
    one, two = (processed(text, recorded[0], recorded[1:], seed).samples for seed in (1, 2))
    assert condition.seeded == (not np.array_equal(one, two))
    assert ("label" in condition.identity()) == condition.seeded
    assert condition.needs_others == (3 if condition.spec.name == "babble" else 0)


@pytest.mark.parametrize("text", VARIANTS)
def test_a_clip_without_samples_comes_back(text: str) -> None:
    empty = clip_of(np.zeros(0))
    assert processed(text, empty) is empty


def test_the_generator_is_the_same_in_another_process() -> None:
    code = "from harness.asr.conditions import rng_for; print(rng_for(7, 'u1', 'babble 10 dB').integers(2**62))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "3"},
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert int(done.stdout) == rng_for(7, "u1", "babble 10 dB").integers(2**62)
    others = {
        int(rng_for(*key).integers(2**62)) for key in ((8, "u1", "a"), (7, "u1a", ""), (7, "u1", "a"), (7, "u", "1a"))
    }
    assert len(others) == 4


utterances = st.lists(
    st.builds(
        Utterance,
        id=st.integers(0, 99).map(str),
        question_id=st.sampled_from("abcd"),
        audio=st.sampled_from([None, "a.wav"]),
    ),
    unique_by=lambda utterance: utterance.id,
)


@given(utterances, st.integers(0, 6), st.randoms(use_true_random=False))
def test_others_are_of_other_questions_and_independent_of_order(
    suite: list[Utterance], n: int, shuffler: object
) -> None:
    asked = Utterance("asked", "a", "asked.wav")
    suite = [*suite, asked]
    chosen = choose_others(asked, suite, n, rng_for(1, "asked", "babble"))
    fitting = {u.id for u in suite if u.question_id != "a" and u.audio}
    assert len(chosen) == len({u.id for u in chosen}) == min(n, len(fitting))
    assert {u.id for u in chosen} <= fitting
    shuffler.shuffle(suite)  # type: ignore[attr-defined]
    assert choose_others(asked, suite, n, rng_for(1, "asked", "babble")) == chosen


# ---- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("clean", "clean"), ("babble", "babble 10 dB"), ("babble, snr_db = -2.5 ,talkers=8", "babble -2.5 dB 8 talkers"),
        ("white,snr_db=5", "white 5 dB"), ("pink,snr_db=0.0", "pink 0 dB"), ("reverb", "reverb 0.5 s"),
        ("telephone", "telephone"), ("codec,kbps=8", "codec 8 kbps"), ("speed,factor=0.9", "speed x0.9"),
        ("gain,db=6", "gain +6 dB"), ("gain,db=6,clip=false", "gain +6 dB unclipped"), ("silence", "silence 1 s"),
        ("cut", "cut 50%"), ("cut,share=0.25", "cut 25%"), ("white,label=hiss", "hiss"), ("white,label=7", "7"),
    ],
)  # fmt: skip
def test_labels_say_what_was_done(text: str, label: str) -> None:
    spec = parse_condition(text)
    assert spec.label == label
    assert build(spec).spec == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bable", "unknown condition 'bable'. Did you mean 'babble'?"),
        ("", "'' names no condition: expected NAME or NAME,option=value"),
        ("babble:10", "'babble:10' names no condition"),
        ("babble,snr=10", "unknown babble option 'snr'. Did you mean 'snr_db'? Known: snr_db, talkers."),
        ("telephone,kbps=3", "unknown telephone option 'kbps'. Known: none."),
        ("babble,10", "'10' is no option: expected option=value"),
        ("babble,snr_db=1,snr_db=1", "the option 'snr_db' is given twice"),
        ("babble,snr_db=ten", "condition 'babble': snr_db is 'ten'; expected a number from -40 to 80."),
        ("babble,snr_db=nan", "snr_db is nan; expected a number"),
        ("babble,snr_db=true", "snr_db is True; expected a number"),
        ("babble,talkers=2.5", "talkers is 2.5; expected a whole number from 1 to 64."),
        ("speed,factor=0", "factor is 0; expected a number from 0.5 to 2."),
        ("gain,clip=1", "clip is 1; expected true or false."),
        ("cut,share=0", "share is 0; expected a number from 0.01 to 1."),
        ("cut,share=25", "share is 25; expected a number from 0.01 to 1."),
    ],
)
def test_mistakes_are_explained(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_condition(text)
    assert message in str(caught.value)


def test_a_spec_from_a_file_is_checked_like_one_from_the_command_line() -> None:
    assert default_label("babble", {"snr_db": 10}) == default_label("babble", {"snr_db": 10.0})
    assert (
        build(ConditionSpec("white", "w", {"snr_db": 5})).identity()
        == build(ConditionSpec("white", "w", {"snr_db": 5.0})).identity()
    )
    with pytest.raises(UsageError, match="unknown clean option 'snr_db'"):
        build(ConditionSpec("clean", "clean", {"snr_db": 5}))


def test_naming_conditions_loads_nothing_heavy() -> None:
    code = (
        "import sys; from harness.asr.conditions import build, parse_condition\n"
        f"for text in {VARIANTS!r}: build(parse_condition(text))\n"
        "print([m for m in ('numpy', 'scipy', 'soundfile', 'soxr') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
