from __future__ import annotations

import pytest

from harness.words.titles import title_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Charles Bridge | Plain Reference", "Charles Bridge"),
        ("Battle of Agincourt - The Open Almanac", "Battle of Agincourt"),
        ("Rashomon: production notes", "Rashomon"),
        ("Podrafka (disambiguation) - LocalWiki", "Podrafka"),
        ("Mercury (planet)", "Mercury"),
        ("Salt-N-Pepa", "Salt-N-Pepa"),
        ("Гагарин", "Гагарин"),
        ("7 Up", "7 Up"),
        ("Dog training", None),
        ("pub quiz fail: Macbeth", None),
        ("Experts look ahead to the plans of Siemens", None),
        ("", None),
        ("1984", None),
        (" - ", None),
    ],
)
def test_names_in_titles(title: str, name: str | None) -> None:
    assert title_name(title) == name
