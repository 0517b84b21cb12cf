"""What the errors did.

`error_rates` counts errors by class of word, `ranking_metrics` judges rankings, `counterfactual` repairs errors and looks
again, `word_costs` counts which words cost answers, `statistics` puts intervals to sums of counts, `summary` brings all of
it into the rows of summary.json. `scoring` is `harness score`: files in, counts out, no search.
"""
