"""Which error regions are the right words in another spelling (`variants`), by `abbreviations`, `number_words` and sound."""
