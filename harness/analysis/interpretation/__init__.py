"""Interpretation of a run's questions: cascades and end-to-end systems judged on what they have not seen, and compared.

`outcomes` has every system interpret every recording, `figures` counts and tests, `result` is what is kept.
"""
