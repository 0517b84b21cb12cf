"""Suites are found by folder and by name."""

from pathlib import Path

import pytest

from harness.errors import SuiteError, UnknownName
from harness.suites.load import load_suite
from harness.suites.shipped import find_suite, list_suites


def test_shipped_suites_load_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a name means the same in any folder
    suites = list_suites()
    assert {"demo", "standard"} <= set(suites)
    assert all(suites.values())
    assert load_suite(find_suite("demo")).name == "demo"


def test_a_folder_with_a_suite_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    assert find_suite("demo") != Path("demo")  # some folder that happens to bear the name
    (tmp_path / "demo" / "suite.toml").write_text('name = "mine"')
    assert find_suite("demo") == Path("demo")


def test_any_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert find_suite(str(tmp_path)) == tmp_path


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'standard'"):
        find_suite("standart")


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(SuiteError, match="not a folder"):
            find_suite(str(path))
