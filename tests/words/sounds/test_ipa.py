"""Sounds of espeak-ng in ARPAbet."""

from __future__ import annotations

import pytest

from harness.words.sounds.ipa import to_arpabet
from harness.words.sounds.pronunciation import cmu_dictionary

ARPABET = {phone for phones in cmu_dictionary().values() for phone in phones.split()}


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        ("kɪɡˈɑːli", "K IH G AA L IY"),
        ("mˈɪdə^lmˌɑː^ɹt^ʃ", "M IH D AH L M AA R CH"),
        ("d^ʒˈɑːɹd^ʒ", "JH AA R JH"),
        ("nˈɜːs", "N ER S"),
        ("fˈɜːɹi", "F ER IY"),
        ("pˈoː^ɹt", "P AO R T"),
        ("bˈʌʔn̩", "B AH T AH N"),
        ("wˈɔːɾɚ", "W AO T ER"),
        ("lˈɑːx", "L AA K"),
        ("bjˌɑːnsˈe^ɪ", "B Y AA N S EY"),
    ],
)
def test_english(ipa: str, expected: str) -> None:
    assert to_arpabet(ipa, "en-GB") == expected


@pytest.mark.parametrize(
    ("language", "ipa", "expected"),
    [
        ("es", "sˌot^ʃimˈilko", "S OW CH IY M IY L K OW"),
        ("es", "ˈaɲos", "AA N Y OW S"),
        ("es", "xuˈan", "HH UW AA N"),
        ("fr", "bˈɔ̃", "B AO N"),
        ("fr", "fʁɑ̃swˈa", "F R AA N S W AA"),
        ("de", "kˈøːnɪɡɡɾˌɛt^s", "K ER N IH G G R EH T S"),
        ("de", "ɪç", "IH HH"),
        ("it", "ɲˈokːɪ", "N Y OW K IH"),
        ("cs", "jˈenuːfa", "Y EY N UW F AA"),
        ("pt", "ʒuˈɐ̃^ʊ̃", "ZH UW AH N UH"),
    ],
)
def test_sounds_of_other_languages_become_the_nearest(language: str, ipa: str, expected: str) -> None:
    assert to_arpabet(ipa, language) == expected
    assert set(expected.split()) <= ARPABET


@pytest.mark.parametrize("ipa", ["", "ˈː", "kǂa", "Ж"])
def test_no_reading_where_a_sound_is_not_known(ipa: str) -> None:
    assert to_arpabet(ipa, "en") == ""
