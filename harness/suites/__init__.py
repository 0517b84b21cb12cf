"""Question suites, read from folders.

`load` turns a folder into a `records.Suite`, or tells what is wrong with it; `reading` is the one parser that it shares
with `validate`, which lists every problem and adds warnings; `describe` counts what a suite holds; `shipped` finds a
suite by folder or by name; `importers` write suites from other people's formats; `speak` gives a suite's questions the
`voices` of text-to-speech engines. A new suite needs no code,
only a folder with a `suite.toml`, a `questions.jsonl` and what else it has of
`snippets.jsonl`, `utterances.jsonl`, `audio/` and `transcripts/`.
"""
