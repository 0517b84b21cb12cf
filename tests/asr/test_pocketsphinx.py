from __future__ import annotations

import math
import pickle
import shutil
import subprocess
from pathlib import Path

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.asr.pocketsphinx_backend import N_BEST, PRESETS, SAMPLE_RATE, PocketSphinx, _log_ratio
from harness.asr.protocol import BackendContext, parse_backend
from harness.audio.reading import load
from harness.errors import UsageError
from harness.records import Clip, Failure, Partial, Transcript
from harness.suites.load import load_suite
from tests.asr.speech import EachItsOwn, shared

NAMES = ("Peter Medawar", "Ljubljana", "Bujumbura", "Wisława Szymborska", "Port Moresby", "Camillo Golgi", "Dushanbe")
QUESTIONS = {
    "medawar": ("slt", "what prize did peter medawar win"),
    "bujumbura": ("slt", "which lake is bujumbura on"),
    "dushanbe": ("rms", "which river flows through dushanbe"),
    "plain": ("slt", "how many people live in the city of london"),
}


def build(text: str = "pocketsphinx", bias: tuple[str, ...] = ()) -> PocketSphinx:
    return PocketSphinx(parse_backend(text), BackendContext(Path(), "en", shared(bias)))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("flite") is None:
        pytest.skip("flite, which speaks the test questions, is not installed")
    root = tmp_path_factory.mktemp("recorded")
    for name, (voice, text) in QUESTIONS.items():
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", root / f"{name}.wav"], check=True)
    return root


@pytest.fixture(scope="module")
def clips(recorded: Path) -> list[Clip]:
    return [load(recorded, f"{name}.wav", utterance_id=name) for name in QUESTIONS]


@pytest.fixture(scope="module")
def plain() -> PocketSphinx:
    return build()


@pytest.fixture(scope="module")
def biased() -> PocketSphinx:
    return build(bias=NAMES)


@pytest.fixture(scope="module")
def transcripts(plain: PocketSphinx, clips: list[Clip]) -> dict[str, Transcript]:
    return {clip.utterance_id: result for clip, result in zip(clips, plain.transcribe(clips), strict=True)}


