"""Pictures of a run, each with the sentence that it shows and the figures it was drawn from.

`listing` names them all. `rarity` and `loss` draw what rarity, WER and conditions cost, `causes` where the loss falls and what
recovers it, `confusions` what words were recognised as, `recognition` what there is without a search, `bias` lists by size.
`view` says what a picture is of, `drawing` turns it into SVG.
"""
