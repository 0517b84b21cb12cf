"""The names in a text, looked up in a lexicon: letter by letter, nearly so, or by sound."""
