"""Edits that change figures: tests, families, metrics, intervals, thresholds, outcomes, N-best lists, counterfactuals, gates."""

from __future__ import annotations

from tests.mutants.mutant import edits
from tests.mutants.of_early import OF_EARLY

SIGNIFICANCE = edits(
    "analysis/significance.py", "analysis/test_significance.py",
    ("min(only_first, only_second)", "max(only_first, only_second)", "test_mcnemar_is_scipys_binomial_test"),
    ("min(1.0, 2 * float(", "min(1.0, 1 * float(", "test_mcnemar_is_scipys_binomial_test"),
    (">= seen * (1 - _TIE)", "> seen * (1 + _TIE)", "test_all_patterns_are_scipys_exact_permutation_test"),
    ("(extreme + 1) / (resamples + 1)", "extreme / resamples", "test_drawn_patterns_never_give_zero"),
    ("_BOUNDARY = 2", "_BOUNDARY = 1", "test_the_example_of_the_docstring"),
    ("(len(p_values) - rank) * p_values[index]", "len(p_values) * p_values[index]", "test_holm_is_bonferroni_closed_under_intersection"),
    ("largest = max(largest, min(1.0,", "largest = max(0.0, min(1.0,", "test_holm_is_bonferroni_closed_under_intersection"),
    ("SIGNIFICANCE, POWER = 0.05, 0.8", "SIGNIFICANCE, POWER = 0.05, 0.5", "test_a_detectable_difference_is_found_four_times_in_five"),
    ("SIGNIFICANCE, POWER = 0.05, 0.8", "SIGNIFICANCE, POWER = 0.1, 0.8", "test_a_detectable_difference_is_found_four_times_in_five"),
)  # fmt: skip
DIFFERENCES = edits(
    "analysis/comparisons.py", "runs/test_compare.py",
    ("rates[1, column] - rates[0, column]", "rates[0, column] - rates[1, column]", "test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test"),
    ("_ENOUGH_SEGMENTS = 50", "_ENOUGH_SEGMENTS = 5", "test_yes_or_no_outcomes_of_single_recordings_get_mcnemars_test"),
    ("if self.recordings.max() != 1:", "if self.recordings.max() < 1:", "test_several_recordings_of_a_question_make_no_evidence_stronger"),
    ("or not (self.first.has_transcripts and self.second.has_transcripts)", "", "test_a_backend_without_a_single_transcript_is_not_compared"),
    ("if (name, retriever) == primary:", "if primary and name == primary[0]:", "test_another_retriever_moves_no_p_value_of_recognition_or_of_the_outcome"),
)  # fmt: skip
FAMILIES = edits(
    "analysis/comparisons.py", "analysis/test_comparisons.py",
    ("(drawn[1] - drawn[0])", "(drawn[0] - drawn[1])", "test_a_difference_is_the_second_minus_the_first_in_figure_interval_and_test"),
    ("(second & ~first).sum()", "(second & first).sum()", "test_a_difference_is_the_second_minus_the_first_in_figure_interval_and_test"),
    ('return "recognition"', 'return "retrieval:bm25"', "test_families"),
    ('return "primary"', 'return "recognition"', "test_families"),
    ("if primary and name in FATES else name", "if primary and name == primary[0] else name", "test_families"),
    ("(comparison.condition, comparison.family), []", '("", comparison.family), []', "test_p_values_are_adjusted_within_a_family_of_one_condition_as_statsmodels_does"),
    ("(comparison.condition, comparison.family), []", '(comparison.condition, ""), []', "test_p_values_are_adjusted_within_a_family_of_one_condition_as_statsmodels_does"),
)  # fmt: skip
METRICS = edits(
    "analysis/metrics.py", "analysis/test_metrics.py",
    ('of="rare words", better="lower"', 'of="rare words", better="higher"', "test_which_direction_is_better"),
    ('of="{names}", better="higher"', 'of="{names}", better="lower"', "test_which_direction_is_better"),
    ('of="{noun} from the reference", better="higher"', 'of="{noun} from the reference", better="lower"', "test_which_direction_is_better"),
    ('better="lower", test="mapsswe"', 'better="lower", test="sign-flip"', "test_how_differences_are_tested"),
    ('"false_rare_insertions", "recognition", "count"', '"false_rare_insertions", "recognition", "rate"', "test_units"),
    ('family="answer" if is_fate and rules.reads else row.family', "family=row.family", "test_what_is_lost_belongs_to_the_outcome"),
    ('"rare": rules.rarity', '"rare": Rules().rarity', "test_the_meaning_of_rare_follows_the_threshold"),
    ("row.compared or is_outcome or", "row.compared or", "test_what_backends_are_compared_in_holds_the_outcome"),
)  # fmt: skip
RULES = edits(
    "analysis/rules.py", "analysis/test_metrics.py",
    ('"answers" if self.reads else', '"answers" if not self.reads else', "test_what_is_lost_belongs_to_the_outcome"),
    ('"retrieved answers" if self.by_text else "hits"', '"hits"', "test_what_is_lost_by_text_is_a_retrieved_answer"),
    ('f"a snippet with an accepted answer {at_rank(rank)}"', 'f"a relevant snippet {at_rank(rank)}"', "test_what_is_lost_by_text_is_a_retrieved_answer"),
    ('"guessed entity mentions" if self.guessed_names else "entity mentions"', '"entity mentions"', "test_guessed_names_are_called_guessed"),
)  # fmt: skip
ANSWERS = (
    *edits(
        "answering/notation.py", "answering/test_notation.py",
        ("if all(numerals) and numerals[0] != numerals[1]", "if False", "test_an_answer_that_means_something_else_is_wrong"),
        ("is_number_word(word, language) and ordinal_digits", "False and ordinal_digits", "test_a_part_of_a_number_or_of_a_word_is_not_in_a_snippet"),
        ("if piece in _SAFE else {piece}", "", "test_a_part_of_a_number_or_of_a_word_is_not_in_a_snippet"),
        ("if exact_match(answer, accepted, language):", "if False:", "test_whatever_is_right_strictly_is_right_in_any_notation"),
        ('_ENGLISH_DOLLARS.sub("", text)', "text", "test_an_answer_in_another_notation_is_right"),
    ),
    *edits(
        "analysis/measures.py", "analysis/test_measures.py",
        ("float(value > 0 and not retained), 1", "float(not retained), 1", "test_an_answer_in_the_first_snippets_is_lost_or_retained"),
        ("if reference.get(read, 0.0) > 0:", "if True:", "test_the_reach_counts_answers_that_were_shown"),
        ("float(reference[right] > 0), 1", "1.0, 1", "test_the_reach_counts_answers_that_were_shown"),
    ),
    *edits(
        "runs/defaults.py", "runs/test_has_answer_run.py",
        ("has_answers and not says_what_is_relevant", "has_answers", "test_a_suite_that_says_what_is_relevant_keeps_its_outcome"),
    ),
)  # fmt: skip
INTERVALS = edits(
    "analysis/statistics.py", "analysis/test_statistics.py",
    ("LEVEL = 0.95", "LEVEL = 0.9", "test_shares_at_the_edges_are_never_certain"),
    ("(variance > 1e-18), size, m)", "(variance > 1e-18), size, n)", "test_shares_of_recordings_that_are_all_alike_count_as_one_each"),
    ("share * (1 - share) / variance * shrink**2", "share * (1 - share) / variance", "test_shares_of_recordings_that_go_together_count_as_one_each"),
)  # fmt: skip
GATES = edits(
    "runs/gates.py", "runs/test_gates.py",
    ('">": operator.gt', '">": operator.ge', "test_a_significant_gate_on_a_figure_asks_for_the_whole_interval"),
    ('">=": operator.ge', '">=": operator.gt', "test_a_significant_gate_on_a_figure_asks_for_the_whole_interval"),
    ('"<": operator.lt', '"<": operator.le', "test_a_significant_gate_on_a_figure_asks_for_the_whole_interval"),
    ('"<=": operator.le', '"<=": operator.lt', "test_a_significant_gate_on_a_figure_asks_for_the_whole_interval"),
    ("if self.relative:\n", "if not self.relative:\n", "test_gates_look_at_figures_or_at_differences"),
    ("c.p_holm is not None and c.p_holm < SIGNIFICANCE", "c.p_holm is not None and c.p_holm <= SIGNIFICANCE", "test_significance_and_bound_must_both_hold"),
    ("c.p_holm is not None and c.p_holm < SIGNIFICANCE", "c.p_value is not None and c.p_value < SIGNIFICANCE", "test_significance_and_bound_must_both_hold"),
    ("beyond and (supported or not self.significant)", "beyond", "test_a_significant_gate_holds_where_the_difference_is_not"),
    ("beyond and (supported or not self.significant)", "supported if self.significant else beyond", "test_significance_and_bound_must_both_hold"),
    ("f.ci_low if self.comparator", "f.ci_high if self.comparator", "test_a_significant_gate_on_a_figure_asks_for_the_whole_interval"),
    ("abs(bound) > 1 and", "abs(bound) > 100 and", "test_a_share_is_not_bounded_by_what_no_share_can_be"),
)  # fmt: skip
COMPARE = edits(
    "runs/compare.py", "runs/test_gates.py",
    ("len(loaded) == 1 or stored.run != _name(loaded[0])", "True", "test_gates_on_figures_look_at_the_later_runs"),
    ("(*(paired.dead if gates else ()), *failed)", "tuple(failed)", "test_a_gate_on_differences_does_not_hold_for_a_backend_that_is_dead"),
)  # fmt: skip
RARITY = edits(
    "words/rarity.py", "words/test_rarity.py",
    ("zipf(token, language) >= threshold", "zipf(token, language) > threshold", "test_a_word_at_the_threshold_is_not_rare"),
    ("DEFAULT_THRESHOLD: Zipf = 3.0", "DEFAULT_THRESHOLD: Zipf = 3.5", "test_names_are_rare_and_plain_words_are_not"),
)  # fmt: skip
ERROR_RATES = edits(
    "analysis/error_rates.py", "analysis/test_error_rates.py",
    ('if inside and step.operation != "hit" and', 'if inside and step.operation == "deletion" and', "test_a_mention_is_recalled_whole_or_not_at_all"),
    ("step.reference if step.reference is not None else step.hypothesis", "step.hypothesis if step.hypothesis is not None else step.reference", "test_one_utterance_by_hand"),
)  # fmt: skip
NOT_SPEECH = edits(
    "words/text/nonspeech.py", "words/text/test_nonspeech.py",
    ("- _styles_of(reference)", "- set()", "test_marks_that_the_reference_has_too_stay"),
    ("number == next_cue or", "True or", "test_a_number_that_is_no_cue_number_stays"),
    ('yield " "', 'yield ""', "test_words_are_never_glued"),
    ('style == "star" and _is', 'style == "note" and _is', "test_what_may_be_words_stays_as_it_is"),
    ("kind in kinds}", "kind in KINDS}", "test_only_the_kinds_that_are_asked_for_are_removed"),
)  # fmt: skip
EVALUATION = edits(
    "analysis/evaluation.py", "analysis/test_evaluation.py",
    ("tokenise(cleaned.text)", "tokenise(transcript.text)", "test_what_is_not_speech_is_removed_from_the_text_and_the_nbest_list_before_anything_is_judged"),
    ("not_speech=not_speech", "not_speech={}", "test_a_transcript_of_tags_alone_is_an_empty_hypothesis"),
    ("self.rarity.is_rare(word)", "(self.rarity.zipf(word) < 3)", "test_what_counts_as_rare_is_decided_by_the_threshold_of_the_run"),
    ("side.mentions.spans, self.rarity)", "side.mentions.spans, type(self.rarity)(self.suite.language))", "test_what_counts_as_rare_is_decided_by_the_threshold_of_the_run"),
    ("in_nbest=any(word in entry", "in_nbest=all(word in entry", "test_a_rare_word_is_in_an_nbest_list_where_any_entry_has_it"),
    ("for entry in alternatives) if alternatives else None", "for entry in alternatives) if alternatives else False", "test_a_rare_word_is_in_an_nbest_list_where_any_entry_has_it"),
    ("{name: float(hit_at(ids, bearing, cut_off(name)))", "{name: float(hit_at(ids, bearing, 1))", "test_an_answer_is_looked_for_in_the_first_one_five_and_ten_snippets"),
    ("{name: float(hit_at(ids, bearing, cut_off(name)))", "{name: float(hit_at(ids, bearing, 10))", "test_an_answer_is_looked_for_in_the_first_one_five_and_ten_snippets"),
    ('("gained" if after else "never")', '("never" if after else "gained")', "test_an_outcome_of_degrees_is_reached_by_any_degree"),
    ("bool(reference[metric]), bool(hypothesis.get(metric, 0.0))", "reference[metric] >= 1, hypothesis.get(metric, 0.0) >= 1", "test_an_outcome_of_degrees_is_reached_by_any_degree"),
    ("if value >= counterfactual.from_reference", "if value > 0", "test_an_error_region_restores_the_outcome_where_its_correction_alone_does_as_well_as_the_reference"),
)  # fmt: skip
COUNTERFACTUALS = edits(
    "analysis/counterfactual.py", "analysis/test_counterfactual.py",
    ("inject_one=tuple(f[everything ^ s] for s in singles)", "inject_one=tuple(f[s] for s in singles)", "test_every_field_is_what_its_definition_says"),
    ("if worlds.values[0] >=", "if worlds.values[0] >", "test_every_field_is_what_its_definition_says"),
)  # fmt: skip
MEASURES = edits(
    "analysis/measures.py", "analysis/test_measures.py",
    ("(own, value == 0)", "(own, value < 1)", "test_an_injected_error_breaks_what_it_loses_and_not_what_it_moves_down"),
    ("outcome.counterfactual.from_reference > 0:", "outcome.counterfactual.from_reference >= 1:", "test_errors_are_injected_wherever_the_reference_reaches_the_outcome_to_any_degree"),
    ("of_class >= counterfactual.from_reference", "of_class > 0", "test_a_class_of_words_returns_what_it_makes_as_good_as_the_reference_did"),
    ("float(lost and not in_reach), 1", "float(lost and in_reach), 1", "test_a_lost_answer_is_a_retrieval_error_or_a_reader_error"),
    ("lost = from_reference and not from_hypothesis", "lost = from_hypothesis and not from_reference", "test_a_lost_answer_is_a_retrieval_error_or_a_reader_error"),
    ('outcome.fate in ("kept", "lost")', 'outcome.fate in ("kept", "lost", "never")', "test_retained_counts_what_the_reference_reaches"),
    ('AlignedWord("deletion", word, None)', 'AlignedWord("hit", word, word)', "test_every_word_of_a_failed_sample_is_an_error"),
)  # fmt: skip
NOTATION = (
    *edits(
        "words/notation/variants.py", "words/notation/test_variants.py",
        ("!= _plain(hypothesis[end])", "is not None", "test_words_that_match_do_not_hide_one_that_does_not"),
        ("if one_word and _WITHOUT_APOSTROPHE", "if False and _WITHOUT_APOSTROPHE", "test_what_is_misrecognised_stays_so"),
        ("return len(word) > 1 or (", "return True or (", "test_what_is_misrecognised_stays_so"),
        ('article = "the " if', 'article = "" if', "test_what_is_misrecognised_stays_so"),
        ("yield from own", "yield from regions", "test_an_alias_of_a_mention_is_a_notation_of_it"),
    ),
    *edits(
        "words/sounds/homophones.py", "words/sounds/test_homophones.py",
        ("_TRAVELS: Zipf = 0.95", "_TRAVELS: Zipf = 9.5", "test_two_words"),
        ("_TRAVELS: Zipf = 0.95", "_TRAVELS: Zipf = 0.1", "test_a_name_is_nearly_as_common_in_other_languages"),
        ("is_everyday(reference, language) or is_everyday(hypothesis, language)", "is_everyday(reference, language)", "test_two_words"),
        ("return _by_rule(first) == _by_rule(second) != ()", "return True", "test_two_words"),
    ),
    *edits(
        "analysis/evaluation.py", "analysis/test_notation_variants.py",
        ("_entity_fates(side, alignment, regions)", "_entity_fates(side, alignment, ())", "test_a_name_in_another_notation_is_recalled_and_its_words_are_still_errors"),
    ),
    *edits(
        "analysis/error_rates.py", "analysis/test_notation_variants.py",
        ("any(first <= position <= last", "any(first <= position", "test_a_name_that_is_misrecognised_beside_one_in_another_notation_is_missed"),
    ),
    *edits(
        "analysis/word_costs.py", "analysis/test_notation_variants.py",
        ("or region.notation:", "or not region.notation:", "test_no_bias_list_is_asked_for_a_word_in_another_notation"),
    ),
    *edits(
        "analysis/measures.py", "analysis/test_notation_variants.py",
        ("[region.notation for region in sample.error_regions]", "[not region.notation for region in sample.error_regions]", "test_what_is_lost_by_notation_stands_apart"),
    ),
)  # fmt: skip
ATTRIBUTION = edits(
    "analysis/attribution.py", "analysis/test_measures.py",
    ("counterfactual.inject_one[region] == 0", "counterfactual.inject_one[region] < 1", "test_attribution_breaks_by_the_same_rule"),
    ("counterfactual.from_reference > 0,", "counterfactual.from_reference >= 1,", "test_attribution_breaks_by_the_same_rule"),
)  # fmt: skip
WORDS = edits(
    "analysis/word_costs.py", "analysis/test_word_costs.py",
    ("(tally.in_nbest or 0) + word.in_nbest", "(tally.in_nbest or 0) + 1", "test_nbest_lists_count_the_times_they_have_the_word"),
    ("if word.in_nbest is not None:", "if word.in_nbest:", "test_nbest_lists_count_the_times_they_have_the_word"),
    ("tally.listed and word.text in", "tally.listed or word.text in", "test_a_word_is_in_the_bias_list_where_it_was_listed_every_time"),
    ('outcome is not None and outcome.fate == "lost"', "outcome is not None", "test_what_is_recoverable_is_lost_and_returns_by_the_region_of_the_word"),
)  # fmt: skip
COSTLIEST = (
    *edits(
        "analysis/word_costs.py", "analysis/test_word_costs.py",
        ("-round(t.shapley, 9), -t.recoverable", "-t.recoverable, -round(t.shapley, 9)", "test_the_costliest_words_come_first_by_their_part_of_the_loss"),
    ),
    *edits(
        "analysis/word_costs.py", "analysis/test_attribution.py",
        ("/ sum(_holds(region, other) for other in sample.rare_words)", "", "test_words_that_cost_answers"),
    ),
)  # fmt: skip
TYPOS = (
    *edits(
        "analysis/word_costs.py", "analysis/test_suspected_typos.py",
        ("len(backends) > 1 and", "", "test_what_does_not_look_like_a_typing_error"),
        ("not any(row.n_correct for row in of_word)", "True", "test_what_does_not_look_like_a_typing_error"),
        ("and not is_rare(hypothesis, language)", "", "test_what_does_not_look_like_a_typing_error"),
        ('spelling(word, text, language) == "name"', "False", "test_what_does_not_look_like_a_typing_error"),
    ),
    *edits(
        "words/typos.py", "words/test_typos.py",
        ("_SHORTEST = 5", "_SHORTEST = 3", "test_a_word_alone"),
        ("_GAP: Zipf = 3.0", "_GAP: Zipf = 1.0", "test_a_word_alone"),
        ("if word not in names}", "}", "test_a_name_in_one_text_is_a_name_in_all"),
    ),
)  # fmt: skip
MENTIONS = edits(
    "words/entities.py", "words/test_entities.py",
    ("return any(inside) and not all(inside)", "return any(inside)", "test_names_are_guessed_alike_wherever_case_says_nothing"),
    ("return any(inside) and not all(inside)", "return any(capitals) and not all(inside)", "test_names_are_guessed_alike_wherever_case_says_nothing"),
)  # fmt: skip
SOUNDS = (
    *edits(
        "words/sounds/espeak.py", "words/sounds/test_espeak.py",
        ("if len(lines) == len(words):", "if lines:", "test_lines_that_do_not_match_the_words_are_not_believed"),
        ("_WORDS_AT_ONCE = 500", "_WORDS_AT_ONCE = 1", "test_many_words_take_few_processes"),
        ('[0] in "LM" for', '[0] in "LMZPSN" for', "test_no_text_reaches_a_shell_or_an_option"),
        ("or len(_hangs) >= _PATIENCE else", "else", "test_after_some_hangs_it_is_not_asked_again"),
    ),
    *edits(
        "words/sounds/ipa.py", "words/sounds/test_ipa.py",
        ('return ""', 'return " ".join(phones)', "test_no_reading_where_a_sound_is_not_known"),
        ("_SOUNDS | _ENGLISH if english", "_SOUNDS if english", "test_english"),
    ),
    *edits(
        "words/sounds/pronunciation_tags.py", "words/sounds/test_pronunciation_tags.py",
        ("if language := language_of(how):", "if language := (language_of(how) or how):", "test_hints_are_words_of_a_known_language"),
    ),
)  # fmt: skip
CONTRASTS = edits(
    "analysis/contrasts.py", "analysis/test_contrasts.py",
    ("rates[1] - rates[0]", "rates[0] - rates[1]", "test_the_contrast_is_rare_entity_words_minus_all_others_over_questions_that_have_both"),
    ("np.logical_and(*(sums[:, 1] > 0))", "np.logical_or(*(sums[:, 1] > 0))", "test_the_contrast_is_rare_entity_words_minus_all_others_over_questions_that_have_both"),
)  # fmt: skip
COUNTS = edits(
    "analysis/summary.py", "report/test_tables.py",
    ("rounded(bases[index]) if has_base", "rounded(bases[index] + 1) if has_base", "test_recognition_has_a_row_a_backend_and_condition"),
)  # fmt: skip
AGREEMENT = edits(
    "analysis/agreement.py", "analysis/test_agreement.py",
    ("(a in _FROM_HYPOTHESIS, b not in _FROM_HYPOTHESIS)", "(b in _FROM_HYPOTHESIS, a not in _FROM_HYPOTHESIS)", "test_who_loses_what_and_who_saves_it"),
    ('(a == "lost", b in _FROM_HYPOTHESIS)', '(b == "lost", a in _FROM_HYPOTHESIS)', "test_who_loses_what_and_who_saves_it"),
    ("(a in _FROM_REFERENCE, b not in _FROM_REFERENCE)", "(a in _FROM_REFERENCE, b in _FROM_REFERENCE)", "test_who_loses_what_and_who_saves_it"),
)  # fmt: skip
FAILURES = edits(
    "analysis/summary.py", "runs/test_runner.py",
    ('3 if sample is None else 1 if sample.status == "ok" else 2', '2 if sample is None else 1 if sample.status == "ok" else 3', "test_a_missing_transcript_costs_its_sample_only_and_keeps_its_place"),
    ('(sample.status == "error" and population.exclude_failed)', '(sample.status == "error")', "test_a_missing_transcript_costs_its_sample_only_and_keeps_its_place"),
    ('(sample.status == "error" and population.exclude_failed)', "False", "test_failed_samples_are_left_out_when_the_spec_says_so"),
)  # fmt: skip
NORMALISERS = (
    *edits(
        "words/text/normalisers.py", "words/text/test_normalisers.py",
        ("abs(at - len(before))", "at", "test_of_equal_words_the_nearest_are_the_mention"),
        ("split_letters=language in _WITHOUT_SPACES", "split_letters=False", "test_other_languages_keep_accents_and_those_without_spaces_are_split"),
        ('if language != "en":', "if not language:", "test_other_languages_keep_accents_and_those_without_spaces_are_split"),
    ),
    *edits(
        "runs/compare.py", "runs/test_normaliser_run.py",
        ("runs[0].record.normaliser, other.record.normaliser", "other.record.normaliser, other.record.normaliser", "test_runs_by_other_rules_are_not_compared"),
    ),
    *edits(
        "words/entities.py", "runs/test_normaliser_run.py",
        ("len(places) - len(located)", "0", "test_a_mention_that_their_rules_remove_is_counted_and_said"),
    ),
    *edits(
        "runs/storage/replacement.py", "runs/storage/test_replacement.py",
        ("compressed.read(folder / FINISHED / name)", "compressed.read(folder / name)", "test_every_kill_leaves_one_run_whole"),
    ),
    *edits(
        "runs/runner.py", "runs/test_rescore.py",
        ("sample.transcript, sample.timings, sample.bias", "sample.transcript, {}, sample.bias", "test_times_stay_what_they_were"),
    ),
)  # fmt: skip

