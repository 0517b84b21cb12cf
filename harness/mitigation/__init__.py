"""Repairs: from a transcript and the indexes of a suite's snippets to a better query, or to a better ranking. One module each."""
