"""How all of it was measured: rules, versions, digests, machine, command, and what became of every planned sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from harness.analysis.rules import BY_TEXT
from harness.analysis.significance import RESAMPLES, SIGNIFICANCE
from harness.analysis.summary import Row
from harness.report.model import Arm, Report
from harness.report.sections.bias_lists import protocols
from harness.report.sections.failures import reason
from harness.report.sections.reach import LEAST
from harness.report.sections.recognition import RUNAWAY_RULE
from harness.report.tables import Heading, Section, Table, texts
from harness.runs.storage.stored_run import StoredRun
from harness.words.languages import primary
from harness.words.text.normalisers import DEFAULT, WHISPER

_NORMALISED = {
    DEFAULT: "case, accents, punctuation and the writing of numbers do not count.",
    WHISPER: (
        "OpenAI's rules, as the package whisper-normalizer has them, for rates that stand beside other people's. Retrievers "
        "search with these words and read them by their own rules."
    ),
}


def method(report: Report) -> Section:
    """Return rules, what became of the samples, and what each run was made with."""
    tables = [_text_table("Rules", ("what", "rule"), rules(report)), _accounted(report)]
    for run in report.runs:
        title = f"Run {run.folder}" if len(report.runs) > 1 else "Run"
        tables.append(_text_table(title, ("what", "version, digest or setting"), facts(run)))
    return Section("method", "Method", (), tuple(tables))


def rules(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every rule that the figures follow."""
    yield from _of_words(report)
    if report.figures.retrievers:
        yield from _of_search(report)
        yield from _of_answers(report)
    yield from (("Bias lists", sentence) for sentence in protocols(report.backends))
    yield from _of_statistics(report)
    yield from _of_samples(report)


def _of_words(report: Report) -> Iterator[tuple[str, str]]:
    record = report.record
    name = record.normaliser.partition(" ")[0]
    yield "Words", f"are compared by the normaliser {record.normaliser}: {_NORMALISED[name]}"
    yield (
        "Alignment",
        "Fewest edits at word level, every edit costing 1; ties as jiwer breaks them. Corpus rates are sums over sums.",
    )
    yield (
        "An error",
        "is a maximal run of aligned words that do not match: substitutions, insertions and deletions together.",
    )
    yield (
        "Rare",
        f"{_rare(report)}. Substituted and deleted words count in the class of the reference word, inserted words in their own.",
    )
    yield "Names", f"come from: {_sources(record.entity_sources)}."


def _of_search(report: Report) -> Iterator[tuple[str, str]]:
    yield (
        f"{report.rules.noun.capitalize()} lost",
        f"The reference text reaches the outcome, {report.rules.reached}, and the hypothesis does not; gained is the reverse; "
        f"kept and never are both and neither. Both texts are searched by the same retriever in the same index; equal scores "
        f"go to the earlier snippet.",
    )
    yield (
        "Shapley value",
        "Every set of a hypothesis's errors is corrected and searched again (a sample of the sets beyond twelve errors). An "
        "error's value is what its correction adds, averaged over every order in which the errors could be corrected; the "
        "values of a hypothesis add up to what it lost.",
    )


def _of_answers(report: Report) -> Iterator[tuple[str, str]]:
    """Yield how answers are compared, where there are any: the strict rules lead, and the others stand beside them."""
    metrics = {row.metric for row in report.summary.rows}
    in_snippets = any(name.startswith("has_answer@") for name in metrics)
    if in_snippets:
        yield (
            "Answers in snippets",
            "An accepted answer stands in a snippet's text by the rule of DPR (Karpukhin et al. 2020): its words side by side, "
            "whatever their case. This needs no reader. Differences are adjusted in a family of their own, with each retriever.",
        )
    if "exact_match" in metrics:
        yield (
            "Answers",
            "are right by the rule of SQuAD (Rajpurkar et al. 2016): equal but for case, punctuation and articles. The answers "
            "lost, their causes and the reach go by this rule.",
        )
    if in_snippets and any("any_notation" in name for name in metrics):
        yield (
            "In any notation",
            f"stands beside both rules: texts read by the normaliser {report.record.normaliser}, dates in one order, and "
            f"numbers, units, abbreviations and spellings that mean the same are equal. A part of a number is not that number.",
        )
    if "answer_read" in metrics:
        yield (
            "Reach",
            f"is what the reader can do where nothing is misrecognised: of the utterances for which it was shown an accepted "
            f"answer, searching with the reference text, those that it answers exactly. Under {LEAST:g}, answers do not judge "
            f"recognition, and `{BY_TEXT}` does.",
        )