COMPLEXITY = (
    *edits(
        "analysis/complexity/word_counts.py", "analysis/complexity/test_questions.py",
        ("np.log2(total) - weighted / total", "np.log2(total) + weighted / total", "test_counts_by_hand"),
        ("len(text) - n + 1", "len(text) - n", "test_counts_by_hand"),
        ("kept @ self.rare_words / words", "kept @ self.rare_words / len(self.words)", "test_each_set_is_measured_by_itself"),
    ),
    *edits(
        "analysis/complexity/spanning_tree.py", "analysis/complexity/test_questions.py",
        ("outside[sets, newest] = np.inf", "pass", "test_trees_are_those_of_scipy"),
        ("- 2 * products", "- products", "test_equal_texts_are_no_distance_apart_and_a_square_has_three_edges"),
    ),
    *edits(
        "analysis/complexity/clusters.py", "analysis/complexity/test_questions.py",
        ("labels * clusters / n", "labels * clusters / n / 2", "test_rand_indices_are_those_of_scikit_learn"),
    ),
    *edits(
        "analysis/complexity/levels.py", "analysis/complexity/test_levels.py",
        ("if is_rare(word, language, inf)", "", "test_numbers_are_never_rare"),
        ("_hash(word), word", "word, word", "test_words_of_equal_frequency_follow_in_an_order_without_meaning"),
        ("if not at or rarest[order[at]] != rarest[order[at - 1]]", "", "test_questions_with_the_same_rarest_word_go_together"),
    ),
    *edits(
        "analysis/complexity/fits.py", "analysis/complexity/test_fits.py",
        ("_LINE, _BROKEN = 3, 5", "_LINE, _BROKEN = 3, 3", "test_a_straight_course_is_not_broken_by_noise"),
        ("rest / (n - 2) / spread", "rest / n / spread", "test_a_line_is_that_of_scipy"),
        ("before, before + change", "before, change", "test_a_knee_is_where_it_was_put"),
    ),
    *edits(
        "analysis/complexity/continuum.py", "analysis/complexity/test_continuum.py",
        ("np.quantile(furthest, _LEVEL) * spread", "1.96 * spread", "test_a_band_holds_whole_courses"),
        (">= line.r2", "<= line.r2", "test_what_rare_words_lose_comes_back_as_they_go"),
        (">= bends(removed", "<= bends(removed", "test_what_rare_words_lose_comes_back_as_they_go"),
        ("each.reference - each.reached", "each.reached - each.reference", "test_what_rare_words_lose_comes_back_as_they_go"),
    ),
    *edits(
        "runs/studies/complexity.py", "runs/studies/test_complexity.py",
        ('sample.status == "error" and not counts_failed', "False", "test_failed_samples_count_unless_they_are_left_out"),
        ('if suite.speech == "synthetic" else', "if True else", "test_real_speech_keeps_a_hundred_questions"),
    ),
)  # fmt: skip

