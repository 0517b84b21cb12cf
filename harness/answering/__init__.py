"""From ranked snippets to an answer, and how right it is. Begin with `protocol.py`.

A reader sees the question's words and the snippets that were found for them, nothing else. What it answers is scored
against the accepted answers by the rule of SQuAD (`scoring.py`).
"""
