"""From text to words: tokens that two texts can be compared by, their alignment, their rarity, the entities among them.

`normalise` turns text into tokens, with `numbers` reading digits aloud; `align` lays a hypothesis beside a reference
and finds the error regions; `rarity` holds how frequent a word is; `entities` finds what a question is about; `pronunciation`,
with its `letter_to_sound` rules, gives a word's phones, and `phones` measures how alike two texts sound. `transcripts` reads
files of texts in the formats that people and toolkits write. Nothing here is a plug-in: each rule is one function, and
every figure rests on it.
"""
