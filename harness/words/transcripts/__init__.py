"""Files of transcripts, references and hypotheses, in the formats that people and toolkits write.

    text      one utterance a line and no ids: both files of a pair have the same lines
    trn       words, then the utterance's id in brackets (NIST sclite); `;;` begins a comment
    ctm       file, channel, start, duration, word, perhaps its confidence (NIST); one line a word
    stm       file, channel, speaker, begin, end, perhaps `<label>`, text (NIST): segments of recordings
    kaldi     id, then the words (Kaldi's `text` file); also LibriSpeech's .trans.txt
    csv, tsv  a table; columns are found by their usual names, or named by a `Layout`
    jsonl     one JSON object a line: NeMo manifests, ESPnet-like records, the harness's own transcripts
    json      a JSON list of such objects
    whisper   JSON of openai-whisper (`--output_format json`), WhisperX or whisper.cpp (`-oj`): one file a recording, or a
              folder of them
    is21      LibriSpeech biasing lists (Le et al., Interspeech 2021); for scoring only

References in trn and stm may leave a choice: alternations `{ a / b / @ }`, with `@` for nothing, and `(word)` for a word that
may be missing; scoring takes the alternative that fits a hypothesis best, as `sclite -D` does, and a suite the first.

N-best lists: in trn and kaldi files, neighbouring lines of one id, best first; in tables, rows of one id with a column
`rank` (ascending) or `score` (descending), or one row with a JSON list in a column `nbest`; in JSON, a list `nbest`.
Everywhere, `u1-1`, `u1-2` ... are the list of the utterance `u1` where the suite has no utterances of those names.

`reading` reads a file of any format into `entries.Entry`s; `nist` (with `alternations`), `lines`, `tables` and `whisper` know
the formats; `matching` brings entries and a suite's utterances together, and the segments of an stm and the words of a ctm.
"""
