from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audio import mpeg, ogg
from harness.audio.reading import READING_VERSION, file_digest, load, reading_version
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
    [
        (b"", "empty"),
        (b"not audio at all, only words", "is text, not a recording: it begins 'not audio at all, only words'"),
        (None, "does not exist"),
    ],
)
def test_files_that_hold_no_audio(tmp_path: Path, content: bytes | None, expected: str) -> None:
    if content is not None:
        (tmp_path / "clip.wav").write_bytes(content)
    assert expected in refusal(tmp_path, "clip.wav")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "clip.wav").mkdir()
    assert "is a folder" in refusal(tmp_path, "clip.wav")


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


def samples_of(root: Path, name: str, notes: list[str] | None = None) -> np.ndarray:
    return load(root, name, utterance_id="u7", notes=notes).samples


def riff(path: Path) -> tuple[bytearray, int]:
    """A WAV's bytes, and where the size of its samples stands."""
    content = bytearray(write(path, "wav").read_bytes())
    return content, content.index(b"data") + 4


def test_wav_without_a_size_is_read_whole(tmp_path: Path) -> None:
    content, at = riff(tmp_path)
    for riff_size in (bytes(4), bytes(content[4:8])):
        content[4:8], content[at : at + 4] = riff_size, bytes(4)
        (tmp_path / "clip.wav").write_bytes(content)
        notes: list[str] = []
        assert len(samples_of(tmp_path, "clip.wav", notes)) == len(NOISE)
        assert notes == ["its header states no size: all that follows it was read"]


@pytest.mark.parametrize("off", [-1, 1])
def test_wav_whose_size_is_off_by_a_byte(tmp_path: Path, off: int) -> None:
    content, at = riff(tmp_path)
    content[at : at + 4] = (2 * len(NOISE) + off).to_bytes(4, "little")
    (tmp_path / "clip.wav").write_bytes(content)
    assert len(NOISE) - len(samples_of(tmp_path, "clip.wav")) in (0, 1)


def without_header(content: bytes) -> bytes:
    """An MP3 without its first frame, which states how many follow."""
    first = next(iter(mpeg.frames(content)))
    assert first.tag
    return content[first.at + first.size :]


@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "VARIABLE"])
def test_mp3_that_states_no_length_is_read_whole(tmp_path: Path, bitrate_mode: str) -> None:
    """Silence first, so that a length guessed from the first frames is far from the real one."""
    sound = np.concatenate([np.zeros(48_000, np.float32), NOISE])
    soundfile.write(tmp_path / "clip.mp3", sound, 16_000, format="MP3", bitrate_mode=bitrate_mode)
    bare = without_header((tmp_path / "clip.mp3").read_bytes())
    id3 = b"ID3\x03\x00\x00\x00\x00\x02\x01" + bytes(257)
    for content in (bare, id3 + bare, bare + b"TAG" + bytes(125)):
        (tmp_path / "clip.mp3").write_bytes(content)
        samples = samples_of(tmp_path, "clip.mp3")
        assert 0 <= len(samples) - len(sound) <= 3 * 1152
        assert np.abs(samples[40_000:44_000]).max() < 0.01
        assert np.abs(samples[60_000:90_000]).max() > 0.3


@pytest.mark.parametrize("extension", ["mp3", "ogg", "opus", "wav"])
def test_recordings_joined_in_one_file_are_read_one_after_the_other(tmp_path: Path, extension: str) -> None:
    file = write(tmp_path, extension)
    file.write_bytes(2 * file.read_bytes())
    notes: list[str] = []
    assert len(samples_of(tmp_path, file.name, notes)) == pytest.approx(2 * len(NOISE), abs=2_000)
    assert notes == ["several recordings are joined in it: they were read one after the other"]


@pytest.mark.parametrize("extension", ["ogg", "opus"])
def test_ogg_without_a_mark_at_its_end_is_read(tmp_path: Path, extension: str) -> None:
    file = write(tmp_path, extension)
    content = bytearray(file.read_bytes())
    last = content.rfind(b"OggS")
    content[last + 5] &= ~0x04
    content[last + 22 : last + 26] = bytes(4)
    stream = ogg.streams(bytes(content))[0]
    assert not stream.is_marked
    file.write_bytes(bytes(content))  # its checksum is wrong with the mark, and put right by the reading
    assert len(samples_of(tmp_path, file.name)) == pytest.approx(len(NOISE), abs=700)


