"""The groups that figures are broken down by: those of tags, speaker and accent."""

from __future__ import annotations

from harness.analysis.summary import tag_groups
from harness.records import Question, Utterance


def test_a_recording_is_in_a_group_for_each_tag_but_not_for_how_its_name_is_said() -> None:
    tags = {"relation": "discovery", "band": "unseen", "pronunciation": "László=hu Bíró=hu"}
    utterance = Utterance("q.slt", "q", speaker="slt", accent="US", tags={"engine": "flite"})
    assert tag_groups(Question("q", "Who was László Bíró?", tags=tags), utterance) == [
        "accent:US",
        "engine:flite",
        "relation:discovery",
        "speaker:slt",
    ]
