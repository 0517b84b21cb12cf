"""How complex a suite's questions are, and how accuracy depends on it when questions with the rarest words are removed.

After McKenna et al. (Interspeech 2020), of whom only the abstract was at hand: every formula here is our reading of it.

    word_counts        vocabulary, distinct texts, n-gram entropy, Zipf profile and rare words, of many sets of texts at once
    spanning_tree      the minimum spanning tree over sentence embeddings, of many sets at once
    clusters           labels against k-means clusters: the adjusted Rand index, of many sets at once
    questions          all of these for sets of one suite's questions; what each measure is called and means
    suite              the measures of a suite as it lies in its folder
    levels             versions of a suite that lack its rarest words, and as many questions removed at random
    fits               a line and a broken line by least squares, and which of them fits better
    continuum          accuracy, and the measures, level by level, with both controls
    study              what the study of a run holds
"""