def test_an_ogg_page_that_is_missing_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "clip.ogg"
    soundfile.write(file, np.tile(NOISE, 5), 16_000, format="OGG", subtype="VORBIS")
    pages = ogg.streams(file.read_bytes())[0].pages
    assert len(pages) > 4
    file.write_bytes(b"".join(pages[:3] + pages[4:]))
    assert "between its Ogg pages 2 and 4 some are missing" in refusal(tmp_path, "clip.ogg")


def test_floats_on_a_scale_of_integers(tmp_path: Path) -> None:
    expected = np.round(NOISE * 32_768) / 32_768
    for full_scale in (32_768, 8_388_608, 2_147_483_648):
        soundfile.write(tmp_path / "clip.wav", expected * full_scale, 16_000, subtype="DOUBLE")
        notes: list[str] = []
        assert np.abs(samples_of(tmp_path, "clip.wav", notes) - expected).max() < 1e-6
        assert notes == [f"its samples are on a scale of integers: they were divided by {full_scale}"]
    for peak in (50, 1e12):
        soundfile.write(tmp_path / "clip.wav", NOISE * 2 * peak, 16_000, subtype="DOUBLE")
        assert "no scale of integers fits" in refusal(tmp_path, "clip.wav")
    soundfile.write(tmp_path / "clip.wav", NOISE * 6, 16_000, subtype="FLOAT")  # a loud mix
    assert np.abs(samples_of(tmp_path, "clip.wav")).max() == 1.0


def test_channels_that_cancel(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "clip.wav", np.stack([NOISE, -NOISE], axis=1), 16_000, subtype="FLOAT")
    notes: list[str] = []
    assert np.array_equal(samples_of(tmp_path, "clip.wav", notes), NOISE)
    assert notes == ["its channels cancel each other: the first was used alone"]
    soundfile.write(tmp_path / "clip.wav", np.stack([NOISE, np.zeros_like(NOISE)], axis=1), 16_000, subtype="FLOAT")
    assert np.allclose(samples_of(tmp_path, "clip.wav"), NOISE / 2)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.zeros(16_000), "holds no sound: every sample is zero"),
        (np.full(16_000, -0.5), "holds no sound: every sample is -0.5"),
        (NOISE[:160], "lasts 0.010 s, too short for a word: expected at least 0.1 s"),
    ],
)
def test_sound_without_a_signal(tmp_path: Path, samples: np.ndarray, expected: str) -> None:
    soundfile.write(tmp_path / "clip.wav", samples, 16_000)
    assert expected in refusal(tmp_path, "clip.wav")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "is a Git LFS pointer"),
        (b"\n<!DOCTYPE html><html><title>Sign in</title></html>", "is a web page, not a recording"),
        (b'{"error": "not found"}', "is JSON text"),
        (b'<?xml version="1.0"?><Error/>', "is XML text"),
        (b"#EXTM3U\nother.wav\n", "is a list of recordings (M3U)"),
        (bytes(5_000), "zero bytes, as a copy that broke off does"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a picture (PNG)"),
        (b"PK\x03\x04" + bytes(100), "is a ZIP archive"),
        ("question;answer\n".encode("utf-16"), "is text, not a recording: it begins 'question;answer'"),
    ],
)
def test_what_was_saved_in_place_of_a_recording(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "clip.wav").write_bytes(content)
    assert expected in refusal(tmp_path, "clip.wav")


def test_links_and_what_is_no_file(tmp_path: Path) -> None:
    write(tmp_path, "wav")
    (tmp_path / "inside.wav").symlink_to(tmp_path / "clip.wav")
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert len(samples_of(tmp_path, "inside.wav")) == len(NOISE)
    assert "is a link to a file that does not exist" in refusal(tmp_path, "dangling.wav")
    assert "is no file, but a pipe or a device" in refusal(tmp_path, "pipe.wav")


