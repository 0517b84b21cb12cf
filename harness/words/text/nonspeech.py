"""What recognisers write beside the words: special tokens, time stamps, tags and signs for sounds.

A recogniser that hears every word right may still hand over `<|en|> [00:00.000 --> 00:02.000] Who wrote Middlemarch?
(upbeat music)`. Nobody says any of that but the four words, so all else is removed from a hypothesis before it is scored
and searched for, and counted by kind:

- special tokens: `<|startoftranscript|>`, `<unk>`, `</s>` and every other word in angle brackets (`<noise>`, `<i>`), `[UNK]`,
  `[PAD]`, whisper.cpp's `[_TT_150]`, Qwen's `language English<asr_text>` at the beginning, sentencepiece's mark alone;
- time stamps: `[00:00.000 --> 00:02.000]`, `[0:00]`, `<|0.00|>`, the cue lines of SRT and WebVTT with the numbers before
  them and the header, and a clock with milliseconds anywhere;
- bracketed tags: anything else in square brackets, `[BLANK_AUDIO]`, `[inaudible]`, `[Speaker 1]:`;
- sound tags: `(upbeat music)`, `*coughs*`, notes. Of `♪ la la ♪` the notes alone go: the words between are words.

What may be words stays: digits and questions in round brackets `(1984 film)`, brackets inside a word `name(s)`, asterisks that
hide letters `f***`, and a title in asterisks in the middle of a sentence `wrote *Middlemarch*`. Where the reference has such
marks too, those of the hypothesis stay: a copy of the reference is a perfect transcript.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "special_tokens": "special tokens",
    "time_stamps": "time stamps",
    "bracketed_tags": "bracketed tags",
    "sound_tags": "sound tags",
}  # as they are called in files, and in sentences
# NIST's formats use round brackets and asterisks themselves, for words that may be missing or were mispronounced.
NIST_KINDS: Final = frozenset({"special_tokens", "bracketed_tags"})
WITHOUT_SOUNDS: Final = frozenset(KINDS) - {"sound_tags"}
_MOST_ROUNDS = 8  # levels of brackets in brackets; a text that is nested deeper was made to be
_OPENING = str.maketrans(dict.fromkeys("<[(*【［（", " "))

_CLOCK = r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]{1,3})?"
_EXACT = r"[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?[.,][0-9]{3}"  # with milliseconds, as nobody says it
_TIME = rf"(?:{_CLOCK}|[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?s?)"
_ARROW = r"\s{0,4}-{1,2}>\s{0,4}"
_APART = r"(?<![0-9A-Za-z_\u00C0-\u024F])"  # not inside a word: name(s)
_NOT_GLUED = r"(?![a-z0-9\u00DF-\u00FF])"  # nor at the beginning of one: (un)known
_MARK = re.compile(
    rf"""
    (?P<stamp>
        \A\s{{0,9}}(?:WEBVTT\b(?:\s{{1,4}}Kind:\s?\w{{1,20}})?(?:\s{{1,4}}Language:\s?[\w-]{{1,20}})?\s{{0,4}})+
      | \[\s?{_TIME}(?:{_ARROW}|\s?[-–]\s?){_TIME}\s?\]
      | \[\s?{_CLOCK}\s?\] | \({_CLOCK}\) | <{_CLOCK}>
      | <\|[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?\|>
      | (?:(?<![0-9])(?P<cue>[0-9]{{1,6}})(?P<gap>[ \t]{{0,4}}\r?\n|[ \t]{{1,4}}))?
        (?<![0-9:.,]){_EXACT}{_ARROW}{_EXACT}(?:[ \t]{{1,4}}(?:align|line|position|region|size|vertical):\S{{1,20}}){{0,6}}
      | (?<![0-9:.,])[0-9]{{1,3}}:[0-9]{{2}}:[0-9]{{2}}[.,][0-9]{{3}}(?![0-9:])
    )
    | (?P<bar> <\|[^<>|]{{1,60}}\|> )
    | (?P<special>
        \A\s{{0,9}}language\ [A-Za-z]{{1,30}}(?:,\ ?[A-Za-z]{{1,30}}){{0,4}}<asr_text>
      | </?[A-Za-z_][^<>\s]{{0,60}}>
      | <(?:v|c|font|lang)[\s.][^<>]{{1,80}}>
      | \[(?:UNK|PAD|CLS|SEP|MASK|BOS|EOS|unk|pad|_[A-Za-z]{{1,20}}_?[0-9]{{0,9}}_?)\]
      | (?<!\S)▁+(?!\S)
    )
    | (?P<square> [\[【［][^\[\]【】［］]{{0,160}}[\]】］]:? )
    | (?P<round> {_APART}\([^()0-9?]{{1,160}}\){_NOT_GLUED} | （[^（）0-9?？]{{1,160}}） )
    | (?P<star> (?<![\w*])\*(?=[^\W0-9])[^*0-9?]{{1,60}}(?<=\w)\*(?![\w*]) )
    | (?P<note> [♩♪♫♬]+ )
    """,
    re.VERBOSE,
)
_ANY_MARK = re.compile(r"[<\[(*:♩♪♫♬▁【［（]")  # one of these is in every match but the header; quick where none is
_KIND = {
    "stamp": "time_stamps",
    "bar": "special_tokens",
    "special": "special_tokens",
    "square": "bracketed_tags",
    "round": "sound_tags",
    "star": "sound_tags",
    "note": "sound_tags",
}
_SIGNS = {"square": "[【［", "round": "(（", "star": "*", "note": "♩♪♫♬"}


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of a hypothesis, and how many things of each kind (a key of `KINDS`) were removed from it; none: not listed."""

    text: str
    removed: Mapping[str, int] = field(default_factory=dict)


def speech(text: str, reference: str = "", kinds: Collection[str] = frozenset(KINDS)) -> Speech:
    """Return a hypothesis without what is not speech, of the given kinds.

        speech("<|en|> Who wrote [BLANK_AUDIO] Emma?")  -> "Who wrote Emma?", {special_tokens: 1, bracketed_tags: 1}

    Marks that `reference` has too are left. A text without any comes back as it is, and so does what this returns.
    """
    if _ANY_MARK.search(text) is None and not text.lstrip().startswith("WEBVTT"):
        return Speech(text)
    styles = {style for style, kind in _KIND.items() if kind in kinds} - _styles_of(reference)
    removed: Counter[str] = Counter()
    rest, rounds = text, 0
    while True:
        before, rest = rest, "".join(_without_marks(rest, styles, removed))
        if rest == before:
            break
        rounds += 1
        if rounds == _MOST_ROUNDS:
            rest = rest.translate(_OPENING)
    if not removed.total():
        return Speech(text)
    return Speech(" ".join(rest.split()), {kind: removed[kind] for kind in KINDS if removed[kind]})


def removed_in_words(removed: Mapping[str, int]) -> str:
    """Return the counts as a sentence has them: `special tokens 24, time stamps 13`."""
    return ", ".join(f"{name} {removed[kind]}" for kind, name in KINDS.items() if removed.get(kind))


def _styles_of(reference: str) -> set[str]:
    """Return which marks a reference has itself: for what can stand alone its sign is enough."""
    if _ANY_MARK.search(reference) is None:
        return set()
    written = {style for style, signs in _SIGNS.items() if any(sign in reference for sign in signs)}
    return written | {match.lastgroup or "" for match in _MARK.finditer(reference)}


def _without_marks(text: str, styles: Collection[str], removed: Counter[str]) -> Iterator[str]:
    """Yield the pieces of a text with a space for each mark of these styles; count what was removed."""
    done, next_cue = 0, None
    for match in _MARK.finditer(text):
        style = match.lastgroup or ""
        if style not in styles or (style == "star" and _is_emphasis(text, match.start())):
            continue
        yield text[done : match.start()]
        done = match.end()
        if match["cue"] is not None:
            number = int(match["cue"])
            counts_on = number == next_cue or not text[: match.start()].strip()
            if counts_on or "\n" in match["gap"]:
                next_cue = number + 1
            else:
                yield match["cue"]  # a spoken number that ends what stands before: "in 1984"
        # Of `[[Music]]` nothing but brackets is left in the outer ones.
        removed[_KIND[style]] += style not in ("square", "round") or any(map(str.isalnum, match[0]))
        yield " "
    yield text[done:]


def _is_emphasis(text: str, start: int) -> bool:
    """Return whether what stands in asterisks is a title: it has a capital in the middle of a sentence."""
    before = text[max(0, start - 20) : start].rstrip()
    return text[start + 1].isupper() and bool(before) and before[-1] not in ".?!…:;\"'”’)]>♪"
