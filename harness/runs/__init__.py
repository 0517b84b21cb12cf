"""How the work is done and kept.

`spec` reads what is to be run; `plan` writes down every sample before any work; `executor` turns audio into transcripts
in worker processes, with `cache` between; `evaluate` turns a transcript into a sample record; `store` is the run's
folder; `runner` puts them together and is what `harness.run` is. `compare` pairs finished runs, `gates` are its bounds;
`doctor` checks the machine.
"""
