"""From text to words: tokens that two texts can be compared by, their alignment, their rarity, the entities among them.

`text` turns text into tokens, `align` lays a hypothesis beside a reference and finds the error regions, and `notation` tells
those that are the right words in another spelling. `rarity` holds how frequent a word is, `entities` finds what a question is
about, `languages` knows what data there is for a language, `sounds` gives a word's phones, and `transcripts` reads files of
texts in the formats that people and toolkits write. Nothing here is a plug-in: each rule is one function, and every figure
rests on it.
"""
