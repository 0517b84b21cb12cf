"""Which entry of a file belongs to which utterance: by id, then by the recording's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from harness.errors import TranscriptError
from harness.records import Transcript, Utterance
from harness.words.transcripts.entries import Entry, as_nbest

AUDIO_ENDINGS = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".au", ".sph", ".webm", ".mp4", ".riff"}
)
_RANKED = re.compile(r"(?P<id>.+)-(?P<rank>\d+)")


@dataclass(frozen=True, slots=True)
class Matched:
    """Transcripts by utterance id in the suite's order, the ids in the file that match none, and those without."""

    transcripts: Mapping[str, Transcript]
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]

    def remark(self) -> str:
        """Return what did not match, in words; empty where all did."""
        if not self.unmatched:
            return ""
        return f"{len(self.unmatched)} of the file's ids match no utterance, such as {self.unmatched[0]!r}"


def match(entries: Mapping[str, Entry], utterances: Sequence[Utterance], path: Path | str) -> Matched:
    """Return the transcript of each utterance.

    Tried in this order: the utterance's id; its recording's path, its name, and its name without the ending; all these
    without regard to case; and the id with `-1`, `-2` ... behind it, which makes an N-best list. Raises `TranscriptError`
    where nothing matches at all, and where two entries match one utterance.
    """
    index = _Index(utterances)
    by_identity: dict[str, list[Entry]] = {}
    ranked: dict[str, list[tuple[int, Entry]]] = {}
    unmatched: list[str] = []
    for entry in entries.values():
        identity = index.find(entry)
        listed = _RANKED.fullmatch(entry.id)
        if identity is not None:
            by_identity.setdefault(identity, []).append(entry)
        elif listed and (identity := index.find_name(listed["id"])) is not None:
            ranked.setdefault(identity, []).append((int(listed["rank"]), entry))
        else:
            unmatched.append(entry.id)
    if utterances and entries and not (by_identity or ranked):
        raise TranscriptError(
            f"none of its {len(entries)} ids is an utterance of the suite: the first is {unmatched[0]!r}, and the suite's "
            f"first is {utterances[0].id!r}. Say which column holds the id or the recording's name (id=COLUMN)",
            file=path,
        )
    for identity, several in by_identity.items():
        if len(several) > 1:
            first, second = several[:2]
            problem = f"{first.id!r} and {second.id!r} both match the utterance {identity!r}: keep one"
            raise TranscriptError(problem, file=path, line=second.line, field="id")
    transcripts: dict[str, Transcript] = {}
    for utterance in utterances:
        in_order = sorted(ranked.get(utterance.id, ()), key=lambda pair: pair[0])
        group = [*by_identity.get(utterance.id, ()), *(entry for _, entry in in_order)]
        if group:
            transcripts[utterance.id] = as_nbest(group).transcript
    missing = tuple(utterance.id for utterance in utterances if utterance.id not in transcripts)
    return Matched(transcripts, tuple(unmatched), missing)


class _Index:
    """Utterance ids by all the names that an utterance may go by. A name that two utterances share is left out."""

    def __init__(self, utterances: Sequence[Utterance]) -> None:
        self._exact: dict[str, str] = {utterance.id: utterance.id for utterance in utterances}
        self._by_name = _unique(
            (name, utterance.id) for utterance in utterances for name in _names(utterance.audio or "")
        )
        self._folded = _unique(
            (name.lower(), utterance.id)
            for utterance in utterances
            for name in {utterance.id, *_names(utterance.audio or "")}
        )

    def find(self, entry: Entry) -> str | None:
        return next((identity for name in (entry.id, entry.audio) if name and (identity := self.find_name(name))), None)

    def find_name(self, name: str) -> str | None:
        names = _names(name)
        for index in (self._exact, self._by_name):
            if identity := next((index[name] for name in names if name in index), None):
                return identity
        return next((self._folded[name.lower()] for name in names if name.lower() in self._folded), None)


def _names(path: str) -> list[str]:
    """ "/data/a/u1.wav" -> itself, "u1.wav", "u1". Endings of other than audio files are kept: "paris.slt"."""
    if not path:
        return []
    name = PureWindowsPath(path).name  # its rules split at both kinds of slash
    pure = PureWindowsPath(name)
    return [path, name, *([pure.stem] if pure.suffix.lower() in AUDIO_ENDINGS else [])]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    owners: dict[str, str] = {}
    shared: set[str] = set()
    for name, identity in pairs:
        if owners.setdefault(name, identity) != identity:
            shared.add(name)
    return {name: identity for name, identity in owners.items() if name not in shared}
