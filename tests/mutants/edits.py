"""Edits that make the package wrong, each with the test that fails then. `make mutants` tries them one by one.

An edit is small and changes what a figure or a sentence says: a comparison, a sign, a threshold, a direction, a family. What
changes nothing that a person could see (an equivalent mutant) does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` stands exactly once in `harness/{file}` and becomes `new`; `tests/{test}` fails then. A test is a file, or one test in
    it (`file::name`).
    """

    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.old.split())[:50]} -> {' '.join(self.new.split())[:50]}"


def _edits(file: str, test_file: str, *edits: tuple[str, str, str]) -> tuple[Mutant, ...]:
    """Edits of one file that tests of one file notice: old, new, and the test, or nothing for any test of that file."""
    return tuple(Mutant(file, old, new, f"{test_file}::{test}" if test else test_file) for old, new, test in edits)


TESTS_OF_SIGNIFICANCE = _edits(
    "analysis/significance.py", "analysis/test_significance.py",
    ("min(only_first, only_second)", "max(only_first, only_second)", "test_mcnemar_is_scipys_binomial_test"),
    ("min(1.0, 2 * tail / (1 << n))", "min(1.0, tail / (1 << n))", "test_mcnemar_is_scipys_binomial_test"),
    (">= seen * (1 - _TIE)", "> seen * (1 + _TIE)", "test_all_patterns_are_scipys_exact_permutation_test"),
    ("(extreme + 1) / (resamples + 1)", "extreme / resamples", "test_drawn_patterns_never_give_zero"),
    ("_BOUNDARY = 2", "_BOUNDARY = 1", "test_the_example_of_the_docstring"),
    ("(len(p_values) - rank) * p_values[index]", "len(p_values) * p_values[index]", "test_holm_is_bonferroni_closed_under_intersection"),
    ("largest = max(largest, min(1.0,", "largest = max(0.0, min(1.0,", "test_holm_is_bonferroni_closed_under_intersection"),
    ("SIGNIFICANCE, POWER = 0.05, 0.8", "SIGNIFICANCE, POWER = 0.05, 0.5", "test_a_detectable_difference_is_found_four_times_in_five"),
    ("SIGNIFICANCE, POWER = 0.05, 0.8", "SIGNIFICANCE, POWER = 0.1, 0.8", "test_a_detectable_difference_is_found_four_times_in_five"),
)  # fmt: skip
DIFFERENCES = _edits(
    "analysis/comparisons.py", "runs/test_compare.py",
    ("(drawn[1] - drawn[0])", "(drawn[0] - drawn[1])", "test_a_gate_names_the_cell_and_the_figure_with_its_interval"),
    ("rates[1, column] - rates[0, column]", "rates[0, column] - rates[1, column]", "test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test"),
    ("(second & ~first).sum()", "(second & first).sum()", "test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test"),
    ("_ENOUGH_SEGMENTS = 50", "_ENOUGH_SEGMENTS = 5", "test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test"),
    ("if self.recordings.max() != 1:", "if self.recordings.max() < 1:", "test_several_recordings_of_a_question_make_no_evidence_stronger"),
    ("or not (self.first.has_transcripts and self.second.has_transcripts)", "", "test_a_backend_without_a_single_transcript_is_not_compared"),
    ("if (name, retriever) == primary:", "if primary and name == primary[0]:", "test_another_retriever_moves_no_p_value_of_recognition_or_of_the_outcome"),
)  # fmt: skip
FAMILIES = _edits(
    "analysis/comparisons.py", "analysis/test_comparisons.py",
    ('return "recognition"', 'return "retrieval:bm25"', "test_families"),
    ('return "primary"', 'return "recognition"', "test_families"),
    ("if primary and name in FATES else name", "if primary and name == primary[0] else name", "test_families"),
    ("(comparison.condition, comparison.family), []", '("", comparison.family), []', "test_p_values_are_adjusted_within_a_family_of_one_condition_as_statsmodels_does"),
    ("(comparison.condition, comparison.family), []", '(comparison.condition, ""), []', "test_p_values_are_adjusted_within_a_family_of_one_condition_as_statsmodels_does"),
)  # fmt: skip
METRICS = _edits(
    "analysis/metrics.py", "analysis/test_metrics.py",
    ('of="rare words", better="lower"', 'of="rare words", better="higher"', "test_which_direction_is_better"),
    ('of="{names}", better="higher"', 'of="{names}", better="lower"', "test_which_direction_is_better"),
    ('of="{noun} from the reference", better="higher"', 'of="{noun} from the reference", better="lower"', "test_which_direction_is_better"),
    ('better="lower", test="mapsswe"', 'better="lower", test="sign-flip"', "test_how_differences_are_tested"),
    ('"false_rare_insertions", "recognition", "count"', '"false_rare_insertions", "recognition", "rate"', "test_units"),
    ('return "answers" if self.outcome in OF_ANSWERS else "hits"', 'return "answers"', "test_what_is_lost_belongs_to_the_outcome"),
    ('family="answer" if is_fate and of_answers else row.family', "family=row.family", "test_what_is_lost_belongs_to_the_outcome"),
    ('"rare": rarity_in_words(rules.rare_threshold)', '"rare": rarity_in_words(DEFAULT_THRESHOLD)', "test_the_meaning_of_rare_follows_the_threshold"),
    ('"guessed entity mentions" if self.guessed_names else "entity mentions"', '"entity mentions"', "test_guessed_names_are_called_guessed"),
    ("row.compared or is_outcome or", "row.compared or", "test_what_backends_are_compared_in_holds_the_outcome"),
)  # fmt: skip
INTERVALS = _edits(
    "analysis/statistics.py", "analysis/test_statistics.py",
    ("LEVEL = 0.95", "LEVEL = 0.9", "test_shares_at_the_edges_are_never_certain"),
    ("(variance > 1e-18), size, m)", "(variance > 1e-18), size, n)", "test_shares_of_recordings_that_are_all_alike_count_as_one_each"),
    ("share * (1 - share) / variance * shrink**2", "share * (1 - share) / variance", "test_shares_of_recordings_that_go_together_count_as_one_each"),
)  # fmt: skip
RARITY = _edits(
    "words/rarity.py", "words/test_rarity.py",
    ("zipf(token) < threshold", "zipf(token) <= threshold", "test_a_word_at_the_threshold_is_not_rare"),
    ("DEFAULT_THRESHOLD: Zipf = 3.0", "DEFAULT_THRESHOLD: Zipf = 3.5", "test_names_are_rare_and_plain_words_are_not"),
)  # fmt: skip
ERROR_RATES = _edits(
    "analysis/error_rates.py", "analysis/test_error_rates.py",
    ('if inside and step.operation != "hit":', 'if inside and step.operation == "deletion":', "test_one_utterance_by_hand"),
    ("step.reference if step.reference is not None else step.hypothesis", "step.hypothesis if step.hypothesis is not None else step.reference", "test_one_utterance_by_hand"),
)  # fmt: skip
EVALUATION = _edits(
    "analysis/evaluation.py", "analysis/test_evaluation.py",
    ("is_rare(word, self.rare_threshold)", "is_rare(word)", "test_what_counts_as_rare_is_decided_by_the_threshold_of_the_run"),
    ("side.mentions.spans, self.rare_threshold)", "side.mentions.spans, 3.0)", "test_what_counts_as_rare_is_decided_by_the_threshold_of_the_run"),
    ("in_nbest=any(word in entry", "in_nbest=all(word in entry", "test_a_rare_word_is_in_an_nbest_list_where_any_entry_has_it"),
    ("for entry in alternatives) if alternatives else None", "for entry in alternatives) if alternatives else False", "test_a_rare_word_is_in_an_nbest_list_where_any_entry_has_it"),
    ("has_answer(texts, question.answers, cut_off(name))", "has_answer(texts, question.answers, 1)", "test_an_answer_is_looked_for_in_the_first_five_snippets"),
    ("has_answer(texts, question.answers, cut_off(name))", "has_answer(texts, question.answers, 10)", "test_an_answer_is_looked_for_in_the_first_five_snippets"),
    ('("gained" if after else "never")', '("never" if after else "gained")', "test_an_outcome_of_degrees_is_reached_by_any_degree"),
    ("bool(reference[metric]), bool(hypothesis.get(metric, 0.0))", "reference[metric] >= 1, hypothesis.get(metric, 0.0) >= 1", "test_an_outcome_of_degrees_is_reached_by_any_degree"),
    ("if value >= counterfactual.from_reference", "if value > 0", "test_an_error_region_restores_the_outcome_where_its_correction_alone_does_as_well_as_the_reference"),
)  # fmt: skip
COUNTERFACTUALS = _edits(
    "analysis/counterfactual.py", "analysis/test_counterfactual.py",
    ("inject_one=tuple(f[everything ^ s] for s in singles)", "inject_one=tuple(f[s] for s in singles)", "test_every_field_is_what_its_definition_says"),
    ("if worlds.values[0] >=", "if worlds.values[0] >", "test_every_field_is_what_its_definition_says"),
)  # fmt: skip
MEASURES = _edits(
    "analysis/measures.py", "analysis/test_measures.py",
    ("(own, value == 0)", "(own, value < 1)", "test_an_injected_error_breaks_what_it_loses_and_not_what_it_moves_down"),
    ("outcome.counterfactual.from_reference > 0:", "outcome.counterfactual.from_reference >= 1:", "test_errors_are_injected_wherever_the_reference_reaches_the_outcome_to_any_degree"),
    ("class_repair[repaired] >= counterfactual.from_reference", "class_repair[repaired] > 0", "test_a_class_of_words_returns_what_it_makes_as_good_as_the_reference_did"),
    ("float(lost and not in_reach), 1", "float(lost and in_reach), 1", "test_a_lost_answer_is_a_retrieval_error_or_a_reader_error"),
    ("lost = from_reference and not from_hypothesis", "lost = from_hypothesis and not from_reference", "test_a_lost_answer_is_a_retrieval_error_or_a_reader_error"),
    ('outcome.fate in ("kept", "lost")', 'outcome.fate in ("kept", "lost", "never")', "test_retained_counts_what_the_reference_reaches"),
    ('AlignedWord("deletion", word, None)', 'AlignedWord("hit", word, word)', "test_every_word_of_a_failed_sample_is_an_error"),
)  # fmt: skip
ATTRIBUTION = _edits(
    "analysis/attribution.py", "analysis/test_measures.py",
    ("counterfactual.inject_one[region] == 0", "counterfactual.inject_one[region] < 1", "test_attribution_breaks_by_the_same_rule"),
    ("counterfactual.from_reference > 0,", "counterfactual.from_reference >= 1,", "test_attribution_breaks_by_the_same_rule"),
)  # fmt: skip
WORDS = _edits(
    "analysis/word_costs.py", "analysis/test_word_costs.py",
    ("(tally.in_nbest or 0) + word.in_nbest", "(tally.in_nbest or 0) + 1", "test_nbest_lists_count_the_times_they_have_the_word"),
    ("if word.in_nbest is not None:", "if word.in_nbest:", "test_nbest_lists_count_the_times_they_have_the_word"),
    ("tally.listed and word.text in", "tally.listed or word.text in", "test_a_word_is_in_the_bias_list_where_it_was_listed_every_time"),
    ('outcome is not None and outcome.fate == "lost"', "outcome is not None", "test_what_is_recoverable_is_lost_and_returns_by_the_region_of_the_word"),
)  # fmt: skip
AGREEMENT = _edits(
    "analysis/agreement.py", "analysis/test_agreement.py",
    ('(a == "lost", b in _FROM_HYPOTHESIS)', '(b == "lost", a in _FROM_HYPOTHESIS)', "test_who_loses_what_and_who_saves_it"),
    ("(a in _FROM_REFERENCE, b not in _FROM_REFERENCE)", "(a in _FROM_REFERENCE, b in _FROM_REFERENCE)", "test_who_loses_what_and_who_saves_it"),
)  # fmt: skip
FAILURES = _edits(
    "analysis/summary.py", "runs/test_runner.py",
    ('3 if sample is None else 1 if sample.status == "ok" else 2', '2 if sample is None else 1 if sample.status == "ok" else 3', "test_a_missing_transcript_costs_its_sample_only_and_keeps_its_place"),
    ('(sample.status == "error" and population.exclude_failed)', '(sample.status == "error")', "test_a_missing_transcript_costs_its_sample_only_and_keeps_its_place"),
    ('(sample.status == "error" and population.exclude_failed)', "False", "test_failed_samples_are_left_out_when_the_spec_says_so"),
)  # fmt: skip
NUMBERS = _edits(
    "report/numbers.py", "report/test_numbers.py",
    ("row.n < FEWEST", "row.n <= FEWEST", "test_a_share_of_fewer_than_ten_is_few"),
    ("FEWEST = 10", "FEWEST = 9", "test_a_share_of_fewer_than_ten_is_few"),
    ('metric.unit == "share" and row.n is not None', "row.n is not None", "test_a_share_of_fewer_than_ten_is_few"),
    ('return text.lstrip("+-") if not text.strip("+-0.") else text', "return text", "test_differences_have_a_sign_unless_they_round_to_nothing"),
    ("if p_value < 0.001", "if p_value < 0.01", "test_p_values"),
    ("form.format(factor * value + 0.0)", "form.format(factor * value)", "test_figures_have_the_unit_of_their_metric"),
)  # fmt: skip
TABLES = _edits(
    "report/tables.py", "report/test_tables.py",
    ("c.p_holm < SIGNIFICANCE", "c.p_holm <= SIGNIFICANCE", "test_a_difference_is_significant_below_five_per_cent_after_holm"),
    ("c.p_holm is not None and c.p_holm < SIGNIFICANCE", "c.p_value is not None and c.p_value < SIGNIFICANCE", "test_a_difference_is_significant_below_five_per_cent_after_holm"),
    ('(c.delta < 0) == (metric.better == "lower")', '(c.delta > 0) == (metric.better == "lower")', "test_which_of_two_is_better"),
    ('(c.delta < 0) == (metric.better == "lower")', "c.delta < 0", "test_which_of_two_is_better"),
    ("if not c.delta or metric.better is None:", "if metric.better is None:", "test_which_of_two_is_better"),
    ("(c.b, c.condition, c.metric) == (*arm, column.metric.name)", "(c.b, c.metric) == (arm[0], column.metric.name)", "test_a_cell_shows_its_difference_from_the_baseline_of_its_condition"),
    ("and c.retriever in (None, retriever) and c.delta is not None", "and c.delta is not None", "test_a_difference_of_one_retriever_stands_in_its_table_only"),
    ('column.source != "reference" and', "", "test_a_cell_shows_its_difference_from_the_baseline_of_its_condition"),
)  # fmt: skip
MODEL = _edits(
    "report/model.py", "report/test_tables.py",
    ("0.0 - c.delta", "c.delta", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("for end in (c.ci_high, c.ci_low)", "for end in (c.ci_low, c.ci_high)", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("(c.metric, c.condition) != (name, better[1])", "c.metric != name", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("if retriever and len(self.retrievers) > 1 else", "if False else", "test_sentences_name_what_a_run_has_several_of"),
    ("if arm and len(self.conditions) > 1 else", "if False else", "test_sentences_name_what_a_run_has_several_of"),
)  # fmt: skip

MUTANTS = (
    *TESTS_OF_SIGNIFICANCE, *DIFFERENCES, *FAMILIES, *METRICS, *INTERVALS, *RARITY, *ERROR_RATES, *EVALUATION, *COUNTERFACTUALS,
    *MEASURES, *ATTRIBUTION, *WORDS, *AGREEMENT, *FAILURES, *NUMBERS, *TABLES, *MODEL,
)  # fmt: skip
