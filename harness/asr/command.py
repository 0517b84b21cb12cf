"""Any program that prints a transcript: `command,run=whisper-cli -f {audio} --no-prints --no-timestamps`.

The command is split as a shell would split it (quotes, backslashes), and started without one. `{audio}` becomes the path
of a 16-bit WAV file that lives as long as the program, `{language}` the suite's language ("es" of "es-MX"). The program has
no standard input, and a process group of its own, which is killed as a whole when the time is up. The arguments are written
into results: secrets belong into the environment, which the program inherits. Those that stand in the command line all the same
(`--token ...`, `env API_KEY=... program`: see `http.command_line`) are masked there, and only their digest is kept.
"""

from __future__ import annotations

import os
import selectors
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Annotated, ClassVar

import msgspec

from harness.asr.exchange import (
    MAX_ANSWER_BYTES,
    NoTranscript,
    decode_answer,
    read_options,
    wav_bytes,
)
from harness.asr.protocol import BackendContext, Capabilities
from harness.audio.reading import file_digest
from harness.errors import UsageError, one_line
from harness.http.command_line import secret_values, secrets_digest, without_keys
from harness.http.secrets import redact, remember
from harness.records import Alternative, BackendSpec, Clip, Failure, Seconds, Transcript
from harness.words.languages import primary
from harness.words.transcripts.timed_words import RawWord

ADAPTER_VERSION = "1"  # part of every cache key: to be raised when what this module makes of an output changes
_AUDIO = "{audio}"
_LANGUAGE = "{language}"
_LONGEST_KEY = 512  # bytes: what is cut off may be the first part of one
_KEPT_STDERR_BYTES = 4096 + _LONGEST_KEY


class _Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set."""

    run: Annotated[
        str,
        msgspec.Meta(
            description="The command line, with {audio} in it once, for the path of a WAV file, and {language} for the "
            "suite's language where the program takes one."
        ),
    ]
    timeout: Annotated[float, msgspec.Meta(gt=0, le=800, description="Seconds after which the program is killed.")] = (
        300.0
    )
    json: Annotated[
        bool,
        msgspec.Meta(
            description="The program prints JSON with text, nbest and words, as in files of recorded transcripts."
        ),
    ] = False


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a program prints with `json=true`."""

    text: str
    nbest: list[str | Alternative] = []
    words: list[RawWord] = []


