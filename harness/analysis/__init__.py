"""What the errors did.

`evaluation` turns a transcript into a sample record, `reader` asks the answerer for it.
`error_rates` counts errors by class of word, `ranking_metrics` judges rankings, `outcomes` names what is won or lost,
`counterfactual` repairs errors and looks again, `contrasts` sets rare words against others, `word_classes`,
`attribution` and `word_costs` say which words the loss falls to, `dose_response` how it rises with rarity. `measures`
says what one sample adds to each figure, `statistics` puts intervals to sums of counts, `significance` and
`comparisons` test differences, `rules` and `metrics` say what figures mean, `summary` brings all of it into
summary.json. `scoring` is `harness score`: files in, counts out, no search.
"""
