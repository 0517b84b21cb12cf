"""Edits that change what a report says: verdict, differences, significance, directions, colours, what is few, typos."""

from __future__ import annotations

from tests.mutants.mutant import edits

CHOICE_TESTS = "report/test_verdict_choice.py"
REMEDIES_TESTS = "report/test_verdict_remedies.py"
FAILURES_TESTS = "report/test_verdict_failures.py"

NUMBERS = edits(
    "report/numbers.py", "report/test_numbers.py",
    ("row.n < FEWEST", "row.n <= FEWEST", "test_what_rests_on_fewer_than_ten_is_few"),
    ("FEWEST = 10", "FEWEST = 9", "test_what_rests_on_fewer_than_ten_is_few"),
    ('return text.lstrip("+-") if not text.strip("+-0.") else text', "return text", "test_differences_have_a_sign_unless_they_round_to_nothing"),
    ("if p_value < 0.001", "if p_value < 0.01", "test_p_values"),
    ("form.format(factor * value + 0.0)", "form.format(factor * value)", "test_figures_have_the_unit_of_their_metric"),
)  # fmt: skip
TABLES = edits(
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
MODEL = edits(
    "report/model.py", "report/test_tables.py",
    ("0.0 - c.delta", "c.delta", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("for end in (c.ci_high, c.ci_low)", "for end in (c.ci_low, c.ci_high)", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("(c.metric, c.condition) != (name, better[1])", "c.metric != name", "test_a_stored_difference_is_looked_up_either_way_round"),
    ("if retriever and len(self.retrievers) > 1 else", "if False else", "test_sentences_name_what_a_run_has_several_of"),
    ("if arm and len(self.conditions) > 1 else", "if False else", "test_sentences_name_what_a_run_has_several_of"),
)  # fmt: skip
COLOURS = (
    *edits(
        "report/html/templates/sections.html.j2", "report/test_html.py",
        ('"better" if of.better else "worse"', '"worse" if of.better else "better"', "test_colours_follow_the_metric_s_better_direction"),
        ('"" if of.better is none else', "", "test_colours_follow_the_metric_s_better_direction"),
        ('<span class="delta {{ "significant" if of.significant else "not-significant" }}', '<span class="delta significant', "test_colours_follow_the_metric_s_better_direction"),
        ('"✓" if of.significant else "≈"', '"≈" if of.significant else "✓"', "test_colours_follow_the_metric_s_better_direction"),
    ),
    *edits(
        "report/html/static/tables.css", "report/test_html.py",
        (".delta.significant.better { color: var(--good); }", ".delta.significant.better { color: var(--bad); }", "test_better_is_green_and_worse_is_red_in_light_and_dark"),
        (".delta.significant.worse { color: var(--bad); }", ".delta.significant.worse { color: var(--good); }", "test_better_is_green_and_worse_is_red_in_light_and_dark"),
        (".delta.significant.better { color", ".delta.better { color", "test_better_is_green_and_worse_is_red_in_light_and_dark"),
    ),
    *edits(
        "report/html/static/theme.css", "report/test_html.py",
        ("--good: #58d3ae; --bad: #ff9e66;", "--good: #ff9e66; --bad: #58d3ae;", "test_better_is_green_and_worse_is_red_in_light_and_dark"),
    ),
)  # fmt: skip
CASE = (
    *edits(
        "report/verdict/case.py", CHOICE_TESTS,
        ("not self.reader_cannot_judge and self.reached_questions >= FEWEST", "not self.reader_cannot_judge and self.reached_questions > FEWEST", "test_ten_questions_have_to_reach_the_outcome"),
        ("not self.reader_cannot_judge and self.reached_questions >= FEWEST", "not self.reader_cannot_judge", "test_ten_questions_have_to_reach_the_outcome"),
        ('-value if self.by.better == "higher" else value', "value", "test_a_backend_is_taken_only_where_the_stored_test_is_significant"),
        ('-value if self.by.better == "higher" else value, errors', '-value if self.by.better == "higher" else value, 0.0', "test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say"),
        ("if arm[0] not in specs or is_deployable(specs[arm[0]])", "", "test_no_backend_with_a_list_of_what_is_asked_for_is_taken"),
    ),
    *edits(
        "report/verdict/case.py", REMEDIES_TESTS,
        ("if self.n_lost(arm) >= FEWEST", "if self.n_lost(arm) > FEWEST", "test_the_loss_is_attributed_where_ten_outcomes_were_lost"),
    ),
    *edits(
        "report/verdict/case.py", FAILURES_TESTS,
        ("if self.figures.has_transcripts(arm)", "", "test_a_dead_backend_comes_first_with_its_reason_and_takes_no_part"),
    ),
)  # fmt: skip
CHOICE = edits(
    "report/verdict/choice.py", CHOICE_TESTS,
    ("elif is_significantly_better(c, case.by):", "elif c is not None:", "test_a_backend_is_taken_only_where_the_stored_test_is_significant"),
    ("c.p_holm is not None and not is_significant(c):", "c.p_holm is not None:", "test_a_difference_against_the_order_of_the_figures_takes_nobody"),
    ("return equal if len(equal) > 1 else ()", "return ()", "test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say"),
    ("if c is not None and is_significantly_better(c, rate):", "if c is not None:", "test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say"),
    ("if not is_significant(c) and not is_equal(c) and (shown", "if not is_equal(c) and (shown", "test_what_the_suite_could_have_shown_stands_beside_what_is_not_significant"),
    ('f"{listing(names)} {equality}{{where}}."', 'f"Take {names[0]}{{where}}."', "test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say"),
)  # fmt: skip
SUITABILITY = edits(
    "report/verdict/suitability.py", CHOICE_TESTS,
    ("if case.reached_questions < FEWEST:", "if case.reached_questions <= FEWEST:", "test_less_than_half_of_the_questions_is_a_warning"),
    ("2 * case.reached_questions < n_questions", "2 * case.reached_questions <= n_questions", "test_less_than_half_of_the_questions_is_a_warning"),
    ("best = max(_other_outcomes(case)", "best = min(_other_outcomes(case)", "test_the_outcome_that_the_reference_reaches_most_is_suggested"),
    ('case.report.runs[0].spec.missing == "count"', 'case.report.runs[0].spec.missing != "count"', "test_failed_and_missing_samples_are_counted"),
)  # fmt: skip
BY_WER = edits(
    "report/verdict/by_wer.py", CHOICE_TESTS,
    ("or by_rate.delta < 0:", "or by_rate.delta > 0:", "test_wer_may_order_backends_otherwise_and_both_tests_are_told"),
    ("not by_outcome.delta or not by_rate.delta or", "", "test_wer_may_order_backends_otherwise_and_both_tests_are_told"),
    ("if not rows or not all(quotable(row, metric) for row in rows):", "if not rows:", "test_entity_recall_of_fewer_than_ten_mentions_is_not_quoted"),
    ("key=lambda w: w.n_correct - w.n_reference", "key=lambda w: w.n_reference - w.n_correct", "test_words_are_told_by_how_often_they_are_misrecognised"),
)  # fmt: skip
LOSS = edits(
    "report/verdict/loss.py", REMEDIES_TESTS,
    ("share.value == 1 == share.ci_low", "share.value == 2", "test_the_whole_loss_has_no_interval_without_width"),
    ("most = max(case.candidates, key=case.n_lost)", "most = min(case.candidates, key=case.n_lost)", "test_the_loss_is_attributed_where_ten_outcomes_were_lost"),
)  # fmt: skip
REMEDIES = edits(
    "report/verdict/remedies.py", REMEDIES_TESTS,
    ("key=lambda remedy: -remedy[0]", "key=lambda remedy: remedy[0]", "test_the_remedy_that_recovers_most_comes_first"),
    ('value * n_lost, " ".join(sentences)', 'n_lost, " ".join(sentences)', "test_the_remedy_that_recovers_most_comes_first"),
    ("round((best.rescued.value or 0.0) * best.lost_a)", "round((best.harmed.value or 0.0) * best.lost_a)", "test_the_remedy_that_recovers_most_comes_first"),
    ("if pair.lost_a >= FEWEST and", "if pair.lost_a > FEWEST and", "test_what_is_recovered_of_fewer_than_ten_is_not_told"),
    ("best = max(pairs, key", "best = min(pairs, key", "test_the_retriever_that_recovers_most_is_the_one_told"),
    ("or row.value >= _INFORMS:", "or row.value > 1:", "test_corrections_are_told_where_they_inform"),
    ("(a.backend, a.condition, a.a) == (*arm, case.retriever)", "(a.backend, a.condition, a.b) == (*arm, case.retriever)", "test_the_remedy_that_recovers_most_comes_first"),
    ('for fate in ("kept", "gained"))', 'for fate in ("kept", "lost"))', "test_a_retriever_that_recovers_nothing_is_told_with_its_harm"),
)  # fmt: skip
PHRASES = (
    *edits(
        "report/verdict/phrases.py", FAILURES_TESTS,
        ("if cost and word.word not in typos and", "if cost and", "test_a_possible_typo_is_named_and_never_a_bias_phrase"),
    ),
    *edits(
        "report/verdict/phrases.py", REMEDIES_TESTS,
        ("and in_bias_list(case.report, word) is not True:", ":", "test_words_of_one_mention_are_one_phrase_and_listed_ones_are_none"),
        ("phrases[text].cost < cost", "phrases[text].cost > cost", "test_words_of_one_mention_are_one_phrase_and_listed_ones_are_none"),
        ("without or case.ranked]", "case.ranked]", "test_a_backend_with_a_list_gets_no_phrases_where_one_has_none"),
        ("if phrase.cost > 1]", "if phrase.cost > 0]", "test_phrases_are_as_written_and_cost_twice_or_are_the_top_ones"),
        ("if len(costly) >= _ENOUGH else ranked", "if len(costly) > _ENOUGH else ranked", "test_phrases_are_as_written_and_cost_twice_or_are_the_top_ones"),
    ),
)  # fmt: skip
CAVEATS = edits(
    "report/verdict/caveats.py", FAILURES_TESTS,
    ("row.value < LEAST and", "row.value <= LEAST and", "test_of_a_run_of_an_earlier_version_a_reader_that_is_seldom_right_is_named"),
    ("if case.report.rules.guessed_names:", "if not case.report.rules.guessed_names:", "test_guessed_names_are_said_to_be_guessed"),
)  # fmt: skip
LISTS = edits(
    "report/verdict/lists.py", REMEDIES_TESTS,
    ("== least < case.n_lost(plain)", "<= case.n_lost(plain)", "test_an_oracle_that_does_not_lose_least_is_no_bound"),
    ("(c.delta or 0.0) > 0 and is_significant(c)", "is_significant(c)", "test_a_list_from_a_file_can_be_taken_and_is_kept_where_it_is_significantly_better"),
    ("(c.delta or 0.0) > 0 and is_significant(c)", "(c.delta or 0.0) > 0", "test_a_list_from_a_file_can_be_taken_and_is_kept_where_it_is_significantly_better"),
)  # fmt: skip
FAILED = edits(
    "report/verdict/failed.py", FAILURES_TESTS,
    ("failures.most_common(1)[0]", "failures.most_common()[-1]", "test_a_long_reason_is_cut_and_the_most_frequent_one_is_given"),
    ("(s.backend, s.condition) == (label, case.condition)", "s.backend == label", "test_what_failed_under_one_condition_is_not_told_of_another"),
)  # fmt: skip
WORDING = (
    *edits(
        "report/phrasing.py", FAILURES_TESTS,
        ('"significant" if p_holm < SIGNIFICANCE', '"significant" if p_holm <= SIGNIFICANCE', "test_differences_say_significance_with_p_and_nothing_of_what_is_equal"),
        ("return not c.delta and not c.ci_low and not c.ci_high", "return False", "test_differences_say_significance_with_p_and_nothing_of_what_is_equal"),
    ),
    *edits(
        "report/verdict/wording.py", CHOICE_TESTS,
        ("tables.is_significant(c) and tables.is_better(c, metric) is True", "tables.is_significant(c)", "test_a_difference_against_the_order_of_the_figures_takes_nobody"),
        ("[{n * (1 - retained.ci_high):.0f}, {n * (1 - retained.ci_low):.0f}]", "[{n * retained.ci_low:.0f}, {n * retained.ci_high:.0f}]", "test_equal_backends_are_equal_in_hits_and_no_more_is_said_than_the_tests_say"),
        ("and c.detectable >= 1:", "and c.detectable >= 100:", "test_what_the_suite_could_have_shown_stands_beside_what_is_not_significant"),
    ),
)  # fmt: skip
REPAIRS = (
    *edits(
        "report/sections/mitigations.py", "report/sections/test_mitigations.py",
        ("return _nothing(board, metric)", 'return ""', "test_where_none_helps_that_is_told"),
        ('"closes" if gap.delta > 0', '"closes" if gap.delta < 0', "test_the_gap_is_told_in_every_direction"),
        ("is_gain(one.hypothesis) and not is_harmful(one)]", "is_gain(one.hypothesis)]", "test_what_does_harm_is_told_under_no_gain_on_top"),
        ("(one.backend, one.condition) == arm", "one.backend == arm[0]", "test_a_backend_that_was_not_judged_and_a_run_without_repairs_say_nothing"),
        ("return effect.delta < 0 and effect.p_holm is not None", "return effect.p_holm is not None", "test_the_section_tells_losses_harm_what_stands_on_top_and_ceilings"),
    ),
    *edits(
        "report/verdict/remedies.py", "report/sections/test_mitigations.py",
        ("texts, remedies = [repaired, *texts], []", "texts, remedies = [*texts, repaired], []", "test_the_verdict_puts_the_repair_first_and_the_rest_after"),
        ("or result.retriever != case.retriever", "", "test_another_retriever_has_no_scoreboard"),
        ("is_taken=arm == case.candidates[0]", "is_taken=True", "test_the_verdict_puts_the_repair_first_and_the_rest_after"),
    ),
    *edits(
        "report/pictures/mitigations.py", "report/sections/test_mitigations.py",
        ('(("y", one.hypothesis), ("x", one.reference))', '(("x", one.hypothesis), ("y", one.reference))', "test_the_picture_holds_each_repair_at_its_gain_and_harm"),
    ),
)  # fmt: skip
SENTENCES = (
    *edits(
        "report/differences.py", FAILURES_TESTS,
        ('yield f"{b} against {a}{where}', 'yield f"{a} against {b}{where}', "test_differences_say_significance_with_p_and_nothing_of_what_is_equal"),
    ),
    *edits(
        "report/differences.py", "report/test_verdict.py",
        ("where = figures.where((b, condition), retriever)", 'where = ""', "test_every_text_names_its_condition_where_the_run_has_two"),
    ),
    *edits(
        "report/verdict/case.py", "report/test_verdict.py",
        ('return f"{where[0].upper()}{where[1:]}: {text}" if where and text else text', "return text", "test_every_text_names_its_condition_where_the_run_has_two"),
    ),
    *edits(
        "report/comparison.py", "report/test_comparison.py",
        ("return detectable < baseline, detectable < 1 - baseline", "return True, True", "test_a_suite_promises_no_difference_that_there_cannot_be"),
        ('of.unit != "rate" or detectable < 1', "True", "test_a_suite_promises_no_difference_that_there_cannot_be"),
        ("if is_significant(c):\n            continue", "if not is_significant(c):\n            continue", "test_nothing_is_said_of_significant_differences"),
        ("{compared.rules.rarity}", "{type(compared.rules)().rarity}", "test_the_legend_says_what_is_rare"),
    ),
)  # fmt: skip

SECTIONS = (
    *edits(
        "report/sections/agreement.py", "report/sections/test_sections.py",
        ("{with_interval(pair.harmed, share)} from the hypothesis", "{with_interval(pair.rescued, share)} from the hypothesis", "test_what_another_retriever_recovers_and_gives_up"),
        ("if n < FEWEST else", "if n <= 2 * FEWEST else", "test_what_another_retriever_recovers_and_gives_up"),
    ),
    *edits(
        "report/sections/answers.py", "report/sections/test_sections.py",
        ("lost {count(by_retrieval)} {", "lost {count(by_reader)} {", "test_answers_lost_by_retrieval_errors_and_reader_errors"),
    ),
    *edits(
        "report/sections/recognition.py", "report/test_runaways.py",
        ("wer.value - inserted.value", "wer.value + inserted.value", "test_terminal_and_report_say_how_many_and_which_and_what_the_wer_is_without"),
    ),
    *edits(
        "report/sections/words.py", "report/sections/test_causes.py",
        ("if not searched or word.recoverable or word.shapley > 0:", "if True:", "test_words_that_cost_hits"),
        ("reverse=True", "reverse=False", "test_where_nothing_was_searched_the_words_misrecognised_most_often"),
    ),
)  # fmt: skip

ERROR_RATE_TESTS = "report/test_error_rate.py"
_VERDICT, _TABLE = (
    "test_every_sentence_of_the_verdict_goes_by_cer[no_snippets]",
    "test_cer_stands_first_in_tables_and_says_why_it_leads",
)
ERROR_RATE = (
    *edits(
        "report/verdict/case.py", ERROR_RATE_TESTS,
        ("FEWEST else self.figures.error_rate", 'FEWEST else self.figures.metric("wer")', _VERDICT),
    ),
    *edits(
        "report/verdict/by_wer.py", ERROR_RATE_TESTS,
        ('for name in (case.figures.error_rate.name, "entity_recall")', 'for name in ("wer", "entity_recall")', _VERDICT),
    ),
    *edits(
        "analysis/metrics.py", ERROR_RATE_TESTS,
        ("(name != rules.error_rate, position(name))", "position(name)", _TABLE),
        ("(is_main and not same_as_lost) or leads", "is_main and not same_as_lost", _TABLE),
    ),
    *edits(
        "analysis/rules.py", ERROR_RATE_TESTS,
        ('return "wer" if spaces_words(language) else "cer"', 'return "wer"', "test_which_languages[ja-cer]"),
    ),
    *edits(
        "analysis/error_rates.py", "analysis/test_error_rates.py",
        (
            '" " if spaces_words(language) else ""', '" "',
            "test_characters_do_not_depend_on_where_a_tokeniser_parts_them[ja-1-6]",
        ),
    ),
)  # fmt: skip
REACH = (
    *edits(
        "report/sections/reach.py", "report/sections/test_reach.py",
        ("self.row.value < LEAST", "self.row.value <= LEAST", "test_under_half_answers_cannot_judge_and_the_ways_out_are_named"),
        ("self.n_shown >= FEWEST", "self.n_shown > FEWEST", "test_of_ten_it_is_told_even_if_all_are_wrong"),
        ("self.n_shown >= FEWEST", "self.n_shown > 0", "test_of_few_answers_to_read_nothing_is_told"),
        ("different.setdefault(reach.sentence(), arm)", 'different.setdefault("", arm)', "test_backends_of_different_samples_have_a_reach_each"),
    ),
    *edits(
        "report/verdict/case.py", "report/sections/test_reach.py",
        ("self.report.rules.reads and self.reach", "self.reach", "test_with_hits_as_the_outcome_a_low_reach_changes_no_choice"),
        ("and not self.reader_cannot_judge and", "and", "test_where_answers_cannot_judge_backends_are_judged_by_the_snippets"),
        ("if as_number(in_snippets) >= FEWEST", "if in_snippets", "test_where_few_references_have_an_answer_in_the_snippets_nothing_judges_but_the_error_rate"),
    ),
)  # fmt: skip

COMPLEXITY = (
    *edits(
        "report/sections/complexity_course.py", "report/sections/test_complexity.py",
        ('"stays" if outside[-1] == len(beside.values) - 1 else "goes"', '"stays"', "test_a_rise_that_does_not_stay"),
        ("course.direction > 0 else (", "course.direction < 0 else (", "test_a_rise_that_does_not_stay"),
        ("if not every:", "if False:", "test_a_rise_with_a_gap_is_not_said_to_stay_all_along"),
        ("fit.random_bend_share < SIGNIFICANCE", "True", "test_a_knee_that_random_orders_have_too_is_no_knee"),
        ("return broken.better and", "return", "test_a_rise_along_a_line_has_no_knee"),
        ("if n < FEWEST:", "if n <= FEWEST:", "test_what_the_reference_hardly_reaches_has_no_course"),
        ('course.kind == "within" and kinds["stays", 1]', 'course.kind == "within"', "test_what_the_reference_does_is_told"),
        ("if len(sides) == 2:", "if False:", "test_other_courses_are_no_rise"),
    ),
    *edits(
        "report/sections/complexity.py", "report/sections/test_complexity.py",
        ("told = [heading(name) for name, beside in measures.items() if any(beside.outside)]",
         "told = [heading(name) for name, beside in measures.items() if not any(beside.outside)]", "test_which_measures_tell_the_versions"),
        ("one[3] < _UNUSUAL", "one[3] <= _UNUSUAL", "test_fits_stand_beside_those_of_random_orders"),
    ),
)  # fmt: skip

OF_REPORTS = (
    *NUMBERS, *TABLES, *MODEL, *COLOURS, *CASE, *CHOICE, *SUITABILITY, *BY_WER, *LOSS, *REMEDIES, *PHRASES, *CAVEATS, *LISTS,
    *FAILED, *WORDING, *REPAIRS, *SENTENCES, *SECTIONS, *ERROR_RATE, *REACH, *COMPLEXITY,
)  # fmt: skip
