"""Edits that make the package wrong, each with the test that has to fail then: `make mutants` tries them one by one.

An edit is small and changes what a figure or a sentence says: a comparison, a sign, a threshold, a direction, a family.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` stands exactly once in the file `harness/{file}` and becomes `new`; then the test `tests/{test}` fails."""

    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.old.split())[:60]} -> {' '.join(self.new.split())[:60]}"


SIGNIFICANCE = "analysis/test_significance.py"
COMPARE = "runs/test_compare.py"
GOLDEN = "report/test_golden_runs.py"

MUTANTS = (
    # ---- significance, and what could be shown
    Mutant(
        "analysis/significance.py",
        "min(only_first, only_second)",
        "max(only_first, only_second)",
        f"{SIGNIFICANCE}::test_mcnemar_is_scipys_binomial_test",
    ),
    Mutant(
        "analysis/significance.py",
        "min(1.0, 2 * tail / (1 << n))",
        "min(1.0, tail / (1 << n))",
        f"{SIGNIFICANCE}::test_mcnemar_is_scipys_binomial_test",
    ),
    Mutant(
        "analysis/significance.py",
        ">= seen * (1 - _TIE)",
        "> seen * (1 + _TIE)",
        f"{SIGNIFICANCE}::test_all_patterns_are_scipys_exact_permutation_test",
    ),
    Mutant(
        "analysis/significance.py",
        "(extreme + 1) / (resamples + 1)",
        "extreme / resamples",
        f"{SIGNIFICANCE}::test_drawn_patterns_never_give_zero",
    ),
    Mutant(
        "analysis/significance.py",
        "_BOUNDARY = 2",
        "_BOUNDARY = 1",
        f"{SIGNIFICANCE}::test_the_example_of_the_docstring",
    ),
    Mutant(
        "analysis/significance.py",
        "erfc(abs(z) / sqrt(2))",
        "erfc(abs(z) / sqrt(2)) / 2",
        "conformance/test_sc_stats.py",
    ),
    Mutant(
        "analysis/significance.py",
        "(len(p_values) - rank) * p_values[index]",
        "len(p_values) * p_values[index]",
        f"{SIGNIFICANCE}::test_holm_is_bonferroni_closed_under_intersection",
    ),
    Mutant(
        "analysis/significance.py",
        "largest = max(largest, min(1.0,",
        "largest = max(0.0, min(1.0,",
        f"{SIGNIFICANCE}::test_holm_is_bonferroni_closed_under_intersection",
    ),
    Mutant(
        "analysis/significance.py",
        "SIGNIFICANCE, POWER = 0.05, 0.8",
        "SIGNIFICANCE, POWER = 0.05, 0.5",
        f"{SIGNIFICANCE}::test_a_detectable_difference_is_found_four_times_in_five",
    ),
    Mutant(
        "analysis/significance.py",
        "SIGNIFICANCE, POWER = 0.05, 0.8",
        "SIGNIFICANCE, POWER = 0.1, 0.8",
        f"{SIGNIFICANCE}::test_a_detectable_difference_is_found_four_times_in_five",
    ),
    # ---- differences, their tests, and Holm's families
    Mutant(
        "analysis/comparisons.py",
        "percentile_intervals(scale * (drawn[1] - drawn[0]))",
        "percentile_intervals(scale * (drawn[0] - drawn[1]))",
        f"{COMPARE}",
    ),
    Mutant(
        "analysis/comparisons.py",
        "if (metric, retriever) == primary:",
        "if primary and metric == primary[0]:",
        f"{COMPARE}",
    ),
    Mutant("analysis/comparisons.py", 'return "recognition"', 'return "retrieval:bm25"', f"{COMPARE}"),
    Mutant(
        "analysis/comparisons.py",
        "'answers' if metric.startswith(_OF_ANSWERS) else 'retrieval'",
        "'retrieval'",
        f"{COMPARE}",
    ),
    Mutant(
        "analysis/comparisons.py",
        "(comparison.condition, comparison.family), []",
        "(comparison.a, comparison.family), []",
        f"{COMPARE}",
    ),
    Mutant("analysis/comparisons.py", "_ENOUGH_SEGMENTS = 50", "_ENOUGH_SEGMENTS = 5", f"{COMPARE}"),
    Mutant("analysis/comparisons.py", "if self.recordings.max() != 1:", "if self.recordings.max() < 1:", f"{COMPARE}"),
    Mutant(
        "analysis/comparisons.py",
        "if not self.utterances or not (self.first.has_transcripts and self.second.has_transcripts):",
        "if not self.utterances:",
        f"{COMPARE}",
    ),
    Mutant(
        "analysis/comparisons.py",
        "(first & ~second).sum()), int((second & ~first).sum())",
        "(first & ~second).sum()), int((second & first).sum())",
        f"{COMPARE}",
    ),
    Mutant(
        "analysis/comparisons.py",
        "if base is not arm:",
        "if base.label != arm.label or base is not arm or True:",
        f"{COMPARE}",
    ),
    # ---- intervals
    Mutant("analysis/statistics.py", "LEVEL = 0.95", "LEVEL = 0.9", "analysis"),
    Mutant(
        "analysis/statistics.py",
        "betaincinv(yes + 1, size - yes, 1 - tail), 1.0)",
        "betaincinv(yes + 1, size - yes, 1 - tail), share)",
        "analysis",
    ),
    Mutant(
        "analysis/statistics.py",
        "betaincinv(yes, size - yes + 1, tail), 0.0)",
        "betaincinv(yes, size - yes + 1, tail), share)",
        "analysis",
    ),
    Mutant(
        "analysis/statistics.py",
        "np.where((m > 1) & (variance > 1e-18), size, m)",
        "np.where((m > 1) & (variance > 1e-18), size, n)",
        "analysis",
    ),
    # ---- thresholds of rarity
    Mutant("words/rarity.py", "zipf(token) < threshold", "zipf(token) <= threshold", "words/test_rarity.py"),
    Mutant("words/rarity.py", "DEFAULT_THRESHOLD: Zipf = 3.0", "DEFAULT_THRESHOLD: Zipf = 3.5", "words/test_rarity.py"),
    Mutant("runs/evaluate.py", "is_rare(word, self.rare_threshold)", "is_rare(word)", GOLDEN),
    Mutant("runs/evaluate.py", "side.mentions.spans, self.rare_threshold)", "side.mentions.spans, 3.0)", GOLDEN),
    Mutant("analysis/measures.py", "partial(is_rare, threshold=threshold)", "is_rare", GOLDEN),
    # ---- error rates
    Mutant(
        "analysis/error_rates.py",
        'if inside and step.operation != "hit":',
        'if inside and step.operation == "deletion":',
        "analysis/test_error_rates.py",
    ),
    Mutant(
        "analysis/error_rates.py",
        "word not in reference_words and is_rare(word)",
        "is_rare(word)",
        "analysis/test_error_rates.py",
    ),
    Mutant(
        "analysis/error_rates.py",
        "step.reference if step.reference is not None else step.hypothesis",
        "step.hypothesis if step.hypothesis is not None else step.reference",
        "analysis/test_error_rates.py",
    ),
    Mutant("analysis/measures.py", 'AlignedWord("deletion", word, None)', 'AlignedWord("hit", word, word)', GOLDEN),
    # ---- the outcome: lost, gained, kept, never
    Mutant(
        "runs/evaluate.py",
        '("kept" if after else "lost") if before else ("gained" if after else "never")',
        '("kept" if after else "lost") if before else ("never" if after else "gained")',
        GOLDEN,
    ),
    Mutant(
        "runs/evaluate.py",
        "bool(reference[metric]), bool(hypothesis.get(metric, 0.0))",
        "reference[metric] >= 1, hypothesis.get(metric, 0.0) >= 1",
        "runs/test_counterfactual_run.py",
    ),
    Mutant(
        "analysis/outcomes.py",
        "return cls(outcome, int(found[1]))",
        "return cls(outcome, 1)",
        "analysis runs/test_counterfactual_run.py",
    ),
    Mutant(
        "analysis/measures.py",
        "float(lost and not in_reach), 1",
        "float(lost and in_reach), 1",
        "runs/test_answering_run.py",
    ),
    Mutant(
        "analysis/measures.py",
        "from_reference and not from_hypothesis",
        "from_hypothesis and not from_reference",
        "runs/test_answering_run.py",
    ),
    # ---- has_answer@5 and rankings
    Mutant("runs/evaluate.py", "ranking.snippet_ids[:5]]", "ranking.snippet_ids[:1]]", "runs/test_answering_run.py"),
    Mutant(
        "runs/evaluate.py", "has_answer(texts, question.answers, 5)", "has_answer(texts, question.answers, 4)", "runs"
    ),
    Mutant("runs/evaluate.py", "for k in (1, 5, 10)}", "for k in (1, 10, 5)}", "runs"),
    Mutant("analysis/ranking_metrics.py", "1.0 / rank for", "1.0 / (rank + 1) for", "analysis/test_ranking_metrics.py"),
    # ---- N-best lists
    Mutant("runs/evaluate.py", "in_nbest=any(word in entry", "in_nbest=all(word in entry", "runs analysis"),
    Mutant(
        "runs/evaluate.py",
        "for entry in alternatives) if alternatives else None",
        "for entry in alternatives) if alternatives else False",
        "runs analysis",
    ),
    Mutant(
        "analysis/word_costs.py", "(tally.in_nbest or 0) + word.in_nbest", "(tally.in_nbest or 0) + 1", "runs analysis"
    ),
    Mutant("analysis/word_costs.py", "if word.in_nbest is not None:", "if word.in_nbest:", "runs analysis"),
    # ---- counterfactuals: inject one, repair one, with graded outcomes
    Mutant("analysis/measures.py", "(own, value == 0)", "(own, value < 1)", "runs analysis"),
    Mutant(
        "analysis/measures.py",
        "outcome.counterfactual.from_reference > 0:",
        "outcome.counterfactual.from_reference >= 1:",
        "runs analysis",
    ),
    Mutant(
        "analysis/attribution.py",
        "counterfactual.inject_one[region] == 0",
        "counterfactual.inject_one[region] < 1",
        "runs analysis",
    ),
    Mutant(
        "analysis/attribution.py",
        "counterfactual.from_reference > 0,",
        "counterfactual.from_reference >= 1,",
        "runs analysis",
    ),
    Mutant("runs/evaluate.py", "if value >= counterfactual.from_reference", "if value > 0", "runs analysis"),
    Mutant(
        "analysis/measures.py",
        "class_repair[repaired] >= counterfactual.from_reference",
        "class_repair[repaired] > 0",
        "runs analysis",
    ),
    Mutant(
        "analysis/counterfactual.py",
        "inject_one=tuple(f[everything ^ s] for s in singles)",
        "inject_one=tuple(f[s] for s in singles)",
        "analysis",
    ),
    Mutant("analysis/counterfactual.py", "if worlds.values[0] >= reached", "if worlds.values[0] > 0", "analysis"),
    # ---- retrievers beside one another
    Mutant(
        "analysis/agreement.py",
        '(a == "lost", b in _FROM_HYPOTHESIS)',
        '(b == "lost", a in _FROM_HYPOTHESIS)',
        "analysis/test_agreement.py",
    ),
    Mutant(
        "analysis/agreement.py",
        "(a in _FROM_REFERENCE, b not in _FROM_REFERENCE)",
        "(a in _FROM_REFERENCE, b in _FROM_REFERENCE)",
        "analysis/test_agreement.py",
    ),
    # ---- bias lists
    Mutant("analysis/word_costs.py", "tally.listed and word.text in", "tally.listed or word.text in", "runs analysis"),
    # ---- gates
    Mutant("runs/gates.py", '">": operator.gt', '">": operator.ge', COMPARE),
    Mutant("runs/gates.py", '"<": operator.lt', '"<": operator.gt', COMPARE),
    Mutant("runs/gates.py", '">=": operator.ge', '">=": operator.gt', COMPARE),
    Mutant("runs/gates.py", '"<=": operator.le', '"<=": operator.lt', COMPARE),
    Mutant(
        "runs/gates.py",
        "(comparisons if self.relative else figures)",
        "(figures if self.relative else comparisons)",
        COMPARE,
    ),
    Mutant("runs/compare.py", "len(loaded) == 1 or cell.run is not loaded[0]", "True", COMPARE),
    # ---- failures and counts
    Mutant(
        "analysis/summary.py",
        '3 if sample is None else 1 if sample.status == "ok" else 2',
        '2 if sample is None else 1 if sample.status == "ok" else 3',
        "runs/test_runner.py",
    ),
    Mutant(
        "analysis/summary.py",
        'sample.status == "error" and population.exclude_failed',
        'sample.status == "error" or population.exclude_failed',
        "runs/test_runner.py",
    ),
)
