from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.asr.engines import MAX_PROMPT_TOKENS, fitting_prompt, recognised_word, sampling_seed
from harness.asr.overview import BackendEntry, backend_overview
from harness.asr.protocol import Capabilities, is_path, parse_backend
from harness.audio.weights import folder_digest
from harness.errors import UnknownName, UsageError
from harness.records import BackendSpec, Word
from harness.words.transcripts.tables import Layout
from tests.asr.speech import noise

SPEC = BackendSpec("whisper", "whisper")
times = st.one_of(st.none(), st.floats())


def n_words(text: str) -> int:
    return len(text.split())


@given(lengths=st.lists(st.integers(1, 120), max_size=8), opening=st.integers(0, MAX_PROMPT_TOKENS))
def test_a_prompt_holds_the_longest_run_of_whole_phrases_that_fits(lengths: list[int], opening: int) -> None:
    phrases = [" ".join(["word"] * length) for length in lengths]
    first = " ".join(["first"] * opening)
    prompt, n_sent = fitting_prompt(SPEC, first, phrases, n_words)
    parts = ([first] if first else []) + phrases[:n_sent]
    assert prompt == (", ".join(parts) or None)
    assert n_words(prompt or "") <= MAX_PROMPT_TOKENS
    assert n_sent == len(phrases) or opening + sum(lengths[: n_sent + 1]) > MAX_PROMPT_TOKENS


def test_an_opening_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="initial_prompt has 224 tokens: expected 223 at most"):
        fitting_prompt(SPEC, " ".join(["a"] * 224), (), n_words)


def test_a_word_without_letters_is_none() -> None:
    assert recognised_word("  ", 0, 1) is None
    assert recognised_word(" a ", 0, None) == Word("a", 0.0)
    assert recognised_word("a", 2, 1, 1.0000001) == Word("a", confidence=1.0)


def test_a_folder_is_known_by_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "weights").write_bytes(b"1")
    assert folder_digest(tmp_path / "a") == folder_digest(tmp_path / "b")
    (tmp_path / "b" / ".hidden").write_bytes(b"2")
    assert folder_digest(tmp_path / "a") == folder_digest(tmp_path / "b")
    (tmp_path / "b" / "inner" / "weights").write_bytes(b"22")
    assert folder_digest(tmp_path / "a") != folder_digest(tmp_path / "b")


def test_a_seed_depends_on_the_samples_alone() -> None:
    assert sampling_seed(noise("a", seed=1)) == sampling_seed(noise("b", seed=1)) != sampling_seed(noise("a", seed=2))


def test_a_name_of_the_hub_is_no_path_unless_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_path("openai/whisper-tiny.en")
    (tmp_path / "openai" / "whisper-tiny.en").mkdir(parents=True)
    assert is_path("openai/whisper-tiny.en")


def test_the_overview_says_what_depends_on_the_model_and_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = BackendEntry("x", True, Capabilities(True, False, False, False, False, True, True, "with a beam"), "")
    assert entry.line().endswith("N-best, device (with a beam)")
    monkeypatch.setattr("harness.asr.overview.find_spec", lambda name: None)
    lines = {entry.name: entry.line() for entry in backend_overview()}
    for extra in ("whisper", "faster-whisper", "transformers"):
        assert f"missing; install it with: pip install 'spoken-qa-harness[{extra}]'" in lines[extra]


def test_every_option_of_every_backend_has_a_meaning() -> None:
    for entry in backend_overview():
        if not entry.explains or entry.gives is None:
            continue
        names = [option.name for option in entry.options]
        assert len(names) == len(set(names))
        assert names[-3:] == ["label", "bias", "distractors"] if entry.gives.bias else names[-1] == "label"
        for option in entry.options:
            assert option.meaning.endswith("."), f"{entry.name}: {option.name}"
        assert parse_backend(entry.example.strip("'")).name == entry.name


def test_options_of_a_file_of_transcripts_are_those_of_its_layout() -> None:
    (replay,) = backend_overview("replay")
    assert [option.name for option in replay.options] == ["file", *Layout.__dataclass_fields__, "label"]


def test_a_backend_that_explains_nothing_says_so() -> None:
    entry = BackendEntry("x", True, Capabilities(True, False, False, False, False, True), "", explains=False)
    assert "  Its package does not say which options of its own it has." in list(entry.lines())
    with pytest.raises(UnknownName, match="Did you mean 'replay'"):
        backend_overview("repaly")
