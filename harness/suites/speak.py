"""Voices for a suite: every question read by every voice, and the recordings kept as long as they match."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from harness.errors import SuiteError, UsageError
from harness.files import building, remove_leftovers, write_atomically, writing
from harness.records import Suite, Utterance
from harness.suites.importers.writing import encode_lines
from harness.suites.load import load_suite
from harness.suites.recordings import file_names
from harness.suites.shipped import find_suite, list_suites
from harness.suites.voices import Line, Unspeakable, Voice, parse_voice
from harness.words.sounds.pronunciation_tags import TAG, holds_word, language_of, parse_pronunciations

Format = Literal["opus", "flac"]
Progress = Callable[[int, int, str], None]  # recordings done, recordings planned, the newest one's voice
_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_OPUS_COMPRESSION = 0.9  # libsndfile's 0..1; for speech at 16 kHz this comes to about 24 kbit/s


@dataclass(frozen=True)
class VoicedSuite:
    """A suite with voices. `failed` maps utterances that no voice could read, and are not in the suite, to the reason."""

    folder: Path
    language: str
    recorded: int
    kept: int
    failed: Mapping[str, str]

    @property
    def exit_status(self) -> int:
        """0, or 3 where some questions could not be read."""
        return 3 if self.failed else 0


def speak_suite(
    suite: str | Path,
    voices: Sequence[str],
    *,
    out: Path | None = None,
    format: Format = "opus",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> VoicedSuite:
    """Read every question of a suite aloud with every voice (`flite:slt`, see `voices`), as Ogg Opus or FLAC.

    With `out`, a new suite of the same questions and snippets; otherwise in place, beside the utterances that are there.
    Recordings that match their voice and text are kept, so the same call again goes on where it stopped. The suite's
    `speech` becomes `synthetic`. A question that a voice cannot say costs that recording.

    Raises `UsageError` for an unknown voice or an `out` that holds something else, `MissingDependency` for a program
    that is not installed, `SuiteError` for a suite with recordings of people.
    """
    speakers = [parse_voice(text) for text in voices]
    source = load_suite(find_suite(str(suite)))
    line_of = lines_of(source)
    _check_voices(speakers, source.language, languages_of(line_of.values()))
    folder = _prepare(source, out)
    with writing(folder):
        (folder / "audio").mkdir(exist_ok=True)
        for place in (folder, folder / "audio"):
            remove_leftovers(place)
    planned = _plan(source, speakers, format)
    failed: dict[str, str] = {}
    recorded = kept = 0
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:  # the work is done by other programs
        tasks = {
            pool.submit(
                _keep_or_record, voice, line_of[utterance.question_id], folder / str(utterance.audio)
            ): utterance
            for utterance, voice in planned
        }
        try:
            for done, task in enumerate(as_completed(tasks), start=1):
                utterance = tasks[task]
                try:
                    is_new = task.result()
                    recorded, kept = recorded + is_new, kept + (not is_new)
                except Unspeakable as error:
                    failed[utterance.id] = str(error)
                if progress:
                    progress(done, len(tasks), utterance.speaker)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    made = [utterance for utterance, _ in planned if utterance.id not in failed]
    if not made:
        raise UsageError(f"no question could be read aloud: {next(iter(failed.values()))}")
    _finish(folder, source, made, keep_others=out is None)
    return VoicedSuite(folder, source.language, recorded, kept, failed)


def lines_of(suite: Suite) -> dict[str, Line]:
    """Return what a voice reads for each question, by its id: its text, the suite's language, its tag `pronunciation`.

    Raises `SuiteError` for a pronunciation that cannot be read, or of a word that is not in the question.
    """
    lines: dict[str, Line] = {}
    for number, question in enumerate(suite.questions, start=1):
        try:
            readings = parse_pronunciations(question.tags.get(TAG, ""))
        except UsageError as error:
            raise SuiteError(str(error), file="questions.jsonl", line=number, field=f"tags.{TAG}") from error
        absent = next((word for word in readings if not holds_word(question.text, word)), None)
        if absent is not None:
            message = f"{absent!r} is not a word of {question.text!r}: expected words as they stand in the text"
            raise SuiteError(message, file="questions.jsonl", line=number, field=f"tags.{TAG}")
        lines[question.id] = Line(question.text, suite.language, readings)
    return lines


def languages_of(lines: Iterable[Line]) -> set[str]:
    """Return the languages by whose rules words of the lines are read that have a pronunciation of their own."""
    return {
        language for line in lines for how in line.pronunciations.values() if (language := language_of(how)) is not None
    }


def record(voice: Voice, line: Line, target: Path) -> None:
    """Write `line`, read by `voice`, to `target` (`.opus` or `.flac`), whole or not at all. Raises `Unspeakable` and `RunError`.

    The recording's comment field names the voice and the text. A rate that Opus does not know is raised to the next it knows.
    """
    import soundfile
    import soxr

    samples, rate = voice.say(line)
    is_opus = target.suffix == ".opus"
    if is_opus and rate not in _OPUS_RATES:
        wanted = next((known for known in _OPUS_RATES if known > rate), _OPUS_RATES[-1])
        samples, rate = soxr.resample(samples, rate, wanted, quality="HQ"), wanted
    settings = (
        {"format": "OGG", "subtype": "OPUS", "compression_level": _OPUS_COMPRESSION}
        if is_opus
        else {"format": "FLAC", "subtype": "PCM_16"}
    )
    encoded = BytesIO()  # libsndfile does not tell of a disk that is full
    with soundfile.SoundFile(encoded, "w", rate, 1, **settings) as stream:
        stream.comment = voice.label(line)
        stream.write(samples)
    with writing(target):
        write_atomically(target, encoded.getvalue())


def is_recorded(voice: Voice, line: Line, target: Path) -> bool:
    """Return whether `target` is a whole recording of `line` by `voice`."""
    import soundfile

    if not target.is_file():
        return False
    try:
        with soundfile.SoundFile(target) as stream:
            return bool(stream.comment == voice.label(line) and stream.frames > 0)
    except soundfile.SoundFileError:
        return False


def _keep_or_record(voice: Voice, line: Line, target: Path) -> bool:
    """Return whether the recording was made now."""
    if is_recorded(voice, line, target):
        return False
    record(voice, line, target)
    return True


def _check_voices(voices: Sequence[Voice], language: str, of_words: Collection[str]) -> None:
    if not voices:
        raise UsageError("no voice is named: add --voice, such as --voice flite:slt or --voice espeak-ng:en-us")
    names = [voice.name for voice in voices]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"the voice {twice!r} is named twice: keep one")
    for voice in voices:
        voice.check(language, of_words)


def _prepare(source: Suite, out: Path | None) -> Path:
    """Return the folder to speak into; one named by `out` gets the suite's texts, or has them from an earlier call."""
    if out is None:
        if any(find_suite(name).resolve() == source.root.resolve() for name in list_suites()):
            raise UsageError(f"{source.name!r} ships with the harness, and is not changed: name a folder with --out")
        if source.speech == "human" and any(utterance.audio for utterance in source.utterances):
            raise SuiteError("has recordings of people, and is not mixed: name a folder with --out", file=source.root)
        return source.root
    texts = [path for name in ("questions.jsonl", "snippets.jsonl") if (path := source.root / name).is_file()]
    if out.exists():
        if not all(
            (out / path.name).is_file() and (out / path.name).read_bytes() == path.read_bytes() for path in texts
        ):
            raise UsageError(f"{out} exists, and holds other questions or snippets. Name another folder with --out.")
        return out
    with writing(out), building(out) as folder:
        for path in (source.root / "suite.toml", *texts):
            shutil.copyfile(path, folder / path.name)
    return out


