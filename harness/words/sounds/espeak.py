"""The program espeak-ng as a reader of words: texts to the sounds of the International Phonetic Alphabet, by language.

Texts come from suites, recognisers and the web, so they go to the program as its input and never to a shell; what reaches it
are letters, apostrophes and hyphens of one short word a line. One process reads many words, since starting one takes longer
than reading a hundred. The program may be missing, crash on a word (version 1.51 does on some) or hang: there are then
no sounds of the words concerned, and what asks for them goes on by other means. The environment variable
`HARNESS_PRONUNCIATION=rules` makes words sound as on a machine without the program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from harness.errors import Notice, one_line
from harness.records import Seconds
from harness.words.languages import primary

PROGRAM = "espeak-ng"
PINNED_BY = "HARNESS_PRONUNCIATION"
_LANGUAGES = {"en": "en-us", "zh": "cmn", "pt": "pt-br", "pt-pt": "pt"}
_WITHOUT_IPA = {"de": ("??", "ʊɐ")}  # espeak-ng 1.51 has no IPA for the vowel of "durch", and prints "d??ç"
# espeak-ng writes "(en)" where it reads letters by another language's rules.
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")
_LONGEST_WORD = 100
_WORDS_AT_ONCE = 500  # a few hundredths of a second
_DEADLINE: Seconds = 10.0
_PATIENCE = 12  # hangs in one process: enough to find one word among hundreds


class EspeakFailed(RuntimeError):
    """espeak-ng could not be run, or ended with an error; the message says how."""


class EspeakHangs(EspeakFailed):
    """espeak-ng did not end within its deadline."""


def espeak_language(language: str) -> str:
    """Return the name by which espeak-ng knows a language: "en" -> "en-us"."""
    return _LANGUAGES.get(language.lower(), language.lower())


def run_espeak(text: str, language: str, *options: str, deadline: Seconds = 120.0) -> str:
    """Return espeak-ng's IPA of a text in a language ("en", "pt-BR"), as it writes it, with "^" between tied letters.

    Raises `EspeakFailed` where it is missing, fails or knows no such language, `EspeakHangs` after `deadline`.
    """
    voice = espeak_language(language)
    if voice.startswith("-"):
        raise EspeakFailed(f"{language!r} is no language")
    command = [PROGRAM, "-v", voice, "-q", "--ipa", "--tie=^", *options]
    try:
        ran = subprocess.run(  # noqa: S603 - a list, and no shell
            command, input=text.encode("utf-8", "replace"), capture_output=True, check=False, timeout=deadline
        )
    except subprocess.TimeoutExpired as error:
        raise EspeakHangs(f"{PROGRAM} did not end within {deadline:g} s") from error
    except (OSError, ValueError) as error:
        raise EspeakFailed(f"{PROGRAM} could not be run: {one_line(str(error))}") from error
    if ran.returncode:
        message = one_line(ran.stderr.decode("utf-8", "replace")) or "nothing"
        raise EspeakFailed(f"{PROGRAM} -v {voice} ended with code {ran.returncode}, and says {message}")
    printed, sounds = _WITHOUT_IPA.get(primary(language), ("", ""))
    return _LANGUAGE_SWITCH.sub("", ran.stdout.decode("utf-8", "replace")).replace(printed or "\0", sounds)


def version() -> str | None:
    """Return the version of the espeak-ng that reads words here; `None` where none is installed, works and may be used."""
    return None if os.environ.get(PINNED_BY) == "rules" or len(_hangs) >= _PATIENCE else _installed_version()


def reads(language: str) -> bool:
    """Return whether espeak-ng reads words here and has a voice of that language."""
    return version() is not None and _has_voice(language)


def ipa_of(word: str, language: str) -> str:
    """Return espeak-ng's IPA of a word: "kigali" -> "kɪɡˈɑːli"; empty where it cannot read it."""
    read_ahead([word], language)
    return _sounds.get((word, espeak_language(language)), "") if reads(language) else ""


def read_ahead(words: Iterable[str], language: str) -> None:
    """Read many words at once, so that `ipa_of` has them ready."""
    if not reads(language):
        return
    voice = espeak_language(language)
    new = [word for word in dict.fromkeys(words) if (word, voice) not in _sounds]
    asked = [word for word in new if _is_plain(word)]
    sounds: dict[str, str] = {}
    for start in range(0, len(asked), _WORDS_AT_ONCE):
        sounds.update(_read(asked[start : start + _WORDS_AT_ONCE], language))
    _sounds.update({(word, voice): sounds.get(word, "") for word in new})


def forget() -> None:
    """Forget all that was read and found out of the program, as if this process had just begun."""
    _sounds.clear()
    _hangs.clear()
    _installed_version.cache_clear()
    _has_voice.cache_clear()


_sounds: dict[tuple[str, str], str] = {}  # what was read in this process: by word and voice
_hangs: list[str] = []  # the first word of each batch that the program did not end on


@cache
def _installed_version() -> str | None:
    if shutil.which(PROGRAM) is None:
        return None
    try:
        shown = subprocess.run(  # noqa: S603 - a list, and no shell
            [PROGRAM, "--version"], capture_output=True, check=True, timeout=_DEADLINE, stdin=subprocess.DEVNULL
        ).stdout.decode("utf-8", "replace")
        run_espeak("yes\n", "en", deadline=_DEADLINE)
    except (OSError, subprocess.SubprocessError, EspeakFailed):
        return None
    number = re.search(r"\d+(\.\d+)+\S*", shown)
    return number[0] if number else one_line(shown)[:40]


@cache
def _has_voice(language: str) -> bool:
    try:
        run_espeak("a\n", language, deadline=_DEADLINE)
    except EspeakFailed:
        return False
    return True


def _read(words: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    """Yield words with their IPA. Where espeak-ng fails on some word, halves are read by themselves, down to that word."""
    if len(_hangs) >= _PATIENCE:
        return
    lines: list[str] = []
    try:
        lines = run_espeak("".join(f"{word}\n" for word in words), language, deadline=_DEADLINE).splitlines()
    except EspeakHangs:
        _hangs.append(words[0])
        if len(_hangs) == _PATIENCE:
            warnings.warn(
                f"{PROGRAM} did not end within {_DEADLINE:g} s, {_PATIENCE} times: words are read without it from here on. "
                f"Set {PINNED_BY}=rules to do without it from the start",
                Notice,
                stacklevel=2,
            )
            return
    except EspeakFailed:
        pass
    if len(lines) == len(words):
        yield from ((word, line.strip()) for word, line in zip(words, lines, strict=True))
    elif len(words) > 1:
        half = len(words) // 2
        yield from _read(words[:half], language)
        yield from _read(words[half:], language)


def _is_plain(word: str) -> bool:
    return 0 < len(word) <= _LONGEST_WORD and all(
        character in "'-" or unicodedata.category(character)[0] in "LM" for character in word
    )
