from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from harness.asr.noise import speech_activity
from harness.errors import ConditionError
from harness.records import Clip
from tests.asr.sounds import RATE, clip_of, decibels, power, processed, question_clips


@pytest.fixture
def recorded() -> tuple[Clip, ...]:
    return question_clips()


# ---- active speech -------------------------------------------------------------------------------------------------


def p56_active_level(samples: np.ndarray, rate: int) -> float:
    """Method B of ITU-T P.56 in dB re full scale, written from the recommendation, sample by sample where it is so."""
    smoothing = np.exp(-1 / (rate * 0.03))
    envelope = signal.lfilter([(1 - smoothing) ** 2], [1, -2 * smoothing, smoothing**2], np.abs(samples))
    energy, hangover = float(np.sum(samples.astype(np.float64) ** 2)), round(0.2 * rate)
    earlier: tuple[float, float] | None = None
    for exponent in range(15):
        threshold = 2.0**-exponent
        last, active = -hangover - 1, 0
        for index in range(len(samples)):
            if envelope[index] >= threshold:
                last = index
            active += index - last < hangover
        if not active:
            continue
        level = decibels(energy / active)
        above = level - 20 * np.log10(threshold)
        if above >= 15.9 and earlier is not None:
            share = (15.9 - earlier[1]) / (above - earlier[1])
            return float(earlier[0] + share * (level - earlier[0]))
        earlier = (level, float(above))
    raise AssertionError("no active speech")


def test_the_active_level_is_that_of_p56(recorded: tuple[Clip, ...]) -> None:
    for clip in recorded[:3]:
        active = speech_activity(clip.samples, RATE)
        assert decibels(power(clip.samples[active])) == pytest.approx(p56_active_level(clip.samples, RATE), abs=0.3)


@given(arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.5, 1.0])))
def test_active_frames_are_the_largest_set_within_the_margin(samples: np.ndarray) -> None:
    rate = 100  # frames of 2 samples, hangover of 10 frames: brute force over every threshold
    frames = [samples[start : start + 2].astype(np.float64) for start in range(0, len(samples), 2)]
    powers = [float(np.mean(frame**2)) for frame in frames]
    loudness = [max(powers[max(0, index - 10) : index + 1]) for index in range(len(frames))]
    best: list[int] = []
    for threshold in set(loudness):
        chosen = [index for index, loud in enumerate(loudness) if loud >= threshold]
        mean = float(np.mean(np.concatenate([frames[index] for index in chosen]) ** 2))
        if threshold >= mean * 10**-1.59 and len(chosen) > len(best):
            best = chosen
    assert sorted({index // 2 for index in np.flatnonzero(speech_activity(samples, rate))}) == best


# ---- noise ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 10.0, 23.5])
@pytest.mark.parametrize("name", ["white", "pink", "babble"])
def test_the_snr_over_active_speech_is_as_asked(name: str, snr_db: float, recorded: tuple[Clip, ...]) -> None:
    quiet = clip_of(recorded[0].samples * 0.05)
    noisy = processed(f"{name},snr_db={snr_db}", quiet, recorded[1:])
    active = speech_activity(quiet.samples, RATE)
    noise = noisy.samples - quiet.samples
    achieved = decibels(power(quiet.samples[active]) / power(noise[active]))
    assert achieved == pytest.approx(snr_db, abs=0.05)


def test_a_mix_over_full_scale_is_scaled_as_a_whole(recorded: tuple[Clip, ...]) -> None:
    loud, quiet = recorded[0], clip_of(recorded[0].samples * 0.01, recorded[0].utterance_id)
    scaled, whole = processed("white,snr_db=-6", loud).samples, processed("white,snr_db=-6", quiet).samples
    assert np.abs(scaled).max() == 1.0
    np.testing.assert_allclose(scaled, whole / np.abs(whole).max(), atol=1e-5)


def test_a_pause_does_not_make_the_noise_quieter(recorded: tuple[Clip, ...]) -> None:
    quiet = recorded[0].samples * 0.05
    paused = np.concatenate([np.zeros(3 * RATE), quiet])
    levels = [
        power(processed("white,snr_db=5", clip_of(samples)).samples[-len(quiet) :] - quiet)
        for samples in (quiet, paused)
    ]
    assert abs(decibels(levels[0] / levels[1])) < 0.2


@pytest.mark.parametrize("name", ["white", "pink", "babble"])
def test_silence_gets_noise_at_the_nominal_level(name: str, recorded: tuple[Clip, ...]) -> None:
    noisy = processed(f"{name},snr_db=10", clip_of(np.zeros(2 * RATE)), recorded[1:])
    assert decibels(power(noisy.samples)) == pytest.approx(-36.0, abs=0.05)


def test_pink_noise_has_equal_power_in_every_octave_and_white_twice_as_much() -> None:
    for name, step in (("pink", 0.0), ("white", 3.01)):
        noise = processed(f"{name},snr_db=10", clip_of(np.zeros(30 * RATE))).samples
        frequencies, density = signal.welch(noise, RATE, nperseg=8192)
        octaves = [
            decibels(np.sum(density[(frequencies >= low) & (frequencies < 2 * low)]))
            for low in (125, 250, 500, 1000, 2000)
        ]
        assert np.diff(octaves) == pytest.approx([step] * 4, abs=0.5)


def test_babble_is_made_of_the_others_looped_at_equal_levels() -> None:
    time = np.arange(RATE) / RATE  # whole periods, so that looping does not break the tones
    tones = tuple(clip_of(a * np.sin(2 * np.pi * f * time), f"t{f}") for f, a in ((700, 0.9), (2_000, 0.01)))
    noise = processed("babble,snr_db=0,talkers=2", clip_of(np.zeros(4 * RATE)), tones).samples
    spectrum = np.abs(np.fft.rfft(noise)) ** 2
    tone_powers = spectrum[[4 * 700, 4 * 2_000]]
    assert tone_powers.sum() / spectrum.sum() > 0.999
    assert abs(decibels(tone_powers[0] / tone_powers[1])) < 0.01


def test_babble_does_not_depend_on_the_order_of_the_others(recorded: tuple[Clip, ...]) -> None:
    there, back = (processed("babble", recorded[0], others) for others in (recorded[1:], recorded[:0:-1]))
    assert np.array_equal(there.samples, back.samples)


def test_babble_uses_a_recording_twice_where_there_are_fewer_than_talkers(recorded: tuple[Clip, ...]) -> None:
    one, four = (processed(f"babble,talkers={n}", recorded[0], recorded[1:2]).samples for n in (1, 4))
    assert not np.allclose(one, four, atol=1e-3)


@pytest.mark.parametrize("others", [(), (clip_of(np.zeros(100), "silent"),)])
def test_babble_of_nothing_fails_that_sample_only(others: tuple[Clip, ...], recorded: tuple[Clip, ...]) -> None:
    with pytest.raises(ConditionError, match="no recording of another question") as caught:
        processed("babble", recorded[0], others)
    assert caught.value.stage == "condition"
