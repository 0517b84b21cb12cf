"""Rare words of the questions that may be typing errors of the reference."""

from __future__ import annotations

from collections.abc import Mapping

from harness.report.verdict.case import Case


def typos_of(case: Case) -> Mapping[str, str]:
    """Return the misrecognised rare words that may be typos, each with the commoner word that may be meant."""
    return {}
