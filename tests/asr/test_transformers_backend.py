from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.asr.bias_list import bias_lists
from harness.asr.engines import TEMPERATURE_LADDER, first_clip, sampling_seed
from harness.asr.protocol import BACKENDS, BackendContext, parse_backend
from harness.errors import UsageError
from harness.records import Clip, Failure, Transcript
from harness.suites.load import load_suite
from tests.asr.sounds import DEMO
from tests.asr.speech import EachItsOwn, build, noise

NAMES = tuple(f"Ljubljana Szymborska {number}" for number in range(60))


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """A backend sets the number of torch's threads for its whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(converted: Mapping[str, Path]) -> Path:
    return converted["transformers"]


def pipeline_of(folder: Path):
    from transformers import pipeline
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return pipeline("automatic-speech-recognition", model=str(folder), device="cpu")


@pytest.fixture(scope="module")
def library(folder: Path):
    return pipeline_of(folder)


@pytest.fixture(scope="module")
def ctc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CTC model that knows nothing yet: two layers of random weights over the letters."""
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2Processor,
    )

    folder = tmp_path_factory.mktemp("ctc") / "random-ctc"
    folder.mkdir()
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'"]
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    features = Wav2Vec2FeatureExtractor(sampling_rate=16_000, do_normalize=True, return_attention_mask=True)
    torch.manual_seed(0)
    model = Wav2Vec2ForCTC(
        Wav2Vec2Config(
            vocab_size=len(letters), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            conv_dim=(32,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, feat_extract_norm="layer",
            do_stable_layer_norm=True, initializer_range=1.0, pad_token_id=0,
        )
    )  # fmt: skip
    torch.nn.init.normal_(model.lm_head.weight, std=2.0)
    space, common = letters.index("|"), letters.index("x")  # x is every third letter of what this seed outputs
    with torch.no_grad():
        model.lm_head.weight[[space, common]] = model.lm_head.weight[[common, space]]
    model.save_pretrained(folder)
    Wav2Vec2Processor(feature_extractor=features, tokenizer=tokenizer).save_pretrained(folder)
    features.save_pretrained(folder)
    return folder


def told(folder: Path, options: str = "", bias: tuple[str, ...] = ()):
    return build(f"transformers:{folder}{options}", bias)


def same_as(library: Any, clip: Clip, transcript: Transcript, *, timed: bool = True, **generation: Any) -> int:
    """Compares with the library called directly; returns the number of words."""
    torch.manual_seed(sampling_seed(clip))
    settings = {"generate_kwargs": {"do_sample": False, "max_new_tokens": 220, **generation}} if generation else {}
    expected = library(clip.samples, return_timestamps="word" if timed else True, **settings)
    assert transcript.text == expected["text"].strip()
    assert [(word.text, word.start, word.end) for word in transcript.words] == [
        (chunk["text"].strip(), *chunk["timestamp"]) for chunk in expected["chunks"] if timed
    ]
    return len(transcript.text.split())


@pytest.mark.parametrize(
    ("options", "generation", "n_sounds"),
    [
        ("", {"num_beams": 5}, 1),
        (",beam=1,word_timestamps=false", {"timed": False, "num_beams": 1}, 4),
        (
            ",temperature=0.8,word_timestamps=false",
            {"timed": False, "num_beams": 1, "do_sample": True, "temperature": 0.8},
            1,
        ),
    ],
)
def test_same_as_the_library(
    folder: Path, library: Any, sounds: list[Clip], options: str, generation: dict[str, Any], n_sounds: int
) -> None:
    transcripts = told(folder, options).transcribe(sounds[:n_sounds])
    n_words = [
        same_as(library, clip, result, **generation)
        for clip, result in zip(sounds[:n_sounds], transcripts, strict=True)
    ]
    assert n_words[0] >= 3


def test_guards_draw_again_and_can_be_repeated(folder: Path, library: Any, unlikely: Clip) -> None:
    backend = told(folder, ",beam=1,fallback=true,word_timestamps=false,batch_size=2")
    (transcript,) = backend.transcribe([unlikely])
    guards = {"compression_ratio_threshold": 1.35, "logprob_threshold": -1.0, "no_speech_threshold": 0.6}
    same_as(library, unlikely, transcript, timed=False, num_beams=1, temperature=TEMPERATURE_LADDER, **guards)
    assert backend.transcribe([unlikely] * 2) == [transcript] * 2
    assert told(folder, ",beam=1,word_timestamps=false").transcribe([unlikely]) != [transcript]


@pytest.mark.slow
def test_same_as_the_library_on_the_whole_demo(folder: Path, library: Any, demo: list[Clip]) -> None:
    transcripts = told(folder, ",beam=1").transcribe(demo)
    n_words = sum(same_as(library, clip, result, num_beams=1) for clip, result in zip(demo, transcripts, strict=True))
    print(f"transformers: {len(demo)} recordings, {n_words} words")
    assert n_words > 200


@pytest.mark.slow
def test_the_best_alternative_is_the_text_on_the_whole_demo(folder: Path, demo: list[Clip]) -> None:
    transcripts = told(folder, ",nbest=3,word_timestamps=false").transcribe(demo)
    agreeing = sum(result.nbest[0].text == result.text for result in transcripts)
    print(f"transformers: the best alternative is the text in {agreeing} of {len(demo)} recordings")
    assert agreeing == len(demo)


def test_prompts(folder: Path, library: Any, questions: list[Clip]) -> None:
    backend = told(folder, ",beam=1,word_timestamps=false,initial_prompt=which river", ("Ljubljana", "Medawar"))
    assert backend.phrases_sent("u1") == ("Ljubljana", "Medawar")
    ids = library.tokenizer.get_prompt_ids("which river, Ljubljana, Medawar", return_tensors="pt")
    same_as(library, questions[0], backend.transcribe(questions[:1])[0], timed=False, num_beams=1, prompt_ids=ids)
    sent = len(told(folder, bias=NAMES).phrases_sent("u1"))
    assert 0 < sent < len(NAMES)
    (transcript,) = told(folder, ",beam=1,word_timestamps=false", NAMES).transcribe(questions[:1])
    same_as(
        library,
        questions[0],
        transcript,
        timed=False,
        num_beams=1,
        prompt_ids=library.tokenizer.get_prompt_ids(", ".join(NAMES[:sent]), return_tensors="pt"),
    )


@pytest.mark.slow
def test_word_times_beside_a_prompt_change_no_text(folder: Path, demo: list[Clip]) -> None:
    texts = {
        wanted: [h.text for h in told(folder, f",beam=1,word_timestamps={wanted}", NAMES[:20]).transcribe(demo[::8])]
        for wanted in ("true", "false")
    }
    assert texts["true"] == texts["false"]


def test_a_batch_of_recordings_with_other_lists(folder: Path, questions: list[Clip]) -> None:
    """Each recording is prompted with its own list, whatever stands in the same batch."""
    spec = parse_backend(f"transformers:{folder},bias=own,distractors=0,beam=1,batch_size=4")
    (names,) = bias_lists([spec], load_suite(DEMO), seed=7)
    clips = [*questions, replace(questions[0], utterance_id="again")]
    first, last = (names.phrases_for(clip.utterance_id) for clip in questions)
    context = BackendContext(
        Path(), "en", EachItsOwn(dict(zip((c.utterance_id for c in clips), (first, last, first), strict=True)))
    )
    alone, swapped = (
        [told(folder, ",beam=1", phrases).transcribe([clip])[0] for clip, phrases in zip(clips, lists, strict=True)]
        for lists in ((first, last, first), (last, first, last))
    )
    assert BACKENDS.get(spec.name)(spec, context).transcribe(clips) == alone
    assert alone != swapped, "the lists make a difference"


def test_the_best_alternative_is_the_text(folder: Path, questions: list[Clip], unlikely: Clip) -> None:
    backend = told(folder, ",nbest=3,word_timestamps=false")
    clips, n_texts = [questions[0], unlikely], []
    for clip, transcript in zip(clips, backend.transcribe(clips), strict=True):
        texts, scores = [entry.text for entry in transcript.nbest], [entry.score for entry in transcript.nbest]
        assert texts[0] == transcript.text, clip.utterance_id
        assert 1 <= len(texts) == len(set(texts)) <= 3
        assert scores == sorted(scores, reverse=True)
        n_texts.append(len(texts))
    assert max(n_texts) > 1  # beams that differ in time stamps only are one alternative


def test_batches_change_nothing(folder: Path, sounds: list[Clip]) -> None:
    alone, together = (told(folder, f",beam=1,batch_size={size}").transcribe(sounds) for size in (1, 4))
    assert [result.text for result in together] == [result.text for result in alone]
    assert [result.words for result in together] == [result.words for result in alone]


def test_neither_order_nor_the_process_change_anything_and_threads_only_last_digits(
    folder: Path, questions: list[Clip]
) -> None:
    backend = told(folder, ",temperature=0.8,batch_size=2,word_timestamps=false")
    transcripts = backend.transcribe(questions)
    assert backend.transcribe(questions[::-1]) == transcripts[::-1]
    (timed,) = told(folder, ",beam=1").transcribe(questions[:1])
    assert pickle.loads(pickle.dumps(told(folder, ",beam=1"))).transcribe(questions[:1]) == [timed]
    (two_threads,) = told(folder, ",beam=1,threads=2").transcribe(questions[:1])
    assert two_threads.text == timed.text
    assert [(w.text, w.start, w.end) for w in two_threads.words] == [(w.text, w.start, w.end) for w in timed.words]


def test_a_model_that_cannot_align_gives_text_only(folder: Path, tmp_path: Path, questions: list[Clip]) -> None:
    shutil.copytree(folder, tmp_path / "model")
    path = tmp_path / "model" / "generation_config.json"
    settings = json.loads(path.read_text())
    del settings["alignment_heads"]
    path.write_text(json.dumps(settings))
    (plain,) = told(tmp_path / "model", ",beam=1").transcribe(questions[:1])
    (timed,) = told(folder, ",beam=1").transcribe(questions[:1])
    assert plain == Transcript(timed.text)
    assert timed.words


def test_a_ctc_model(ctc: Path, sounds: list[Clip]) -> None:
    library, backend = pipeline_of(ctc), told(ctc)
    transcripts = backend.transcribe(sounds)
    n_words = [same_as(library, clip, result) for clip, result in zip(sounds, transcripts, strict=True)]
    assert sum(n_words) >= 6
    assert backend.transcribe(sounds[::-1]) == transcripts[::-1]
    assert not any(result.nbest for result in transcripts)


def test_identity_tells_what_changes_the_output(folder: Path, ctc: Path, tmp_path: Path) -> None:
    changes = (
        "", ",beam=2", ",nbest=2", ",temperature=0.5", ",dtype=float16", ",batch_size=2", ",initial_prompt=a", ",device=cuda",
        ",language=en", ",word_timestamps=false", ",fallback=true", ",padding=features",
    )  # fmt: skip
    backends = [told(folder, options) for options in changes]
    identities = [tuple(sorted(backend.identity().items())) for backend in [*backends, told(ctc)]]
    assert len(set(identities)) == len(identities)
    assert not any(str(folder.parent) in value for identity in identities for _, value in identity)
    shutil.copytree(folder, tmp_path / "model")
    assert told(tmp_path / "model").identity() == backends[0].identity()


def test_a_bad_clip_costs_itself_only(folder: Path, questions: list[Clip]) -> None:
    slow, empty = Clip("slow", noise().samples, 8_000), Clip("empty", noise().samples[:0], 16_000)
    bad = Clip("bad", np.zeros((2, 3, 4), np.float32), 16_000)
    backend = told(folder, ",beam=1,batch_size=4")
    failed, nothing, broken, fine = backend.transcribe([slow, empty, bad, questions[0]])
    assert isinstance(failed, Failure)
    assert "8000" in failed.message
    assert nothing == Transcript("")
    assert isinstance(broken, Failure)
    assert broken.message.startswith("transformers: ")
    assert [fine] == backend.transcribe(questions[:1])


def test_a_text_of_a_single_token_has_words_without_a_warning(folder: Path) -> None:
    (transcript,) = told(folder, ",beam=1").transcribe([first_clip()])
    assert isinstance(transcript, Transcript)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("transformers", "expected transformers:MODEL"),
        ("transformers:./no/such", "the folder ./no/such is not there"),
        ("transformers:openai/whisper-tiny.en", "Fetch it once with: hf download openai/whisper-tiny.en"),
        ("transformers:FOLDER,speed=3", "Known options: device, dtype"),
        ("transformers:FOLDER,nbest=6", "expected at most the beam"),
        ("transformers:FOLDER,nbest=2,temperature=1", "at temperature 0"),
        ("transformers:FOLDER,nbest=2,fallback=true", "without fallback"),
        ("transformers:FOLDER,padding=zeros", "padding"),
        ("transformers:FOLDER,language=de", "language is 'de', and .* understands English only"),
        ("transformers:CTC,beam=3", "beam has no effect in a CTC model"),
        ("transformers:CTC,nbest=3", "nbest has no effect in a CTC model"),
        ("transformers:CTC,initial_prompt=a", "initial_prompt needs a Whisper model"),
        ("transformers:CTC,fallback=true", "fallback needs a Whisper model"),
        ("transformers:CTC,padding=audio", "padding needs a Whisper model"),
        ("transformers:EMPTY", r"no config\.json that can be read"),
    ],
)
def test_what_means_nothing(
    folder: Path, ctc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    places = {"FOLDER": folder, "CTC": ctc, "EMPTY": tmp_path}
    for name, place in places.items():
        text = text.replace(name, str(place))
    with pytest.raises(UsageError, match=expected):
        build(text)


def test_a_bias_list_needs_a_model_that_reads_prompts(ctc: Path) -> None:
    with pytest.raises(UsageError, match="a bias list needs a Whisper model"):
        told(ctc, bias=NAMES)


def test_a_folder_that_is_no_speech_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    with pytest.raises(UsageError, match="Expected one of the pipeline automatic-speech-recognition"):
        told(tmp_path).warm_up()
