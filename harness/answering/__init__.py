"""From ranked snippets to an answer, and how right it is. Begin with `protocol.py`.

A reader sees the question's words and the snippets retrieved for them, nothing else. Its answers are scored against
the accepted ones by the rule of SQuAD (`scoring.py`).
"""