def _of_statistics(report: Report) -> Iterator[tuple[str, str]]:
    yield (
        "Intervals",
        f"95 %. Shares of yes/no outcomes: Clopper and Pearson's interval at the effective sample size, from the variance "
        f"between questions (Korn & Graubard 1998), which holds at 0 and 100 % too. All other figures: percentile bootstrap "
        f"over questions with all their utterances, {RESAMPLES:,} resamples, seed {report.record.seed}.",
    )
    yield (
        "Tests",
        "Paired by question, a backend with a bias list with the same backend without it and every other one with the first of "
        "these others: McNemar's exact test for yes/no outcomes where each question has one utterance, MAPSSWE for WER where "
        "there are enough segments with errors, sign-flip randomisation otherwise; the test used stands beside each difference.",
    )
    yield (
        "Significant",
        f"is a difference with p under {SIGNIFICANCE:g}, adjusted by Holm's method for the number of tests of its family under "
        f"one condition: the run's outcome with its first retriever; recognition; retrieval and answers with each retriever. A "
        f"backend without a single transcript is not compared.",
    )


def _of_samples(report: Report) -> Iterator[tuple[str, str]]:
    normaliser, spec = report.record.normaliser, report.runs[0].spec
    if normaliser.startswith(f"{DEFAULT} ") and normaliser != f"{DEFAULT} 1":  # its first version did not
        sounds = "" if spec.keep_sound_tags else ", and sounds in round brackets and asterisks"
        yield (
            "Not speech",
            f"Special tokens, time stamps and tags in square brackets{sounds} are removed from hypotheses before they are "
            f"compared and searched for; those that the reference has too stay. The transcript is stored as it was written.",
        )
    yield "Runaway transcripts", RUNAWAY_RULE
    yield (
        "Failed samples",
        "count as wrong in every figure: all of their words wrong, nothing found."
        if spec.missing == "count"
        else "are left out, as the spec asks.",
    )


def facts(run: StoredRun) -> Iterator[tuple[str, str]]:
    """Yield name and value of what a run was made with."""
    record = run.record
    yield "command", record.command
    yield "status", record.status
    yield "started, finished", f"{record.started_at}, {record.finished_at}"
    if record.rescored_at:
        yield (
            "judged anew",
            f"{record.rescored_at}, without recognising; before, by the normaliser {record.rescored_from}",
        )
    yield "machine", _listed(record.host)
    yield (
        "suite",
        (
            f"{record.suite['name']} {record.suite['version']}, language {record.suite['language']}, licence "
            f"{record.suite['licence']}"
        ),
    )
    yield "outcome, seed", f"{run.spec.outcome}, {record.seed}"
    yield from ((f"digest of {what}", digest) for what, digest in record.digests.items())
    yield from ((f"backend {label}", _listed(identity)) for label, identity in record.backends.items())
    yield from ((f"retriever {label}", _listed(identity)) for label, identity in record.retrievers.items())
    if record.answerer:
        yield "answerer", _listed(record.answerer)
    yield from ((f"package {name}", version) for name, version in record.packages.items())
    yield from (("note", note) for note in record.notes)


def _accounted(report: Report) -> Table:
    """Return what became of the planned samples of each backend under each condition."""
    headings = (
        Heading("backend", is_number=False), Heading("condition", is_number=False), Heading("planned"), Heading("scored"),
        Heading("failed"), Heading("missing"), Heading("why", is_number=False),
    )  # fmt: skip
    first: dict[Arm, Row] = {}
    for row in report.summary.rows:
        if row.group == "all":
            first.setdefault((row.backend, row.condition), row)
    reasons: dict[Arm, Counter[str]] = {}
    for sample in report.samples:
        if sample.error is not None:
            reasons.setdefault((sample.backend, sample.condition), Counter())[reason(sample.error)] += 1
    rows = tuple(
        texts(
            *arm, *map(str, (row.n_planned, row.n_scored, row.n_error, row.n_missing)),
            ", ".join(f"{why} ({n})" for why, n in reasons.get(arm, Counter()).most_common()),
        )
        for arm, row in first.items()
    )  # fmt: skip
    return Table("Samples", headings, rows)


def _text_table(title: str, headings: tuple[str, str], rows: Iterator[tuple[str, str]]) -> Table:
    return Table(title, tuple(Heading(text, is_number=False) for text in headings), tuple(texts(*row) for row in rows))


def _rare(report: Report) -> str:
    """Return what makes a word rare: being in a list, or in a language's list of frequencies far down."""
    if report.rules.rare_words:
        return f"is a word of the list {report.rules.rare_words}, whatever its frequency"
    of = "" if primary(report.language) == "en" else f" of the language {report.language!r}"
    return (
        f"is a word with {report.rules.rarity}, in the wordfreq list{of}, which knows nothing of the suite "
        f"(Zipf: log10 of uses in a billion words)"
    )


def _sources(entity_sources: Mapping[str, int]) -> str:
    """Return where entity mentions come from; names taken by rule are called guessed."""
    names = {"suite": "the suite's annotation", "rule": "the rule (guessed: capitalised or uncommon words)"}
    listed = (f"{names.get(source, source)} ({n} questions)" for source, n in entity_sources.items())
    return ", ".join(listed) or "unknown"


def _listed(identity: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in identity.items())
