"""Other people's data as suites: one module per format, and `writing` for what they share.

Each importer reads a format, keeps what can be kept, and says what it dropped and why.
"""
