"""Edits that change what is counted of early decision, and what is said of it."""

from __future__ import annotations

from tests.mutants.mutant import edits

OF_EARLY = (
    *edits(
        "analysis/early/courses.py", "analysis/early/test_courses.py",
        ("(first - second) / abs(first)", "(first - second) / abs(second or 1)", "test_the_margin_is_relative_to_the_first"),
        ("d.margin >= threshold", "d.margin <= threshold", "test_where_a_rule_stops"),
        ("return 1.0 if step is None", "return 0.0 if step is None", "test_first_and_settled"),
        ("reversed(self.decisions)", "self.decisions", "test_first_and_settled"),
        ("bool(known) and known[-1].right", "any(d.right for d in known)", "test_right_after_a_share_goes_by_whole_words"),
    ),
    *edits(
        "analysis/early/rule.py", "analysis/early/test_rule.py",
        ("others = folds != fold", "others = folds == fold", "test_a_threshold_is_set_on_other_questions_only"),
        ("(cost <= lowest + 1e-9))[-1]", "(cost <= lowest + 1e-9))[0]", "test_the_threshold_is_the_cheapest_that_is_right_as_often_and_the_highest_of_equals"),
        ("n_right[-1] - tolerance * n", "n_right[-1]", "test_a_tolerance_buys_earlier_stops"),
        ("fold_of[question] for question in questions", "at % n_folds for at, _ in enumerate(questions)", "test_recordings_of_a_question_are_in_one_fold"),
    ),
    *edits(
        "analysis/early/figures.py", "analysis/early/test_figures.py",
        ("course.share(course.first) for", "course.share(course.settled) for", "test_shares_until_right_count_the_never_right_as_the_whole"),
        ("of_right=clusters.mean(until_settled, right)", "of_right=clusters.mean(until_settled)", "test_among_the_right_ones_in_shares_and_in_words"),
        ("rule_right.astype(np.float64) - right", "right - rule_right.astype(np.float64)", "test_a_rule_that_misses_on_other_questions_says_so"),
    ),
    *edits(
        "analysis/early/deciding.py", "analysis/early/test_figures.py",
        ("sum(each) / len(each)", "1 / len(each)", "test_words_as_rare_as_the_rarest_are_all_the_rarest"),
        ("decides - chance", "chance - decides", "test_the_deciding_word_beside_chance"),
    ),
    *edits(
        "analysis/early/clusters.py", "analysis/early/test_figures.py",
        ("numbers[question] for question in questions", "at % len(numbers) for at, _ in enumerate(questions)", "test_recordings_of_a_question_are_resampled_together"),
    ),
    *edits(
        "analysis/early/revisions.py", "analysis/early/test_figures.py",
        ("len(before) - kept", "len(after) - kept", "test_revisions"),
    ),
    *edits(
        "runs/studies/early.py", "runs/studies/test_early.py",
        ('or finished.spec.missing == "count"', 'or finished.spec.missing == "exclude"', "test_failed_samples_stay_in_every_denominator_unless_the_spec_excludes_them"),
        ("prediction.intent == intent", "prediction.intent != intent", "test_intents_are_decided_by_models_of_other_questions"),
    ),
    *edits(
        "report/sections/early.py", "report/sections/test_early.py",
        ("delta.ci_low > 0", "delta.ci_high > 0", "test_the_deciding_word_against_chance"),
        ("delta.ci_low <= 0 <= delta.ci_high", "delta.ci_low > 0", "test_what_the_rule_costs_is_said_as_it_is"),
        ("1 - curve.until_settled.value", "curve.until_settled.value", "test_those_that_are_never_right_are_counted_and_named"),
        ("Estimate(1 - share.value, 1 - share.ci_high, 1 - share.ci_low)", "Estimate(1 - share.value, 1 - share.ci_low, 1 - share.ci_high)", "test_what_is_saved_has_the_interval_of_what_is_read_turned_round"),
    ),
)  # fmt: skip
