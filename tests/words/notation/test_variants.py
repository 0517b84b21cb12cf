"""Which errors differ in notation only, and which are misrecognised however close they come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from harness.records import ErrorRegion
from harness.suites.load import load_suite
from harness.words.align import align, error_regions
from harness.words.notation.variants import is_same_but_for_notation, mark_notation
from harness.words.sounds.phones import phone_distance
from harness.words.text.normalise import tokenise

FIXTURES = Path(__file__).parents[3] / "fixtures"
# 20 ordinary names, each as a question writes it and in three other notations.
NAMES = {
    "the siege of Warsaw": ("the siege of war saw", "the siege of WARSAW", "the siege of Wars aw"),
    "the Amazon rainforest": ("the amazon rain forest", "the Amazon rain-forest", "the Amazon Rain Forest"),
    "AC/DC": ("acdc", "a c d c", "AC DC"),
    "J.K. Rowling": ("JK Rowling", "J. K. Rowling", "jk row ling"),
    "J. R. R. Tolkien": ("JRR Tolkien", "J.R.R. Tolkien", "jr r tolkien"),
    "St. Louis": ("Saint Louis", "st louis", "Saint Lewis"),
    "Dr. Seuss": ("Doctor Seuss", "dr seuss", "doctor seuss"),
    "Mt. Everest": ("Mount Everest", "mt everest", "mount ever est"),
    "Ft. Worth": ("Fort Worth", "ft worth", "fort worth"),
    "Roe v. Wade": ("Roe vs. Wade", "roe versus wade", "Roe v Wade"),
    "Martin Luther King Jr.": ("Martin Luther King Junior", "martin luther king jr", "Martin Luther-King Junior"),
    "World War II": ("World War 2", "world war two", "World War Two"),
    "Henry VIII": ("Henry the Eighth", "Henry the 8th", "Henry Eight"),
    "Boeing 747": ("Boeing seven four seven", "Boeing seven forty-seven", "Boeing 7 47"),
    "the San Francisco earthquake of 1906": (
        "the San Francisco earthquake of nineteen six",
        "the sanfrancisco earthquake of nineteen oh six",
        "the San Francisco earthquake of one thousand nine hundred and six",
    ),
    "McDonald's": ("mcdonalds", "McDonalds", "Mc Donald's"),
    "Conan O'Brien": ("Conan OBrien", "Conan O' Brien", "conan O Brien"),
    "St. James's Park": ("St. James' Park", "Saint James Park", "Saint James's Park"),
    "Jimi Hendrix": ("Jimmy Hendrix", "jimi hendricks", "jimmy hendricks"),
    "Julius Caesar": ("Julius Ceaser", "JuliusCaesar", "julius ceaser"),
}  # fmt: skip
OTHER_SPELLINGS = [  # that are no names of 20
    ("the U.S. army", "the US army"), ("the U.S. army", "the United States army"), ("King's Cross", "kings cross"),
    ("the Beatles' songs", "the Beatle's songs"), ("Catherine the Great", "Katherine the Great"),
    ("Stephen King", "Steven King"), ("Louis XIV", "louis the fourteenth"), ("World War I", "world war one"),
    ("what colour is it", "what color is it"), ("the theatre", "the theater"), ("Apollo 13", "apollo one three"),
    ("in 1905", "in nineteen five"), ("Coca-Cola", "cocacola"),
    ("Marrakesh", "Marrakkesh"), ("No. Five", "number five"), ("Eric Clapton", "Erik Clapton"), ("percent", "per cent"),
    ("don't", "dont"), ("O'Hara", "ohara"),
]  # fmt: skip
MISRECOGNISED = [
    ("the Prince of Wales", "the prince of whales"), ("Thai food", "tie food"), ("there they are", "their they are"),
    ("when I was", "when one was"), ("they were", "they we're"), ("she'll", "shell"), ("Middlemarch", "miggling arch"),
    ("Medawar", "mad dog or"), ("Greece", "grease"), ("Oates", "oats"), ("Rome", "roam"), ("Seoul", "soul"),
    ("Louis XIV", "louis the fifteenth"), ("in 1905", "in nineteen oh six"), ("World War II", "world war"),
    ("World War II", "world war three"), ("Austria", "Australia"), ("four nothing", "for nothing"), ("the eighth", "eighth"),
    ("St. Louis", "street lewis and"), ("Boeing 747", "boeing seven thirty seven"), ("Alzheimer's disease", "alzheimer disease"),
    ("Kleve", "cleaver"), ("can I see", "can one see"), ("Dr. Seuss", "mister seuss"), ("Jimi Hendrix", "timmy hendricks"),
]  # fmt: skip
# Names of the shipped suites with others that sound or look much like them, a letter or two apart.
DIFFERENT = """
okapi/okapa fossa/mossa numbat/wombat quokka/mocha dhole/whole saiga/saga Bhutan/Butane Bukhara/Bujumbura Tirana/Tijuana
Lusaka/Osaka Maseru/Peru Palikir/Pakistan Honiara/Honduras Dodoma/Sodoma Malabo/Malibu Kassel/Kessel Cassel/castle Kleve/Cleves
Gdansk/Gdynia Szeged/Sighet Kaunas/Kansas Tampere/Tampa Kiruna/Kigali Odense/Odessa Narvik/Larvik Skagen/Skegness
Austria/Australia Niger/Nigeria Slovakia/Slovenia Iran/Iraq Mali/Malawi Zambia/Gambia Guinea/Guyana Dominica/Dominican
Georgia/Jordan Paris/Perris Vienna/Sienna Berlin/Merlin Milan/Milo Turin/Touring Porto/Bordeaux Medawar/Medalla
Middlemarch/Middlemarsh Middlesex/Middlebury Eliot/Ely Brontë/Bronze Dickens/Dickinson Melville/Merrill Orwell/Or-Ville
Mahler/Mailer Haydn/Haven Handel/Hamdel Bizet/Boozey Liszt/Lisp Monet/Manet Degas/Dega Gauguin/Gagging Renoir/Lenoir
Tesla/Nessler Volta/Volga Ampere/Empire Joule/Jewel Kelvin/Calvin Hertz/Herz-Ogg Faraday/Friday Darwin/Darren
Curie/Currie-House Bohr/Boar Euler/Ruler Gauss/Goss Nobel/Noble Newton/Luton Kepler/Keppel Hubble/Hobble
"""


def regions_of(
    reference: str,
    hypothesis: str,
    language: str = "en",
    aliases: Mapping[tuple[int, int], Sequence[tuple[str, ...]]] | None = None,
) -> tuple[ErrorRegion, ...]:
    first, second = tokenise(reference, language), tokenise(hypothesis, language)
    return mark_notation(first, second, error_regions(align(first, second)), language, aliases)


@pytest.mark.parametrize(("name", "spelling"), [(name, other) for name, others in NAMES.items() for other in others])
def test_a_name_in_another_spelling_is_a_notation_variant(name: str, spelling: str) -> None:
    question = "Who knows {} today?"
    assert all(region.notation for region in regions_of(question.format(name), question.format(spelling)))


@pytest.mark.parametrize(("reference", "hypothesis"), OTHER_SPELLINGS)
def test_words_in_another_spelling(reference: str, hypothesis: str) -> None:
    regions = regions_of(reference, hypothesis)
    assert regions
    assert all(region.notation for region in regions)


@pytest.mark.parametrize(("reference", "hypothesis"), MISRECOGNISED)
def test_what_is_misrecognised_stays_so(reference: str, hypothesis: str) -> None:
    assert not all(region.notation for region in regions_of(reference, hypothesis))


def test_words_that_match_do_not_hide_one_that_does_not() -> None:
    assert not is_same_but_for_notation(("they", "were"), ("they", "we're"), "en")
    assert is_same_but_for_notation(("old", "war", "saw"), ("old", "warsaw"), "en")


def test_what_is_left_out_or_added_is_no_spelling() -> None:
    for reference, hypothesis in (
        ("the red okapi", "the okapi"),
        ("the okapi", "the the okapi"),
        ("", "one"),
        ("two", ""),
    ):
        assert not any(region.notation for region in regions_of(reference, hypothesis))


def test_each_region_is_judged_alone() -> None:
    marked = [
        region.notation for region in regions_of("did Jimi Hendrix see Medawar", "did Jimmy Hendrix see mad dog or")
    ]
    assert marked == [True, False]


def test_digits_of_another_normaliser_are_numbers_too() -> None:
    for reference, hypothesis in (("boeing 747", "boeing seven forty seven"), ("world war ii", "world war 2")):
        first, second = reference.split(), hypothesis.split()
        assert all(
            region.notation for region in mark_notation(first, second, error_regions(align(first, second)), "en")
        )
    first, second = ["boeing", "747"], ["boeing", "737"]
    assert not any(
        region.notation for region in mark_notation(first, second, error_regions(align(first, second)), "en")
    )


def test_in_spanish_accents_and_its_own_abbreviations() -> None:
    for reference, hypothesis in (("Bogotá", "Bogota"), ("Sr. Borges", "señor borges"), ("Sta. Marta", "Santa Marta")):
        assert all(region.notation for region in regions_of(reference, hypothesis, "es"))
    for reference, hypothesis in (("St. Louis", "saint louis"), ("Medellín", "Madrid")):
        assert not all(region.notation for region in regions_of(reference, hypothesis, "es"))


def test_an_alias_of_a_mention_is_a_notation_of_it() -> None:
    reference = "when did john f kennedy die"
    aliases = {(2, 5): [("jfk",), ("jack", "kennedy")]}
    for hypothesis in ("when did jfk die", "when did jack kennedy die", "when did j f k die"):
        assert all(region.notation for region in regions_of(reference, hypothesis, aliases=aliases))
        assert not any(region.notation for region in regions_of(reference, hypothesis))
    marked = regions_of(reference, "where did jfk die", aliases=aliases)
    assert [region.notation for region in marked] == [False, True]
    assert not any(region.notation for region in regions_of(reference, "when did bobby kennedy die", aliases=aliases))


def test_different_names_of_our_own_that_look_or_sound_alike() -> None:
    pairs = [pair.split("/") for pair in DIFFERENT.split()]
    # One sound in the dictionary, and `castle` is used as names are: nearly as often in other languages as in English.
    assert [pair for pair in pairs if _same(*pair)] == [["Cassel", "castle"]]


def test_names_of_the_shipped_suites_are_told_apart() -> None:
    names = {
        entity.text
        for suite in ("demo", "standard")
        for q in load_suite(FIXTURES / suite).questions
        for entity in q.entities or ()
    }
    assert _share_taken_for_one(_alike(names, 7)[:200]) <= 0.01


def test_200_pairs_of_names_of_rare_entities_are_told_apart(outside_data: Path) -> None:
    pairs = _alike(set(_entityquestions(outside_data / "entityquestions")), 2)
    assert len(pairs) > 1000
    assert _share_taken_for_one(pairs[:: len(pairs) // 200][:200]) <= 0.01  # that look alike
    by_sound = sorted(pairs, key=lambda pair: phone_distance(*(tokenise(name, "en") for name in pair), language="en"))
    sounding_alike = [p for p in by_sound if phone_distance(*(tokenise(name, "en") for name in p), language="en") > 0]
    assert _share_taken_for_one(sounding_alike[:200]) <= 0.01


def _share_taken_for_one(pairs: list[tuple[str, str]]) -> float:
    assert len(pairs) == 200
    return sum(_same(*pair) for pair in pairs) / len(pairs)


def _same(first: str, second: str) -> bool:
    return is_same_but_for_notation(tuple(tokenise(first, "en")), tuple(tokenise(second, "en")), "en")


def _alike(names: set[str], letters: int) -> list[tuple[str, str]]:
    """Return the pairs of names that are at most so many letters apart, the nearest first; not those with the same letters."""
    forms = {" ".join(tokenise(name, "en")): name for name in sorted(names)}
    kept = sorted({form.replace(" ", ""): form for form in forms if 4 <= len(form) <= 16}.values())
    pairs = []
    for start in range(0, len(kept), 1000):
        block = kept[start : start + 1000]
        distances = process.cdist(block, kept, scorer=Levenshtein.distance, score_cutoff=letters)
        pairs += [
            (int(distances[row, column]), block[row], kept[column])
            for row, column in zip(*(distances <= letters).nonzero(), strict=True)
            if start + row < column
        ]
    return [(first, second) for _, first, second in sorted(pairs)]


def _entityquestions(folder: Path) -> Iterator[str]:
    """Yield the names that the questions are about, and the first answer of each."""
    templates = json.loads((folder / "relation_query_templates.json").read_text())
    for path in sorted((folder / "test").iterdir()):
        before, after = templates[re.search(r"P\d+", path.name)[0]].split("[X]")  # type: ignore[index]
        for question in json.loads(path.read_text())[::2]:
            yield question["question"].removeprefix(before).removesuffix(after)
            yield question["answers"][0]
