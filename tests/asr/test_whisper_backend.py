from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.asr import engines
from harness.asr.engines import MAX_PROMPT_TOKENS, TEMPERATURE_LADDER, fallback_temperatures, sampling_seed
from harness.asr.protocol import parse_backend
from harness.errors import MissingDependency, UsageError
from harness.records import BackendSpec, Clip, Failure, Transcript
from tests.asr.speech import build, noise

NAMES = tuple(f"Ljubljana Szymborska {number}" for number in range(60))


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """A backend sets the number of torch's threads for its whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def library(checkpoint: Path):
    import whisper

    return whisper.load_model(str(checkpoint), device="cpu")


def told(checkpoint: Path, options: str = "", bias: tuple[str, ...] = ()):
    return build(f"whisper:{checkpoint}{options}", bias)


def same_as(library: Any, clip: Clip, transcript: Transcript, **settings: Any) -> int:
    """Compares with the library called directly; returns the number of words."""
    torch.manual_seed(sampling_seed(clip))
    given = {"temperature": 0.0, "beam_size": None, "word_timestamps": True, "fp16": False, **settings}
    expected = library.transcribe(clip.samples, **given)
    words = [word for segment in expected["segments"] for word in segment.get("words", ())]
    assert bool(words) == (given["word_timestamps"] and bool(transcript.text))
    assert transcript.text == expected["text"].strip()
    assert [(w.text, w.start, w.end, w.confidence) for w in transcript.words] == [
        (w["word"].strip(), w["start"], w["end"], w["probability"]) for w in words
    ]
    return len(transcript.text.split())


@pytest.mark.parametrize(
    ("options", "settings", "n_sounds"),
    [
        ("", {"beam_size": 5}, 1),
        (",beam=1,word_timestamps=false", {"word_timestamps": False}, 4),
        (",beam=1,initial_prompt=which river", {"initial_prompt": "which river", "word_timestamps": False}, 1),
        (",temperature=0.8,word_timestamps=false", {"temperature": 0.8, "word_timestamps": False}, 2),
    ],
)
def test_same_as_the_library(
    checkpoint: Path, library: Any, sounds: list[Clip], options: str, settings: dict[str, Any], n_sounds: int
) -> None:
    transcripts = told(checkpoint, options).transcribe(sounds[:n_sounds])
    n_words = [
        same_as(library, clip, result, **settings) for clip, result in zip(sounds[:n_sounds], transcripts, strict=True)
    ]
    assert n_words[0] >= 3


def test_guards_draw_again_and_can_be_repeated(checkpoint: Path, library: Any, unlikely: Clip) -> None:
    backend = told(checkpoint, ",beam=1,fallback=true,word_timestamps=false")
    (transcript,) = backend.transcribe([unlikely])
    same_as(library, unlikely, transcript, temperature=TEMPERATURE_LADDER, word_timestamps=False)
    assert backend.transcribe([unlikely]) == [transcript]
    assert told(checkpoint, ",beam=1,word_timestamps=false").transcribe([unlikely]) != [transcript]


@pytest.mark.parametrize(("first", "steps"), [(0.0, TEMPERATURE_LADDER), (0.5, (0.5, 0.6, 0.8, 1.0)), (1.5, (1.5,))])
def test_guards_begin_at_the_temperature_asked_for(first: float, steps: tuple[float, ...]) -> None:
    assert fallback_temperatures(first) == steps


def test_no_word_times_beside_a_prompt_unless_asked_for(checkpoint: Path) -> None:
    plain, prompted = told(checkpoint), told(checkpoint, ",initial_prompt=which river")
    listed, asked = told(checkpoint, bias=NAMES), told(checkpoint, ",word_timestamps=true", NAMES)
    given = [backend.identity()["option.word_timestamps"] for backend in (plain, prompted, listed, asked)]
    assert given == ["True", "False", "False", "True"]
    assert [len(backend.notes) for backend in (plain, prompted, listed, asked)] == [0, 0, 0, 1]
    assert "leave word_timestamps out" in asked.notes[0]


@pytest.mark.slow
def test_same_as_the_library_on_a_quarter_of_the_demo(checkpoint: Path, library: Any, demo: list[Clip]) -> None:
    clips = demo[::4]
    transcripts = told(checkpoint, ",beam=1").transcribe(clips)
    n_words = sum(same_as(library, clip, result) for clip, result in zip(clips, transcripts, strict=True))
    print(f"whisper: {len(clips)} recordings, {n_words} words")
    assert n_words > 60


def test_without_word_times(checkpoint: Path, questions: list[Clip]) -> None:
    timed, plain = (
        told(checkpoint, f",beam=1,word_timestamps={wanted}").transcribe(questions[:1])[0]
        for wanted in ("true", "false")
    )
    assert timed.text == plain.text
    assert timed.words
    assert not plain.words


def test_neither_order_nor_the_process_change_anything_and_threads_only_last_digits(
    checkpoint: Path, questions: list[Clip]
) -> None:
    backend = told(checkpoint, ",temperature=0.8,word_timestamps=false")
    transcripts = backend.transcribe(questions)
    assert backend.transcribe(questions[::-1]) == transcripts[::-1]
    options = ",beam=1"
    (timed,) = told(checkpoint, options).transcribe(questions[:1])
    assert pickle.loads(pickle.dumps(told(checkpoint, options))).transcribe(questions[:1]) == [timed]
    (two_threads,) = told(checkpoint, f"{options},threads=2").transcribe(questions[:1])
    assert two_threads.text == timed.text
    assert [(w.text, w.start, w.end) for w in two_threads.words] == [(w.text, w.start, w.end) for w in timed.words]


def test_a_bias_list_is_a_prompt_of_whole_phrases(checkpoint: Path, library: Any, questions: list[Clip]) -> None:
    from whisper.tokenizer import get_tokenizer

    backend = told(checkpoint, ",beam=1", NAMES)
    sent = len(backend.phrases_sent("u1"))
    assert backend.phrases_sent("u1") == NAMES[:sent]
    assert 0 < sent < len(NAMES)
    prompt, longer = (", ".join(NAMES[:n]) for n in (sent, sent + 1))
    n_tokens = [len(get_tokenizer(multilingual=False).encode(f" {text}")) for text in (prompt, longer)]
    assert n_tokens[0] <= MAX_PROMPT_TOKENS < n_tokens[1]
    (transcript,) = backend.transcribe(questions[:1])
    same_as(library, questions[0], transcript, initial_prompt=prompt, word_timestamps=False)


def test_identity_tells_what_changes_the_output(checkpoint: Path, tmp_path: Path) -> None:
    changes = (
        "",
        ",beam=1",
        ",temperature=0.5",
        ",fallback=true",
        ",language=auto",
        ",initial_prompt=a",
        ",device=cuda",
    )
    backends = [told(checkpoint, options) for options in changes]
    identities = [tuple(sorted(backend.identity().items())) for backend in backends]
    assert len(set(identities)) == len(identities)
    assert not any(str(checkpoint.parent) in value for identity in identities for _, value in identity)
    elsewhere = tmp_path / "other" / checkpoint.name
    elsewhere.parent.mkdir()
    shutil.copy(checkpoint, elsewhere)
    assert told(elsewhere).identity() == backends[0].identity()
    elsewhere.write_bytes(b"other weights")
    assert told(elsewhere).identity() != backends[0].identity()


def test_a_published_model_is_known_before_it_is_fetched() -> None:
    assert build("whisper:tiny.en").identity()["model"].startswith("d3dd57d32accea0b")


def test_a_bad_clip_costs_itself_only(checkpoint: Path, questions: list[Clip]) -> None:
    slow, empty = noise(), noise()
    slow, empty = Clip("slow", slow.samples, 8_000), Clip("empty", slow.samples[:0], 16_000)
    bad = Clip("bad", np.zeros(1600, np.int64), 16_000)
    failed, nothing, broken, fine = told(checkpoint, ",beam=1,word_timestamps=false").transcribe(
        [slow, empty, bad, questions[0]]
    )
    assert isinstance(failed, Failure)
    assert "8000" in failed.message
    assert nothing == Transcript("")
    assert isinstance(broken, Failure)
    assert broken.message.startswith("whisper: ")
    assert isinstance(fine, Transcript)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("whisper", "expected whisper:MODEL"),
        ("whisper:./no/such.pt", r"./no/such.pt is not there"),
        ("whisper:tiny.enn", "Did you mean 'tiny.en'"),
        ("whisper:CHECKPOINT,speed=3", "Known options: device, beam"),
        ("whisper:CHECKPOINT,beam=0", "beam"),
        ("whisper:CHECKPOINT,temperature=hot", "temperature"),
        ("whisper:CHECKPOINT,device=tpu", "device"),
    ],
)
def test_what_means_nothing(checkpoint: Path, text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        build(text.replace("CHECKPOINT", str(checkpoint)))


def test_a_prompt_that_whisper_would_cut_is_refused(checkpoint: Path) -> None:
    with pytest.raises(UsageError, match="initial_prompt has 300 tokens"):
        told(checkpoint, f",initial_prompt={' no' * 300}").identity()


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "notes.pt").write_text("not weights")
    with pytest.raises(UsageError, match=r"notes cannot be loaded on cpu: .*Expected a checkpoint"):
        told(tmp_path / "notes.pt").warm_up()


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(engines, "version", absent)
    for name, extra in (("whisper", "whisper"), ("faster-whisper", "faster-whisper"), ("transformers", "transformers")):
        with pytest.raises(MissingDependency, match=rf"pip install 'spoken-qa-harness\[{extra}\]'"):
            build(f"{name}:small.en")


@pytest.mark.parametrize(
    ("model", "label"),
    [
        ("models/whisper/tiny.en.pt", "whisper (tiny.en)"),
        ("models/whisper/tiny.en", "whisper (tiny.en)"),
        ("./m", "whisper (m)"),
        ("a/b/my-model", "whisper (my model)"),
        ("/models/v2.5-large.pt", "whisper (v2.5 large)"),
        ("tiny.en", "whisper:tiny.en"),
        ("openai/whisper-tiny.en", "whisper:openai/whisper-tiny.en"),
    ],
)
def test_a_path_is_labelled_by_its_name(model: str, label: str) -> None:
    assert parse_backend(f"whisper:{model}") == BackendSpec("whisper", label, model)
