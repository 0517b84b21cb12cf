"""Runs of schema 1, read as if this version had written them: fields, sources and metrics under the names of schema 2.

A run may hold lines of both schemas, after a resumed call was killed, so each sample is told by its own fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from harness.analysis.attribution import INSERTED, ONE_SIDED
from harness.analysis.summary import SCHEMA_VERSION

VERSION: Final = 1
_RARE_WORD = {"heard": "hypothesis"}
_COUNTERFACTUAL = {"heard": "from_hypothesis", "typed": "from_reference"}
_WORD_COST = {
    "said": "n_reference", "heard_right": "n_correct", "heard_as": "recognised_as", "answers_lost": "recoverable"
}  # fmt: skip
_SOURCES = {"transcript": "hypothesis"}
_METRICS = {"answers_lost_to_retrieval": "retrieval_error_rate", "answers_lost_to_reading": "reader_error_rate"}
_GROUPS = {"nothing said": INSERTED, "dropped or added": ONE_SIDED}
_PARTS = ("rows", "comparisons", "words", "attribution", "agreement", "retriever_comparisons")  # those with old names
_KEY = b'"heard":'  # in every sample of schema 1 with a rare word or a counterfactual; in texts, quotes are escaped


@dataclass(frozen=True)
class _Versioned:
    schema_version: int


def sample_line(line: bytes) -> bytes:
    """One line of a sample file under the names of schema 2. One of schema 2 comes back as it is."""
    if _KEY not in line:
        return line
    sample = msgspec.json.decode(line)
    try:
        sample["rare_words"] = [_renamed(word, _RARE_WORD) for word in sample.get("rare_words", ())]
        for outcome in sample.get("retrieval", {}).values():
            if outcome.get("counterfactual") is not None:
                outcome["counterfactual"] = _renamed(outcome["counterfactual"], _COUNTERFACTUAL)
    except (AttributeError, TypeError):
        return line  # broken: who decodes it as a sample says what is wrong
    return msgspec.json.encode(sample)


def summary(content: bytes) -> bytes:
    """summary.json under the names of schema 2. One of another schema comes back as it is."""
    if msgspec.json.decode(content, type=_Versioned).schema_version != VERSION:
        return content
    parts = msgspec.json.decode(content)
    try:
        for name in _PARTS:
            parts[name] = [_summary_record(name, record) for record in parts.get(name, ())]
    except (AttributeError, KeyError, TypeError):
        return content  # broken, as above
    return msgspec.json.encode(parts | {"schema_version": SCHEMA_VERSION})


def _summary_record(part: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of one part of a summary. Values are renamed where the vocabulary is the harness's own, never a label."""
    fields = {
        "words": _WORD_COST,
        "attribution": {"answers_lost": "lost"},
        "agreement": {"harmed_typed": "harmed_reference"},
    }
    renamed = _renamed(record, fields.get(part, {}))
    for field, values in (("source", _SOURCES), ("metric", _METRICS)):
        if field in renamed:
            renamed[field] = values.get(renamed[field], renamed[field])
    if part == "attribution":
        renamed["group"] = _GROUPS.get(renamed["group"], renamed["group"])
    return renamed


def _renamed(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in record.items()}
