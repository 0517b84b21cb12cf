"""What makes two calls one run, and, where they are not, which part differs and how.

A run holds samples of one identity only: suite, spec, rules, backends, retrievers and answerer. Every stored sample carries a
digest that covers this identity too (`seal`), so that a sample of another run is not taken for one of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from harness.errors import RunError, one_line
from harness.runs.spec import UNDECISIVE
from harness.words.sounds.pronunciation import pronunciation_identity

if TYPE_CHECKING:
    from harness.records import Suite
    from harness.runs.spec import RunSpec
    from harness.runs.storage.record import RunRecord

_JUDGING: Final = ("jiwer", "num2words", "rapidfuzz", "whisper-normalizer", "wordfreq")
_BY_CONTENT: Final = ("suite", "rare_words")  # fields of a spec that count by what lies there, not by where it lies
_MOST_NAMED: Final = 6
_GROUPED: Final = "audio"  # recordings are one entry, as there may be thousands


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that is not as it was: a title for a message, what changed in it, and whether `--rescore` may mend it."""

    title: str
    changes: Sequence[str]
    rescorable: bool = False


def run_digest(record: RunRecord) -> str:
    """Return the SHA-256 of all that must stay the same within a run."""
    retrievers = {  # numbers as they are read again: 12 is 12.0
        label: {name: value if isinstance(value, str) else float(value) for name, value in identity.items()}
        for label, identity in record.retrievers.items()
    }
    parts = [record.digests, record.backends, retrievers, record.answerer, record.rules]
    return sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def judging_rules(suite: Suite, spec: RunSpec) -> dict[str, str]:
    """Return by what transcripts are judged besides what the spec says: versions of the harness and of its language data."""
    from harness import __version__

    rules = {"harness": __version__, "pronunciation": pronunciation_identity(suite.language)}
    rules |= {name: known for name in _JUDGING if (known := _version(name)) is not None}
    if spec.entity_pipeline is not None:
        rules[spec.entity_pipeline] = _version(spec.entity_pipeline) or _pipeline_digest(spec.entity_pipeline)
        rules["spacy"] = _version("spacy") or "absent"
    return rules


def _version(package: str) -> str | None:
    try:
        return version(package)
    except (PackageNotFoundError, ValueError):
        return None


def _pipeline_digest(folder: str) -> str:
    """Return the digest of a spaCy pipeline that is a folder, by its list of parts and their versions."""
    try:
        return sha256((Path(folder) / "meta.json").read_bytes()).hexdigest()
    except OSError:
        return "unknown"


def grouped_files(suite: Suite) -> dict[str, str]:
    """Return the digests of a suite's files by path; all recordings are one entry."""
    own = {path: digest for path, digest in suite.files.items() if _is_text(path)}
    audio = sorted(f"{path} {digest}" for path, digest in suite.files.items() if not _is_text(path))
    if audio:
        own[_GROUPED] = f"{sha256(chr(10).join(audio).encode()).hexdigest()} ({len(audio)} files)"
    return own


def _is_text(path: str) -> bool:
    return path == "suite.toml" or path.endswith(".jsonl")


# ---- comparing -------------------------------------------------------------------------------------------------------


def require_same(earlier: RunRecord, now: RunRecord, folder: Path) -> None:
    """Raise `RunError` unless both records are of one run: it says which parts differ, and how."""
    if earlier.digests.get("suite") == now.digests["suite"] and earlier.normaliser != now.normaliser:
        raise RunError(
            f"holds a run judged by another normaliser ({earlier.normaliser} there, {now.normaliser} now). `--rescore` "
            f"judges its transcripts anew, without recognising; `--out` names another folder.",
            file=folder,
        )
    differing = [*asked_differences(earlier, now), *_made_differences(earlier, now)]
    if differing:
        raise RunError(_message(differing), file=folder)


def require_asked(earlier: RunRecord, now: RunRecord, folder: Path) -> None:
    """Raise `RunError` unless both records are of one suite and one spec."""
    if differing := list(asked_differences(earlier, now)):
        raise RunError(_message(differing), file=folder)


