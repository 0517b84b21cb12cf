"""Which kind of word an error struck: a rare word in an entity mention, another rare word, a content or a function word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.records import ErrorRegion, WordClass
from harness.words.entities import Span
from harness.words.languages import primary
from harness.words.rarity import Rarity
from harness.words.stop_words import stop_words

WORD_CLASSES: Final[tuple[WordClass, ...]] = ("rare_entity", "rare_other", "content", "function")  # weightiest first

# Closed classes of English, as `tokenise` writes them: `'s` is a token, other contractions are one word.
FUNCTION_WORDS: Final = frozenset({
    # articles, demonstratives, quantifiers
    "a", "an", "the", "this", "that", "these", "those", "some", "any", "no", "every", "each", "either", "neither",
    "both", "all", "half", "such", "other", "another", "enough", "much", "many", "more", "most", "few", "fewer",
    "fewest", "little", "less", "least", "several", "own", "same",
    # pronouns and possessives
    "i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves", "you", "your", "yours", "yourself",
    "yourselves", "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself", "they",
    "them", "their", "theirs", "themselves", "one", "ones", "oneself", "someone", "somebody", "something", "anyone",
    "anybody", "anything", "everyone", "everybody", "everything", "nobody", "nothing", "none", "there", "'s",
    # question words and relatives
    "what", "which", "who", "whom", "whose", "when", "where", "why", "how", "whatever", "whichever", "whoever",
    "whomever", "whenever", "wherever", "however",
    # auxiliaries
    "am", "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "doing", "done", "have", "has",
    "had", "having", "will", "would", "shall", "should", "can", "could", "may", "might", "must", "ought", "need",
    "dare", "used",
    # prepositions and particles
    "of", "in", "on", "at", "by", "for", "with", "from", "to", "into", "onto", "upon", "about", "above", "across",
    "after", "against", "along", "amid", "among", "amongst", "around", "as", "before", "behind", "below", "beneath",
    "beside", "besides", "between", "beyond", "despite", "down", "during", "except", "inside", "like", "near",
    "off", "out", "outside", "over", "past", "per", "since", "than", "through", "throughout", "till", "toward",
    "towards", "under", "underneath", "until", "unto", "up", "versus", "via", "within", "without",
    # conjunctions and sentence adverbs
    "and", "or", "but", "nor", "so", "yet", "if", "because", "although", "though", "unless", "whereas", "whether",
    "while", "lest", "then", "else", "also", "too", "very", "just", "only", "even", "not", "here", "now",
    # contractions
    "i'm", "i've", "i'll", "i'd", "you're", "you've", "you'll", "you'd", "he'll", "he'd", "she'll", "she'd",
    "it'll", "it'd", "we're", "we've", "we'll", "we'd", "they're", "they've", "they'll", "they'd", "who've",
    "who'll", "who'd", "who're", "what'll", "what're", "what'd", "that'll", "that'd", "there'll", "there'd",
    "how'd", "how're", "where'd", "where're", "when'd", "why'd", "isn't", "aren't", "wasn't", "weren't", "don't",
    "doesn't", "didn't", "haven't", "hasn't", "hadn't", "won't", "wouldn't", "shan't", "shouldn't", "can't",
    "cannot", "couldn't", "mightn't", "mustn't", "needn't", "ain't",
})  # fmt: skip


def region_classes(
    reference: Sequence[str],
    hypothesis: Sequence[str],
    regions: Sequence[ErrorRegion],
    entities: Sequence[Span],
    rarity: Rarity,
) -> tuple[WordClass, ...]:
    """The class of each error region: that of its weightiest reference word.

    `reference` and `hypothesis` are normalised tokens, `entities` token ranges of the reference. A region without a
    reference word takes the class of its weightiest inserted word, which is never `rare_entity`: nothing was mentioned.
    """
    mentioned = {position for start, end in entities for position in range(start, end)}
    return tuple(
        min(
            [
                word_class(reference[position], position in mentioned, rarity)
                for position in range(region.reference_start, region.reference_end)
            ]
            or [
                word_class(word, False, rarity) for word in hypothesis[region.hypothesis_start : region.hypothesis_end]
            ],
            key=WORD_CLASSES.index,
        )
        for region in regions
    )


def word_class(word: str, in_entity: bool, rarity: Rarity) -> WordClass:
    """The class of one normalised word. A rare word is rare even where it is on the list of function words."""
    if rarity.is_rare(word):
        return "rare_entity" if in_entity else "rare_other"
    return "function" if is_function_word(word, rarity.language) else "content"


def is_function_word(word: str, language: str) -> bool:
    """Return whether a word is of a closed class; in languages other than English, one of spaCy's stop words."""
    return word in (FUNCTION_WORDS if primary(language) == "en" else stop_words(language))
