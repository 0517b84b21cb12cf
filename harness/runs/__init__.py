"""How the work is done and kept.

`spec` reads what is to be run, `defaults` names backends where it names none, `parts` builds what it names; `plan`
writes down every sample before any work. `execution` turns audio into transcripts, `storage` keeps what comes of it.
`runner` puts them together and is what `harness.run` is; `result` is what it returns. `compare` pairs finished runs,
`gates` are its bounds; `collect` is `harness.collect_snippets`, a suite with snippets from the web.
"""