def asked_differences(earlier: RunRecord, now: RunRecord) -> Iterator[Difference]:
    """Yield how suite and spec differ."""
    suite_differs = earlier.digests.get("suite") != now.digests["suite"]
    if suite_differs:
        files = _changed(earlier.suite_files, now.suite_files) if earlier.suite_files else []
        yield Difference("another suite", files or _changed_digest(earlier, now, "suite"))
    if earlier.digests.get("spec") != now.digests["spec"]:
        fields = [*_changed_fields(earlier.spec, now.spec), *_changed_list(earlier, now)]
        if fields or not suite_differs:  # the suite is part of what the spec's digest covers
            yield Difference("another spec", fields or _changed_digest(earlier, now, "spec"))


def _made_differences(earlier: RunRecord, now: RunRecord) -> Iterator[Difference]:
    """Yield how backends, retrievers, answerer and rules differ."""
    for title, before, after in (
        ("another version of a backend or another bias list", earlier.backends, now.backends),
        ("another version of a retriever", earlier.retrievers, now.retrievers),
    ):
        if before != after:
            changes = [
                f"{label}: {change}"
                for label in dict.fromkeys([*before, *after])
                for change in _changed(before.get(label, {}), after.get(label, {}))
            ]
            yield Difference(title, changes, rescorable=True)
    if earlier.answerer != now.answerer:
        changes = _changed(earlier.answerer or {}, now.answerer or {})
        yield Difference("another version of the answerer", changes, rescorable=True)
    if earlier.rules and earlier.rules != now.rules:
        changes = _changed(earlier.rules, now.rules)
        yield Difference("another version of what judges transcripts", changes, rescorable=True)


def _message(differing: Sequence[Difference]) -> str:
    parts = [f"{one.title} ({_listed(one.changes)})" for one in differing]
    anew = ", or judge its transcripts anew with `--rescore`" if all(one.rescorable for one in differing) else ""
    return f"holds a run made with {'; '.join(parts)}. Its samples are kept: choose another folder with `--out`{anew}."


def _listed(changes: Sequence[str]) -> str:
    more = f", and {len(changes) - _MOST_NAMED} more" if len(changes) > _MOST_NAMED else ""
    return ", ".join(changes[:_MOST_NAMED]) + more


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [f"{name}: {_shown(before.get(name))} there, {_shown(after.get(name))} now" for name in names]


def _changed_digest(earlier: RunRecord, now: RunRecord, what: str) -> list[str]:
    return [f"{_shown(earlier.digests.get(what))} there, {_shown(now.digests[what])} now"]


def _changed_list(earlier: RunRecord, now: RunRecord) -> list[str]:
    """Return how the list of rare words changed, which a spec names by its path only."""
    before, after = earlier.digests.get("rare_words"), now.digests.get("rare_words")
    return [] if before == after else [f"rare_words: {_shown(before)} there, {_shown(after)} now"]


def _changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the fields of two specs that differ; of a list of tables with labels, each table by its label."""
    changes = []
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if one == other or name in (*_BY_CONTENT, *UNDECISIVE):
            continue
        if _has_labels(one) and _has_labels(other):
            tables, others = _by_label(one), _by_label(other)
            for label in dict.fromkeys([*tables, *others]):
                pair = tables.get(label), others.get(label)
                if None in pair:
                    changes.append(f"{name}: {label} {'only there' if pair[1] is None else 'only now'}")
                else:
                    changes += [f"{name}: {label}: {change}" for change in _changed(*pair)]  # type: ignore[arg-type]
            if not changes and list(tables) != list(others):
                changes.append(f"{name}: in another order")
        else:
            changes.append(f"{name}: {_shown(one)} there, {_shown(other)} now")
    return changes


def _has_labels(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) and "label" in table for table in value)


def _by_label(tables: Any) -> dict[str, Mapping[str, Any]]:
    return {str(table["label"]): table for table in tables}


def _shown(value: object) -> str:
    """Return a value as it may stand in a message: of a digest its beginning, of a long text as much."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    head = text[:64]
    if len(head) >= 32 and all(character in "0123456789abcdef" for character in head):
        return text[:12] + text[64:]
    return repr(one_line(text)[:60]) if isinstance(value, str) else one_line(text)[:60]
