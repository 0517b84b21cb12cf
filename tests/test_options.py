"""Options of plug-ins: how they are checked, and how they are explained."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest

from harness.errors import UsageError
from harness.options import OptionEntry, checked_options, explained

MEANING = msgspec.Meta(description="What it means.")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    run: Annotated[str, MEANING]
    device: Annotated[Literal["cpu", "cuda"] | None, MEANING] = None
    beam: Annotated[int, msgspec.Meta(ge=1, le=100, description="Width.")] = 5
    share: Annotated[float, msgspec.Meta(gt=0, description="Part.")] = 0.5
    vad: bool = False


def test_options_are_explained_by_type_bounds_default_and_meaning() -> None:
    assert explained(Options) == (
        OptionEntry("run", "text", None, True, "What it means."),
        OptionEntry("device", "cpu | cuda", None, False, "What it means."),
        OptionEntry("beam", "whole number from 1 to 100", 5, False, "Width."),
        OptionEntry("share", "number over 0", 0.5, False, "Part."),
        OptionEntry("vad", "true | false", False, False, ""),
    )
    lines = [entry.line() for entry in explained(Options)]
    assert lines[0].endswith("What it means. (text; required)")
    assert lines[1].endswith("What it means. (cpu | cuda)")
    assert lines[4].endswith("(true | false; false unless set)")


def test_an_unknown_option_is_told_what_was_meant_and_what_is_known() -> None:
    known = "Known options: run, device, beam, share, vad, label, bias"
    with pytest.raises(UsageError, match=f"backend 'x': unknown option 'baem'. Did you mean 'beam'. {known}"):
        checked_options("backend 'x'", {"run": "a", "baem": 3}, Options, ("label", "bias"))
    with pytest.raises(UsageError, match=r"unknown option 'lable'. Did you mean 'label'"):
        checked_options("backend 'x'", {"run": "a", "lable": 3}, Options, ("label", "bias"))
    with pytest.raises(UsageError, match=f"unknown option 'zzz'. {known}"):
        checked_options("backend 'x'", {"zzz": 3}, Options, ("label", "bias"))
    with pytest.raises(UsageError, match=r"option beam: Expected `int` >= 1. Known options"):
        checked_options("backend 'x'", {"run": "a", "beam": 0}, Options)
