"""Pictures of a run, each with the sentence that it shows and the figures it was drawn from.

`loss` draws what rarity, word errors and noise cost, `repair` where the loss falls and what brings answers back,
`confusions` what the costliest words were heard as. `drawing` turns a picture into SVG.
"""