def test_same_as_the_engine_itself(recorded: Path, transcripts: dict[str, Transcript]) -> None:
    from pocketsphinx import Decoder

    for name, transcript in transcripts.items():
        pcm, rate = soundfile.read(recorded / f"{name}.wav", dtype="int16")
        assert rate == SAMPLE_RATE
        decoder = Decoder(loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw(pcm.tobytes(), full_utt=True)
        decoder.end_utt()
        segments = [segment for segment in decoder.seg() if segment.word[0] not in "<["]
        assert transcript.text == decoder.hyp().hypstr
        assert [(word.start, word.end, word.confidence) for word in transcript.words] == [
            (segment.start_frame / 100, (segment.end_frame + 1) / 100, min(1.0, segment.prob)) for segment in segments
        ]
        assert transcript.nbest[0].text == next(iter(decoder.nbest())).hypstr


def check_shape(transcript: Transcript, clip: Clip) -> None:
    texts = [entry.text for entry in transcript.nbest]
    assert 1 <= len(texts) == len(set(texts)) <= N_BEST
    assert [word.text for word in transcript.words] == transcript.text.split()
    times = [time for word in transcript.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= clip.duration + 0.05
    assert all(0 <= word.confidence <= 1 for word in transcript.words)
    assert not any(mark in text for text in [transcript.text, *texts] for mark in "<>[]()_")


def test_words_times_and_alternatives(transcripts: dict[str, Transcript], clips: list[Clip]) -> None:
    for clip in clips:
        check_shape(transcripts[clip.utterance_id], clip)
    confidences = [word.confidence for transcript in transcripts.values() for word in transcript.words]
    assert min(confidences) < 0.5 < max(confidences)  # posteriors are 1.0 throughout without `bestpath`


@settings(max_examples=4, deadline=None)
@given(order=st.permutations(range(len(QUESTIONS))))
def test_order_changes_nothing(
    plain: PocketSphinx, clips: list[Clip], transcripts: dict[str, Transcript], order: list[int]
) -> None:
    results = plain.transcribe([clips[position] for position in order])
    assert results == [transcripts[clips[position].utterance_id] for position in order]


def test_the_clip_before_changes_nothing_where_frames_are_left_out() -> None:
    root = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
    audio = {u.question_id: str(u.audio) for u in load_suite(root).utterances}
    pairs = (  # two whose posteriors the engine itself changes
        ("battle-war-battle-of-bunker-hill", "athlete-sport-iga-swiatek"),
        ("architect-white-house", "book-author-buddenbrooks"),
    )
    for before, after in pairs:
        first, second = (load(root, audio[name], utterance_id=name) for name in (before, after))
        alone, behind = (build("pocketsphinx,preset=fast") for _ in range(2))
        assert behind.transcribe([first, second])[1] == alone.transcribe([second])[0]
    assert "frames_to_forget" in alone.identity()
    assert "frames_to_forget" not in build().identity()


def test_a_bias_list_recovers_names(
    biased: PocketSphinx, clips: list[Clip], transcripts: dict[str, Transcript]
) -> None:
    for clip, transcript in zip(clips, biased.transcribe(clips), strict=True):
        check_shape(transcript, clip)
        question = QUESTIONS[clip.utterance_id][1]
        if clip.utterance_id == "plain":
            names = {part for name in NAMES for part in name.lower().split()}
            assert not names & set(transcript.text.split())
        else:
            assert clip.utterance_id not in transcripts[clip.utterance_id].text.split()
            assert clip.utterance_id in transcript.text.split()
            assert clip.utterance_id in question


def test_the_order_of_a_bias_list_changes_nothing(biased: PocketSphinx, clips: list[Clip]) -> None:
    other = build(bias=NAMES[::-1])
    assert other.phrases_sent("u1") == biased.phrases_sent("u1")
    assert other.transcribe(clips[:2]) == biased.transcribe(clips[:2])


def test_a_list_for_each_recording(clips: list[Clip], transcripts: dict[str, Transcript]) -> None:
    """A decoder that changes its list gives what a fresh one with that list gives, and reports how long the change took."""
    lists = {"medawar": NAMES[:1], "bujumbura": NAMES, "dushanbe": NAMES[:1], "plain": ()}
    backend = PocketSphinx(parse_backend("pocketsphinx"), BackendContext(Path(), "en", EachItsOwn(lists)))
    backend.warm_up()
    results = backend.transcribe(clips)
    for clip, result in zip(clips, results, strict=True):
        assert result == build(bias=lists[clip.utterance_id]).transcribe([clip])[0]
    assert results[-1] == transcripts["plain"]
    assert [measured.preparation is None for measured in backend.measured] == [False] * 4
    again = Clip("dushanbe", clips[0].samples, SAMPLE_RATE)
    assert backend.transcribe([clips[0], again]) == [results[0], results[0]]
    assert [measured.preparation is None for measured in backend.measured] == [False, True]


def test_nothing_is_printed(clips: list[Clip], capfd: pytest.CaptureFixture[str]) -> None:
    build("pocketsphinx,preset=fast", bias=(*NAMES, "medawar", "42", "北京")).transcribe(clips[:1])
    assert capfd.readouterr() == ("", "")


def test_a_bad_clip_costs_itself_only(
    plain: PocketSphinx, clips: list[Clip], transcripts: dict[str, Transcript]
) -> None:
    slow = Clip("slow", clips[0].samples, 8_000)
    empty = Clip("empty", clips[0].samples[:0], SAMPLE_RATE)
    failed, nothing, fine = plain.transcribe([slow, empty, clips[0]])
    assert isinstance(failed, Failure)
    assert "8000" in failed.message
    assert nothing == Transcript("")
    assert fine == transcripts[clips[0].utterance_id]


def test_a_very_short_clip(plain: PocketSphinx, clips: list[Clip]) -> None:
    assert plain.transcribe([Clip("short", clips[0].samples[:50], SAMPLE_RATE)]) == [Transcript("")]


def test_can_be_sent_to_another_process(clips: list[Clip], transcripts: dict[str, Transcript]) -> None:
    copy = pickle.loads(pickle.dumps(build()))
    assert copy.transcribe(clips[:1]) == [transcripts[clips[0].utterance_id]]


def test_identity_tells_what_changes_the_output() -> None:
    backends = [
        build(),
        *(build(f"pocketsphinx,preset={name}") for name in PRESETS if name != "accurate"),
        build("pocketsphinx,lw=8"),
        build(bias=NAMES),
        build("pocketsphinx,bias_weight=20", bias=NAMES),
    ]
    identities = [tuple(sorted(backend.identity().items())) for backend in backends]
    assert len(set(identities)) == len(identities)
    assert build("pocketsphinx,preset=accurate,label=other").identity() == build().identity()
    assert build("pocketsphinx,bias_weight=20").identity() == build().identity()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pocketsphinx:en-us", "only its built-in"),
        ("pocketsphinx,speed=3", "Known options: preset, bias_weight, beam"),
        ("pocketsphinx,preset=best", "option preset: Invalid enum value"),
        ("pocketsphinx,ds=2.5", "option ds: Expected `int [|] null`, got `float`"),
        ("pocketsphinx,ds=true", "option ds: Expected `int [|] null`, got `bool`"),
        ("pocketsphinx,beam=narrow", "option beam: Expected `float [|] null`, got `str`"),
        ("pocketsphinx,bias_weight=0", "option bias_weight: Expected `float` > 0"),
        ("pocketsphinx,bias_weight=inf", "option bias_weight: Expected `float` <="),
        ("pocketsphinx,bais=entities", "Did you mean 'bias'"),
    ],
)
def test_options_that_mean_nothing(text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        build(text)


def test_likelihoods_that_are_nearly_zero_have_a_ratio() -> None:
    """Their quotient underflows where they themselves do not."""
    assert _log_ratio(5e-324, 2.0) == pytest.approx(math.log(5e-324) - math.log(2.0), abs=1e-3)
    assert _log_ratio(1e308, 1e-308) == pytest.approx(2 * 308 * math.log(10), abs=1e-3)
    assert _log_ratio(0.0, 1.0) is None
    assert _log_ratio(0.5, 0.5) == 0.0


# ---- reading as it comes in


@pytest.fixture(scope="module")
def streamed(clips: list[Clip]) -> dict[str, tuple[Transcript, tuple[Partial, ...]]]:
    backend, two = build().streaming(0.5), clips[:2]
    results = backend.transcribe(two)
    return {c.utterance_id: (r, m.partials) for c, r, m in zip(two, results, backend.measured, strict=True)}


def test_partial_hypotheses_come_at_every_half_second_and_grow_into_the_transcript(
    streamed: dict[str, tuple[Transcript, tuple[Partial, ...]]], clips: list[Clip]
) -> None:
    for clip in clips[:2]:
        transcript, partials = streamed[clip.utterance_id]
        check_shape(transcript, clip)
        assert [partial.seconds for partial in partials] == [n / 2 for n in range(1, math.ceil(clip.duration * 2))]
        lengths = [len(partial.text.split()) for partial in partials]
        assert lengths[0] <= 2 < lengths[-1]
        assert not any(mark in partial.text for partial in partials for mark in "<>[]()_")


def test_partial_hypotheses_are_those_of_the_engine_itself(
    recorded: Path, streamed: dict[str, tuple[Transcript, tuple[Partial, ...]]]
) -> None:
    from pocketsphinx import Decoder

    pcm, _ = soundfile.read(recorded / "medawar.wav", dtype="int16")
    decoder, texts = Decoder(loglevel="FATAL", bestpath=True), []
    decoder.start_utt()
    for start in range(0, len(pcm), SAMPLE_RATE // 2):
        decoder.process_raw(pcm[start : start + SAMPLE_RATE // 2].tobytes(), full_utt=False)
        texts.append(decoder.hyp().hypstr if decoder.hyp() else "")
    decoder.end_utt()
    transcript, partials = streamed["medawar"]
    assert [partial.text for partial in partials] == texts[:-1]
    assert transcript.text == decoder.hyp().hypstr


def test_order_changes_no_partial_hypothesis(
    clips: list[Clip], streamed: dict[str, tuple[Transcript, tuple[Partial, ...]]]
) -> None:
    backend, turned = build().streaming(0.5), clips[1::-1]
    assert backend.transcribe(turned) == [streamed[clip.utterance_id][0] for clip in turned]
    assert [m.partials for m in backend.measured] == [streamed[clip.utterance_id][1] for clip in turned]


def test_streaming_is_another_recogniser_and_leaves_the_first_as_it_is(
    plain: PocketSphinx, clips: list[Clip], transcripts: dict[str, Transcript]
) -> None:
    identities = [b.identity() for b in (plain, plain.streaming(0.5), plain.streaming(0.25), build().streaming(0.5))]
    assert len({tuple(sorted(identity.items())) for identity in identities}) == 3
    assert identities[1] == identities[3]
    assert plain.transcribe(clips[:1]) == [transcripts[clips[0].utterance_id]]
    assert plain.measured[0].partials == ()
    pickle.dumps(plain.streaming(0.5))


def test_a_bias_list_recovers_names_in_pieces_too(biased: PocketSphinx, clips: list[Clip]) -> None:
    backend = biased.streaming(0.5)
    (transcript,) = backend.transcribe(clips[1:2])
    assert isinstance(transcript, Transcript)
    assert "bujumbura" in transcript.text.split()
    assert not any("bias_" in partial.text for partial in backend.measured[0].partials)


def test_a_clip_shorter_than_a_piece_and_a_bad_one_have_no_partial_hypotheses(clips: list[Clip]) -> None:
    backend = build().streaming(0.5)
    short = Clip("short", clips[0].samples[:4_000], SAMPLE_RATE)
    slow = Clip("slow", clips[0].samples, 8_000)
    empty = Clip("empty", clips[0].samples[:0], SAMPLE_RATE)
    little, failed, nothing = backend.transcribe([short, slow, empty])
    assert isinstance(little, Transcript)
    assert isinstance(failed, Failure)
    assert nothing == Transcript("")
    assert [m.partials for m in backend.measured] == [(), (), ()]