def test_a_name_that_ends_in_raw_says_nothing_of_the_format(tmp_path: Path) -> None:
    write(tmp_path, "wav").rename(tmp_path / "clip.raw")
    assert len(samples_of(tmp_path, "clip.raw")) == len(NOISE)


def test_flac_from_a_pipe_states_no_length(tmp_path: Path) -> None:
    file = write(tmp_path, "flac")
    content = bytearray(file.read_bytes())
    content[21] &= 0xF0
    content[22:42] = bytes(20)
    file.write_bytes(content)
    assert len(samples_of(tmp_path, file.name)) == len(NOISE)


def encode(path: Path, codec: str, rate: int = 16_000) -> Path:
    av = pytest.importorskip("av", reason="needs PyAV, which comes with faster-whisper")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray((NOISE[None] * 32_767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = 16_000
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024
        )
        for plain in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(plain))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("name", "codec", "rate"), [("clip.m4a", "aac", 16_000), ("clip.webm", "libopus", 48_000)])
def test_formats_of_phones_and_browsers_are_read_by_pyav(
    tmp_path: Path, name: str, codec: str, rate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = encode(tmp_path / name, codec, rate).read_bytes()
    assert len(samples_of(tmp_path, name)) == pytest.approx(len(NOISE), abs=1_600)
    (tmp_path / name).write_bytes(content[: len(content) * 6 // 10])
    message = refusal(tmp_path, name)
    assert "cut short" in message or "cannot be read as audio" in message
    (tmp_path / name).write_bytes(content)
    monkeypatch.setattr("harness.audio.pyav.is_installed", lambda: False)
    assert f"install PyAV (pip install av), or convert it: ffmpeg -i {name} -ac 1 -ar 16000 clip.16k.wav" in refusal(
        tmp_path, name
    )


def test_single_samples_far_outside_are_no_scale(tmp_path: Path) -> None:
    samples = NOISE.astype(np.float64)
    samples[500] = 1e9
    soundfile.write(tmp_path / "clip.wav", samples, 16_000, subtype="DOUBLE")
    assert "single samples up to 1e+09" in refusal(tmp_path, "clip.wav")


def test_sound_under_the_smallest_step_is_none(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "clip.wav", 0.25 + 1e-6 * NOISE, 16_000, subtype="FLOAT")
    assert "holds no sound: every sample is 0.25" in refusal(tmp_path, "clip.wav")


def test_a_tag_behind_flac_is_not_decoded(tmp_path: Path) -> None:
    file = write(tmp_path, "flac")
    file.write_bytes(file.read_bytes() + b"TAG" + bytes(125))
    assert len(samples_of(tmp_path, file.name)) == len(NOISE)


@pytest.mark.parametrize("kept", [0.97, 0.7, 0.35])
def test_a_file_of_64_bit_sizes_that_was_cut_is_refused(tmp_path: Path, kept: float) -> None:
    soundfile.write(tmp_path / "clip.wav", NOISE, 16_000, format="RF64", subtype="PCM_16")
    content = (tmp_path / "clip.wav").read_bytes()
    assert len(samples_of(tmp_path, "clip.wav")) == len(NOISE)
    (tmp_path / "clip.wav").write_bytes(content[: int(len(content) * kept)])
    assert "is cut short" in refusal(tmp_path, "clip.wav")


def test_which_recordings_sound_as_before_and_keep_their_cached_transcripts(tmp_path: Path) -> None:
    for extension in CONTAINERS:
        assert (reading_version(write(tmp_path, extension)) is None) == (extension != "mp3")
    soundfile.write(tmp_path / "stereo.wav", np.stack([NOISE, NOISE], axis=1), 16_000)
    soundfile.write(tmp_path / "float.wav", NOISE, 16_000, subtype="FLOAT")
    joined = tmp_path / "joined.ogg"
    joined.write_bytes(2 * write(tmp_path, "ogg").read_bytes())
    assert {reading_version(tmp_path / name) for name in ("stereo.wav", "float.wav", "joined.ogg")} == {READING_VERSION}
