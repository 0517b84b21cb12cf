"""Numbers and the signs beside them, read as words by language.

`cardinals` has the words of a number, by num2words; `signs` those of currencies, units and symbols, by num2words and Babel;
`reading` finds the expressions in a text and reads them; `english` holds what only English needs: years in pairs, times,
dates, fractions. A language that num2words does not know keeps its digits (`reads_numbers`).
"""

from harness.words.text.numbers.english import NUMBER_WORDS

__all__ = ["NUMBER_WORDS"]
