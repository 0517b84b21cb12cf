"""From text to words: what is not speech goes (`nonspeech`), `normalise` makes tokens of the rest, `normalisers` names the rules.

`characters` folds letters, `numbers` reads digits and signs as words, `segmentation` cuts texts that are written without spaces.
"""