class Command:
    """A program as a backend. Without `json` its whole output is the text, lines joined by spaces.

    Time stamps stay in the text, those of SRT and WebVTT too: they are removed and counted where transcripts are judged.
    """

    package: ClassVar[str | None] = None
    capabilities: ClassVar[Capabilities] = Capabilities(
        nbest=True, word_times=True, confidence=True, bias=False, batch=False, needs_audio=True, works_in="program"
    )

    option_type: ClassVar[type[msgspec.Struct]] = _Options
    example: ClassVar[str] = "'command,run=whisper-cli -f {audio} --no-prints --no-timestamps'"

    def __init__(self, spec: BackendSpec, context: BackendContext) -> None:
        if spec.model is not None or spec.bias is not None or context.bias:
            raise UsageError(
                f"backend {spec.label!r}: a command takes no model and no bias list: write what it needs into 'run'"
            )
        self._options = read_options(spec, _Options)
        self._program, arguments = _command_line(spec.label, self._options.run)
        self._secrets = secret_values((self._program.name, *arguments))
        self._remember()
        code = primary(context.language)
        self._arguments = tuple(argument.replace(_LANGUAGE, code) for argument in arguments)
        self._untold = code if code != "en" and self._arguments == arguments else None
        self._identity: dict[str, str] = {}

    @property
    def longest_call(self) -> Seconds:
        """The program is killed after its `timeout`; the rest is for starting and ending it."""
        return self._options.timeout + 30.0

    @property
    def notes(self) -> Sequence[str]:
        """What a reader of the run should know of these settings."""
        if self._untold is None:
            return ()
        return (
            f"the command has no {_LANGUAGE}, so the program is not told that the speech is in {self._untold!r}; many take "
            f"English unless told",
        )

    def identity(self) -> Mapping[str, str]:
        """Return the program's name and digest, its arguments, and the digests of arguments that name files (models, scripts).

        A folder among the arguments counts by name only.
        """
        if not self._identity:
            self._identity = {
                "engine": "command",
                "adapter": ADAPTER_VERSION,
                "program": self._program.name,
                "program_digest": file_digest(self._program),
                "arguments": without_keys(shlex.join(self._arguments)),
                **({"secrets": secrets_digest(self._secrets)} if self._secrets else {}),
                "json": str(self._options.json),
                **{f"file.{number}": file_digest(path) for number, path in _named_files(self._arguments)},
            }
        return self._identity

    def warm_up(self) -> None:
        """Nothing to load: the program starts anew for every recording."""
        self._remember()

    def _remember(self) -> None:
        for secret in self._secrets:
            remember("a key in the command line", secret)

    def transcribe(self, clips: Sequence[Clip]) -> list[Transcript | Failure]:
        """One result per clip, one program after the other."""
        return [self._transcribe(clip) for clip in clips]

    def _transcribe(self, clip: Clip) -> Transcript | Failure:
        try:
            with tempfile.TemporaryDirectory(prefix="harness-") as folder:
                audio = Path(folder) / "audio.wav"
                audio.write_bytes(wav_bytes(clip))
                output = self._output(audio)
            return self._transcript(output)
        except NoTranscript as error:
            return error.failure()
        except OSError as error:
            return NoTranscript("NotStarted", f"{self._program.name}: {error.strerror or error}").failure()

    def _output(self, audio: Path) -> bytes:
        """Return what the program prints. Raises `NoTranscript` of type `Timeout`, `BadOutput`, `Killed` or `NonZeroExit`."""
        name, timeout = self._program.name, self._options.timeout
        process = subprocess.Popen(  # noqa: S603 - a command that the user wrote, without a shell
            [str(self._program), *(argument.replace(_AUDIO, str(audio)) for argument in self._arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process:
            try:
                until = monotonic() + timeout
                stdout, stderr = _read(process, name, until)
                status = process.wait(max(0.0, until - monotonic()))
            except subprocess.TimeoutExpired as error:
                raise NoTranscript("Timeout", f"{name} had not ended after {timeout:g} s, and was killed") from error
            finally:
                if process.returncode is None:  # not waited for: the number of its group cannot be another's yet
                    os.killpg(process.pid, signal.SIGKILL)
        last_line = self._last_line(stderr, audio)
        if status < 0:
            raise NoTranscript("Killed", f"{name} was ended by {_signal_name(-status)}{last_line}")
        if status > 0:
            raise NoTranscript("NonZeroExit", f"{name} ended with exit status {status}, expected 0{last_line}")
        return stdout

    def _last_line(self, stderr: bytes, audio: Path) -> str:
        """Return the last line that is not blank, without keys and the path of the recording, which differs each time."""
        text = redact(stderr.decode("utf-8", "replace").replace(str(audio), _AUDIO))
        for secret in self._secrets:
            text = redact(text, secret)
        if len(stderr) == _KEPT_STDERR_BYTES:
            text = text[_LONGEST_KEY:]
        lines = [line for line in text.splitlines() if line.strip()]
        return f": {one_line(lines[-1])}" if lines else ""

    def _transcript(self, output: bytes) -> Transcript:
        name = self._program.name
        if not self._options.json:
            try:
                return Transcript(" ".join(output.decode("utf-8").split()))
            except UnicodeDecodeError as error:
                raise NoTranscript(
                    "BadOutput", f"{name} printed what is no UTF-8 (byte {error.start}): expected a transcript as text"
                ) from error
        answer = decode_answer(output, _Answer, f"the output of {name}", "BadOutput")
        return Transcript(
            text=answer.text,
            nbest=tuple(Alternative(entry) if isinstance(entry, str) else entry for entry in answer.nbest),
            words=tuple(word.word() for word in answer.words),
        )


def _command_line(label: str, run: str) -> tuple[Path, tuple[str, ...]]:
    """Return the program's path, and its arguments with `{audio}` in them. Raises `UsageError`."""
    try:
        program, *arguments = shlex.split(run) or [""]
    except ValueError as error:
        raise UsageError(f"backend {label!r}: run cannot be split into words: {error}. Close every quote") from error
    if sum(argument.count(_AUDIO) for argument in arguments) != 1 or "\0" in run:
        raise UsageError(
            f"backend {label!r}: run is {without_keys(run)!r}: expected a program and {_AUDIO} once among its arguments, such as "
            f"'whisper-cli -f {_AUDIO} --no-prints --no-timestamps'"
        )
    executable = shutil.which(program)
    if executable is None:
        raise UsageError(
            f"backend {label!r}: the program {without_keys(program)!r} is not there, or may not be executed."
            f"{_similar(program)} Install "
            f"it, or write its whole path"
        )
    return Path(executable).absolute(), tuple(arguments)


def _similar(program: str) -> str:
    from difflib import get_close_matches

    folders = [Path(program).parent] if os.sep in program else map(Path, os.get_exec_path())
    known = sorted({path.name for folder in folders for path in folder.glob("*")})  # nothing for one that is absent
    close = get_close_matches(Path(program).name, known, n=1, cutoff=0.75)
    return f" Did you mean {close[0]!r}?" if close else ""


def _named_files(arguments: Sequence[str]) -> list[tuple[int, Path]]:
    """Arguments that name a file, alone or behind `=`, with their positions counted from 1."""
    files = []
    for number, argument in enumerate(arguments, start=1):
        for text in (argument, argument.partition("=")[2]):
            if text and "\0" not in text and Path(text).is_file():
                files.append((number, Path(text)))
                break
    return files


def _read(process: subprocess.Popen[bytes], name: str, until: Seconds) -> tuple[bytes, bytes]:
    """Return all of standard output, and the end of standard error. Raises `NoTranscript` and `TimeoutExpired`."""
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = process.stdout.fileno(), process.stderr.fileno()
    read = {output: b"", errors: b""}
    with selectors.DefaultSelector() as selector:
        for descriptor in read:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            left = until - monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, left)
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    selector.unregister(key.fd)
                read[key.fd] += chunk
            read[errors] = read[errors][-_KEPT_STDERR_BYTES:]
            if len(read[output]) > MAX_ANSWER_BYTES:
                raise NoTranscript("BadOutput", f"{name} printed over {MAX_ANSWER_BYTES} bytes")
    return read[output], read[errors]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
