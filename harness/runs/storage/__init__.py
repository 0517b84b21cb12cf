"""What is kept: a run's folder, and the cache of transcripts.

`store` reads and writes a run's files, which may lie compressed (`compressed`); `record` is run.json, `evidence` the
questions and snippets that a report shows; `schema_one` reads runs of the first schema. `stored_run` is how everybody
else reads a run, `tidy_tables` the same as tables. `cache` keeps transcripts by content, `cache_care` looks after them.
"""