def _plan(suite: Suite, voices: Sequence[Voice], format: Format) -> list[tuple[Utterance, Voice]]:
    pairs = [(question, voice) for question in suite.questions for voice in voices]
    identities = [f"{question.id}.{re.sub(r'[^A-Za-z0-9]+', '-', voice.name)}" for question, voice in pairs]
    names = file_names((identity, f".{format}") for identity in identities)
    return [
        (Utterance(identity, question.id, f"audio/{name}", speaker=voice.name), voice)
        for (question, voice), identity, name in zip(pairs, identities, names, strict=True)
    ]


def _finish(folder: Path, source: Suite, made: Sequence[Utterance], *, keep_others: bool) -> None:
    """Write into the suite, last of all, that its speech is synthetic, and then the new utterances."""
    new = {utterance.id for utterance in made}
    others = [utterance for utterance in source.utterances if utterance.id not in new] if keep_others else []
    header = folder / "suite.toml"
    with writing(folder):
        write_atomically(header, with_synthetic_speech(header.read_text(encoding="utf-8")).encode())
        write_atomically(folder / "utterances.jsonl", encode_lines([*others, *made]))


def with_synthetic_speech(header: str) -> str:
    """A suite.toml that says `speech = "synthetic"`, and is otherwise unchanged."""
    if tomllib.loads(header).get("speech") == "synthetic":
        return header
    lines = header.splitlines(keepends=True)
    end = next((index for index, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    top = [line for line in lines[:end] if not re.match(r"\s*[\"']?speech[\"']?\s*=", line)]
    if top and not top[-1].endswith("\n"):
        top[-1] += "\n"
    changed = "".join(['speech = "synthetic"\n', *top, *lines[end:]])
    if tomllib.loads(changed) != {**tomllib.loads(header), "speech": "synthetic"}:
        raise SuiteError('cannot be changed safely: write speech = "synthetic" yourself', file="suite.toml")
    return changed
