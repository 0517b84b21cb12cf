from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.asr.audio import file_digest, load
from harness.errors import AudioError

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000).astype(np.float32)
CONTAINERS = {
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def write(path: Path, extension: str, samples: np.ndarray = NOISE, rate: int = 16_000) -> Path:
    container, subtype = CONTAINERS[extension]
    file = path / f"clip.{extension}"
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file


def refusal(root: Path, relative: str, **limits: float) -> str:
    with pytest.raises(AudioError) as caught:
        load(root, relative, utterance_id="u7", **limits)
    message = str(caught.value)
    assert message.startswith("u7: ")
    assert repr(relative) in message
    assert str(root) not in message.replace(repr(relative), "")
    return message


@pytest.mark.parametrize("extension", CONTAINERS)
def test_whole_files_load(tmp_path: Path, extension: str) -> None:
    write(tmp_path, extension)
    clip = load(tmp_path, f"clip.{extension}", utterance_id="u7")
    assert (clip.utterance_id, clip.sample_rate, clip.samples.dtype) == ("u7", 16_000, np.float32)
    assert clip.duration == pytest.approx(3.0, abs=0.06)


@pytest.mark.parametrize("extension", CONTAINERS)
@pytest.mark.parametrize("kept", [0.97, 0.7, 0.35])
def test_files_cut_short_are_refused(tmp_path: Path, extension: str, kept: float) -> None:
    file = write(tmp_path, extension)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    message = refusal(tmp_path, file.name)
    assert "cut short" in message or "cannot be read as audio" in message


def test_a_wav_from_a_pipe_does_not_know_its_length(tmp_path: Path) -> None:
    file = write(tmp_path, "wav")
    content = bytearray(file.read_bytes())
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff\xff\xff\xff"
    file.write_bytes(content)
    assert len(load(tmp_path, file.name, utterance_id="u7").samples) == len(NOISE)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "empty"), (b"not audio at all, only words", "cannot be read as audio"), (None, "does not exist")],
)
def test_files_that_hold_no_audio(tmp_path: Path, content: bytes | None, expected: str) -> None:
    if content is not None:
        (tmp_path / "clip.wav").write_bytes(content)
    assert expected in refusal(tmp_path, "clip.wav")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "clip.wav").mkdir()
    assert "no file" in refusal(tmp_path, "clip.wav")


def test_no_samples(tmp_path: Path) -> None:
    write(tmp_path, "wav", np.zeros(0, dtype=np.float32))
    assert "no samples" in refusal(tmp_path, "clip.wav")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    samples = NOISE.copy()
    samples[100] = value
    soundfile.write(tmp_path / "clip.wav", samples, 16_000, subtype="FLOAT")
    assert "no numbers" in refusal(tmp_path, "clip.wav")


def test_too_long_is_seen_in_the_header(tmp_path: Path) -> None:
    write(tmp_path, "wav")
    assert "3.0 s, over the limit of 2.5 s" in refusal(tmp_path, "clip.wav", max_duration=2.5)
    assert load(tmp_path, "clip.wav", utterance_id="u7", max_duration=3.0).duration == 3.0


@pytest.mark.parametrize(
    "relative", ["", "/etc/hostname", "../clip.wav", "audio/../../clip.wav", "..\\clip.wav", "C:\\clip.wav", "a\0.wav"]
)
def test_paths_that_leave_the_suite(tmp_path: Path, relative: str) -> None:
    suite = tmp_path / "suite"
    (suite / "audio").mkdir(parents=True)
    write(tmp_path, "wav")
    assert "no path inside the suite's folder" in refusal(suite, relative)


def test_links_may_not_leave_the_suite(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    suite.mkdir()
    outside, inside = write(tmp_path, "wav"), write(suite, "flac")
    (suite / "outside.wav").symlink_to(outside)
    (suite / "inside.flac").symlink_to(inside)
    (suite / "loop.wav").symlink_to(suite / "loop.wav")
    assert "leaves the suite's folder" in refusal(suite, "outside.wav")
    refusal(suite, "loop.wav")
    assert load(suite, "inside.flac", utterance_id="u7").duration == 3.0


def test_channels_are_averaged(tmp_path: Path) -> None:
    stereo = np.stack([NOISE, -0.5 * NOISE], axis=1)
    soundfile.write(tmp_path / "clip.wav", stereo, 16_000, subtype="FLOAT")
    samples = load(tmp_path, "clip.wav", utterance_id="u7").samples
    np.testing.assert_allclose(samples, 0.25 * NOISE, atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(
    rate=st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000]),
    tone=st.floats(200, 3_000),
    peak=st.floats(0.05, 0.9),
)
def test_resampling_keeps_a_tone(tmp_path_factory: pytest.TempPathFactory, rate: int, tone: float, peak: float) -> None:
    """Against the tone as it would have been sampled at 16 kHz in the first place."""
    root = tmp_path_factory.mktemp("tones")
    soundfile.write(root / "clip.wav", peak * np.sin(2 * np.pi * tone * np.arange(rate) / rate), rate, subtype="FLOAT")
    samples = load(root, "clip.wav", utterance_id="u7").samples
    assert abs(len(samples) - 16_000) <= 1
    inner = np.arange(2_000, 14_000)  # filters ring at the edges
    np.testing.assert_allclose(samples[inner], peak * np.sin(2 * np.pi * tone * inner / 16_000), atol=2e-3)


def test_over_full_scale_is_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "clip.wav", 3 * NOISE, 16_000, subtype="FLOAT")
    samples = load(tmp_path, "clip.wav", utterance_id="u7").samples
    np.testing.assert_array_equal(samples, np.clip(3 * NOISE, -1, 1))


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_digest_is_what_sha256sum_says(tmp_path: Path) -> None:
    file = write(tmp_path, "flac")
    printed = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout
    assert file_digest(file) == printed.split()[0]