REPAIRS = (
    *edits(
        "analysis/mitigation/judging.py", "analysis/mitigation/test_scoreboard.py",
        ("if one.deployable and is_gain", "if is_gain", "test_a_list_stands_beside_repairs_and_is_first_only_where_a_user_could_have_it"),
        ("and not is_harmful(one)]", "]", "test_what_to_do_first_is_the_largest_gain_without_harm"),
        ("hypotheses.after - references.after[of]", "hypotheses.after", "test_shares_and_the_gap_are_those_of_the_texts"),
    ),
    *edits(
        "analysis/mitigation/folds.py", "analysis/mitigation/test_scoreboard.py",
        ("if other != fold]", "]", "test_a_setting_is_never_chosen_by_the_questions_it_is_judged_on"),
        ("self._taught_without(repair, {fold}), best", "self._taught_without(repair, set()), best", "test_what_is_learnt_never_comes_from_the_questions_that_are_judged"),
        ("gained + min(0.0,", "gained + max(0.0,", "test_harm_to_references_weighs_against_a_setting"),
        ("best = max(settings, key", "best = min(settings, key", "test_the_setting_that_serves_the_other_folds_is_chosen_and_shown"),
    ),
    *edits(
        "analysis/mitigation/effects.py", "analysis/mitigation/test_scoreboard.py",
        ("recordings.max() == 1 and is_yes_or_no", "is_yes_or_no", "test_several_recordings_of_a_question_are_one_cluster"),
        ("mcnemar_exact(broken, fixed)", "mcnemar_exact(broken, broken)", "test_one_text_a_question_is_tested_by_mcnemar"),
    ),
    *edits(
        "analysis/mitigation/scoreboard.py", "analysis/mitigation/test_scoreboard.py",
        ("if gains[label] > 0)", ")", "test_what_to_do_first_is_the_largest_gain_without_harm"),
        ("if label != best}", "}", "test_each_repair_is_tried_on_top_of_the_best_one"),
    ),
)  # fmt: skip

OF_FIGURES = (
    *SIGNIFICANCE, *DIFFERENCES, *FAMILIES, *GATES, *COMPARE, *METRICS, *RULES, *ANSWERS, *INTERVALS, *RARITY, *ERROR_RATES, *EVALUATION, *NOT_SPEECH,
    *COUNTERFACTUALS, *MEASURES, *NOTATION, *ATTRIBUTION, *WORDS, *COSTLIEST, *TYPOS, *MENTIONS, *SOUNDS, *CONTRASTS, *COUNTS, *AGREEMENT,
    *FAILURES, *NORMALISERS, *OF_EARLY, *COMPLEXITY, *REPAIRS,
)  # fmt: skip
