from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from harness.asr.channels import impulse_response
from harness.records import Clip
from tests.asr.sounds import RATE, clip_of, decibels, lag, power, processed, question_clips


@pytest.fixture
def recorded() -> tuple[Clip, ...]:
    return question_clips()


@pytest.mark.parametrize("rt60", [0.2, 0.5, 1.2])
def test_reverberation_time_by_schroeder_integration(rt60: float) -> None:
    impulse = np.zeros(2 * RATE)
    impulse[RATE // 4] = 0.2
    response = processed(f"reverb,rt60={rt60}", clip_of(impulse)).samples
    assert not np.any(np.abs(response[: RATE // 4]) > 1e-6)  # nothing before the direct path, which stays in its place
    assert response[RATE // 4] == pytest.approx(0.2, rel=1e-3)
    tail = response[RATE // 4 + 1 :].astype(np.float64) ** 2
    decay = 10 * np.log10(np.cumsum(tail[::-1])[::-1][: round(0.9 * rt60 * RATE)] / tail.sum())
    used = np.flatnonzero((decay <= -5) & (decay >= -35))  # ISO 3382: T30
    slope = np.polyfit(used / RATE, decay[used], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=0.15)


def test_reverberant_energy_follows_the_critical_distance() -> None:
    for rt60, expected in ((0.25, 1.08), (0.5, 4.09), (1.0, 7.10)):  # 10 lg(rt60 * 1 m2 / (0.057**2 * 60 m3))
        response = impulse_response(rt60, RATE, np.random.default_rng(1))
        assert decibels(np.sum(response[1:] ** 2) / response[0] ** 2) == pytest.approx(expected, abs=0.01)


def out_of_band(samples: np.ndarray) -> float:
    frequencies, density = signal.periodogram(samples.astype(np.float64), RATE, window="hann")
    inside = (frequencies >= 300) & (frequencies <= 3_400)
    return decibels(density[~inside].sum() / density[inside].sum())


def test_telephone_keeps_its_band_and_nothing_else(recorded: tuple[Clip, ...]) -> None:
    noise = clip_of(np.random.default_rng(0).standard_normal(3 * RATE) * 0.1)
    for clip in (noise, *recorded):
        assert out_of_band(clip.samples) > -20
        assert out_of_band(processed("telephone", clip).samples) < -30


def test_telephone_passes_the_voice_band_unchanged_but_for_mu_law(recorded: tuple[Clip, ...]) -> None:
    time = np.arange(2 * RATE) / RATE
    middle = slice(RATE // 2, -RATE // 2)
    for frequency in (517, 1_013, 2_989):  # no divisors of the rate, so that all of mu-law's steps are met
        tone = 0.3 * np.sin(2 * np.pi * frequency * time)
        error = processed("telephone", clip_of(tone)).samples[middle] - tone[middle]
        assert 30 < decibels(power(tone[middle]) / power(error)) < 45  # G.711: about 38 dB, whatever the level
    for clip in recorded:
        assert abs(lag(clip.samples, processed("telephone", clip).samples)) <= 8


@pytest.mark.parametrize("kbps", [6, 12, 32])
def test_the_codec_keeps_words_in_their_places(kbps: int, recorded: tuple[Clip, ...]) -> None:
    for clip in recorded[:3]:
        coded = processed(f"codec,kbps={kbps}", clip)
        assert len(coded.samples) == len(clip.samples)
        assert abs(lag(clip.samples, coded.samples)) / RATE <= 0.005


def test_fewer_bits_cost_more(recorded: tuple[Clip, ...]) -> None:
    def error(kbps: int) -> float:
        return power(processed(f"codec,kbps={kbps}", recorded[0]).samples - recorded[0].samples)

    assert error(6) > error(16) > error(64) > 0


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_line_and_codec_take_any_rate(rate: int) -> None:
    sweep = clip_of(0.3 * signal.chirp(np.arange(rate) / rate, 400, 1, 3_000), rate=rate)
    for text in ("telephone", "codec,kbps=24"):
        result = processed(text, sweep)
        assert (result.sample_rate, len(result.samples)) == (rate, rate)
        assert abs(lag(sweep.samples, result.samples)) <= 0.005 * rate


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.25])
def test_speed_divides_the_length_and_raises_the_pitch(factor: float) -> None:
    tone = clip_of(0.3 * np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE))
    faster = processed(f"speed,factor={factor}", tone).samples
    assert len(faster) == round(RATE / factor)
    peak = np.argmax(np.abs(np.fft.rfft(faster, 8 * RATE))) / 8
    assert peak == pytest.approx(1_000 * factor, abs=2)


def test_gain_clips_at_full_scale_unless_told_not_to(recorded: tuple[Clip, ...]) -> None:
    samples = recorded[0].samples.astype(np.float64)
    np.testing.assert_allclose(processed("gain,db=20", recorded[0]).samples, np.clip(10 * samples, -1, 1), rtol=1e-6)
    limited = processed("gain,db=20,clip=false", recorded[0]).samples
    np.testing.assert_allclose(limited, samples / np.abs(samples).max(), rtol=1e-6)
    np.testing.assert_allclose(processed("gain,db=-20", recorded[0]).samples, samples / 10, rtol=1e-6)


def test_leading_silence_moves_words_and_changes_none(recorded: tuple[Clip, ...]) -> None:
    later = processed("silence,seconds=1.5", recorded[0]).samples
    assert np.array_equal(later[24_000:], recorded[0].samples)
    assert decibels(power(later[:24_000])) == pytest.approx(-90.3, abs=0.3)


def test_a_cut_recording_is_the_beginning_of_the_whole_one(recorded: tuple[Clip, ...]) -> None:
    whole = recorded[0].samples
    for share in (0.25, 0.5, 0.75):
        assert np.array_equal(processed(f"cut,share={share}", recorded[0]).samples, whole[: round(share * len(whole))])
    assert np.array_equal(processed("cut,share=1", recorded[0]).samples, whole)
