"""What only English reads: years in pairs, times, dates, money, fractions, and words that mean the same."""

from __future__ import annotations

import pytest

from harness.words.text.normalise import normalise, tokenise, tokenise_spans
from harness.words.text.numbers.cardinals import cardinal
from harness.words.text.numbers.english import NUMBER_WORDS, is_in_pairs, whole_number


def test_years_are_read_in_pairs_that_add_up() -> None:
    small = {cardinal(value, "en"): value for value in range(100)}
    for year in (*range(1010, 2000), *range(2010, 2100)):
        words = tuple(word for word in whole_number(year) if word != "oh")
        century = cardinal(year // 100, "en")
        assert words[: len(century)] == century
        rest = tuple(word for word in words[len(century) :] if word != "hundred")
        assert small.get(rest, 0) == year % 100
    assert not any(map(is_in_pairs, (1009, 2000, 2009, 2100)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8½ 9¾ 1¾ 2⅓", "eight and a half nine and three quarters one and three quarters two and a third"),
        ("½ ⅔ 3/4 9 3/4 8 1/2", "one half two thirds three quarters nine and three quarters eight and a half"),
        ("9/11 24/7 1/2/2020", "nine eleven twenty four seven one two twenty twenty"),
        ("10² x² 10³ 10⁶ 10⁻³", "ten squared x squared ten cubed ten to the sixth ten to the minus three"),
        ("50 m² 5㎡ 1 km² 60 km/h", "fifty square meters five square meters one square kilometer sixty kilometers per hour"),
        ("1,00,000 1,000,000 12,34,567", "one hundred thousand one million one million two hundred thirty four thousand five "
         "hundred sixty seven"),
        (".5 0.5 3.5 No.5", "zero point five zero point five three point five number five"),
        ("$5.05 $5.00 $.50 $1.01 £2.01", "five dollars five cents five dollars fifty cents one dollar one cent two pounds one "
         "penny"),
        ("$20M $3bn €1.5 million £5k", "twenty million dollars three billion dollars one point five million euros five "
         "thousand pounds"),
        ("€5 5€ 5 € 100$ -$5", "five euros five euros five euros one hundred dollars minus five dollars"),
        ("¥500 ₹1,00,000 ¥5.05 5¢", "five hundred yen one hundred thousand rupees five point zero five yen five cents"),
        ("1,000th 1,945th 1900th", "one thousandth one thousand nine hundred forty fifth one thousand nine hundredth"),
        ("12:05 12:00 7:00 pm 7:30 p.m. 10:30", "twelve oh five twelve o'clock seven pm seven thirty pm ten thirty"),
        ("3 June 1945, June 3. In June 30 people", "third june nineteen forty five june third in june thirtieth people"),
        ("on 5 May; 5 may go", "on fifth may five may go"),
        ("5 °C 41°F 1° 90° c", "five degrees celsius forty one degrees fahrenheit one degree ninety degrees celsius"),
        ("C++ 2+2=4 a@b ==== #1 № 5 No. 5 §3", "c plus plus two plus two equals four a at b number one number five number five "
         "section three"),
        ("1914–1918 1918-1914 3–0 747-400", "nineteen fourteen to nineteen eighteen nineteen eighteen nineteen fourteen three "
         "zero seven hundred forty seven four hundred"),
        ("-5 −5 10−5 F-15 - 5", "minus five minus five ten minus five f fifteen five"),
        ("1.5×10⁶", "one point five times ten to the sixth"),
        ("4x4 4×4 3D B2B x4", "four by four four by four three d b two b x four"),
        ("H₂O C₁₂H₂₂ 10₂", "h two o c twelve h twenty two ten two"),
        ("192.168.0.1 1.2.3", "one hundred ninety two point one hundred sixty eight point zero point one one point two point "
         "three"),
        ("1500 5 5", "fifteen hundred five five"),
        ("Louis XIV, Henry VIII", "louis xiv henry viii"),
    ],
)  # fmt: skip
def test_readings(text: str, expected: str) -> None:
    assert normalise(text, "en") == expected


@pytest.mark.parametrize(
    "alike",
    [
        ("1,500", "1500", "fifteen hundred", "one thousand five hundred", "one thousand, five hundred"),
        ("1905", "nineteen oh five", "nineteen oh-five", "one thousand nine hundred and five"),
        ("2014", "twenty fourteen", "two thousand and fourteen"),
        ("1234", "1,234", "twelve thirty-four", "one thousand two hundred and thirty-four"),
        ("June 3", "June third", "June 3rd", "june 3RD", "June third"),
        ("3 June", "3rd June", "third June"),
        ("$5.05", "five dollars and five cents", "5 dollars and 5 cents"),
        ("8½", "8 1/2", "8 ½", "eight and a half", "8 and a half"),
        ("7 pm", "7pm", "7 p.m.", "seven p.m.", "seven pm"),
        ("100¾", "one hundred and three quarters"),
        ("5%", "5 %", "5 percent", "five percent"),
        ("1990s", "1990's", "nineteen nineties"),
    ],
)
def test_the_same_number_in_other_notations(alike: tuple[str, ...]) -> None:
    assert len({tuple(tokenise(text, "en")) for text in alike}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one thousand nine hundred fortieth", "one thousand nine hundred fortieth"),
        ("twenty one thousand five hundred", "twenty one thousand five hundred"),
        ("one thousand and one nights", "one thousand one nights"),
        ("one thousand five hundred thousand", "one thousand five hundred thousand"),
        ("half past a m", "half past a m"),
        ("who won and five more", "who won and five more"),
    ],
)
def test_words_that_mean_another_number_are_left(text: str, expected: str) -> None:
    assert normalise(text, "en") == expected


def test_words_of_numbers_are_those_that_are_nothing_else() -> None:
    assert {"nineteen", "oh", "ninetieth", "thousands", "dollar", "pence", "percent"} <= NUMBER_WORDS
    assert NUMBER_WORDS.isdisjoint({"won", "naira", "lira", "and", "minus"})


def test_words_of_one_number_share_its_characters() -> None:
    text = "On June 3, one thousand nine hundred five"
    assert {(token.text, text[token.start : token.end]) for token in tokenise_spans(text, "en")} == {
        ("on", "On"),
        ("june", "June"),
        ("third", "3"),
        *((word, "one thousand nine hundred five") for word in ("nineteen", "oh", "five")),
    }
