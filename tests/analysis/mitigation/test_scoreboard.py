"""What a scoreboard says of repairs whose effect is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from harness.analysis.mitigation.folds import question_folds
from harness.analysis.mitigation.records import Judged
from harness.mitigation.corpus import WeightedQuery
from harness.mitigation.protocol import Setting
from tests.analysis.mitigation.world import (
    CORRECTING,
    MIXED,
    NOTHING,
    RUINING,
    SEED,
    Breaking,
    N,
    Rewriting,
    Short,
    Table,
    board,
    judge,
    number_of,
    only,
    recorded,
    reference,
    transcribed,
    with_list,
)


def counts(judged: Judged) -> tuple[int, int, int, int]:
    """Fixed and broken from hypotheses and from references."""
    assert judged.reference is not None
    return judged.hypothesis.fixed, judged.hypothesis.broken, judged.reference.fixed, judged.reference.broken


def odd(text: str) -> bool:
    return number_of(text) % 2 == 1


def test_every_effect_is_counted_from_both_texts() -> None:
    assert counts(only(CORRECTING)) == (10, 0, 0, 0)
    assert counts(only(MIXED)) == (10, 10, 0, 20)
    assert counts(only(NOTHING)) == (0, 0, 0, 0)


def test_shares_and_the_gap_are_those_of_the_texts() -> None:
    judged = only(CORRECTING)
    assert (judged.hypothesis.before, judged.hypothesis.after, judged.hypothesis.delta) == (0.5, 1.0, 0.5)
    assert judged.gap is not None
    assert (judged.gap.before, judged.gap.after, judged.gap.delta) == (-0.5, 0.0, 0.5)
    assert only(NOTHING).gap.delta == 0.0  # type: ignore[union-attr]


def test_one_text_a_question_is_tested_by_mcnemar() -> None:
    judged = only(CORRECTING)
    assert judged.hypothesis.test == "mcnemar"
    assert judged.hypothesis.p_value == pytest.approx(binomtest(10, 10, 0.5).pvalue, rel=1e-5)
    assert only(NOTHING).hypothesis.p_value == 1.0


def test_several_recordings_of_a_question_are_one_cluster() -> None:
    once, thrice = only(CORRECTING), only(CORRECTING, transcribed("abc"))
    assert thrice.hypothesis.test == "sign-flip"
    assert thrice.hypothesis.fixed == 3 * once.hypothesis.fixed
    assert (thrice.hypothesis.ci_low, thrice.hypothesis.ci_high) == (once.hypothesis.ci_low, once.hypothesis.ci_high)
    assert thrice.hypothesis.p_value == pytest.approx(2 / 2**10, rel=1e-5), (
        "three recordings are no more evidence than one"
    )


def test_p_values_are_adjusted_over_the_repairs_and_lists_of_a_backend() -> None:
    repairs = {"a": CORRECTING, "b": NOTHING, "c": MIXED}
    judged = board(repairs, with_list(transcribed(), deployable=True)).judged
    p_values = [one.hypothesis.p_value for one in judged]
    expected = multipletests(p_values, method="holm")[1]
    assert [one.hypothesis.p_holm for one in judged] == pytest.approx(list(expected), rel=1e-5)
    harms = [one.reference.p_value for one in judged if one.reference]
    assert [one.reference.p_holm for one in judged if one.reference] == pytest.approx(
        list(multipletests(harms, method="holm")[1]), rel=1e-5
    ), "harm is a family of its own"


def test_what_to_do_first_is_the_largest_gain_without_harm() -> None:
    assert board({"none": NOTHING, "all": CORRECTING, "mixed": MIXED}).first == "all"
    harmful = Rewriting(
        lambda text, setting: text.replace("noise", "name") if "noise" in text else "nobody" if odd(text) else None
    )
    judged = board({"harmful": harmful})
    assert judged.best == "harmful"
    assert judged.first is None, "it fixes ten hypotheses and breaks ten references"
    assert board({"none": NOTHING}).first is None
    assert board({"ruin": RUINING}).best is None


def test_a_list_stands_beside_repairs_and_is_first_only_where_a_user_could_have_it() -> None:
    mine = with_list(transcribed(), deployable=True)
    listed = board({"none": NOTHING}, mine)
    assert [(one.label, one.kind) for one in listed.judged] == [("none", "repair"), ("engine+list", "bias list")]
    assert (listed.judged[1].hypothesis.fixed, listed.judged[1].reference) == (10, None)
    assert listed.first == "engine+list"
    assert board({"none": NOTHING}, with_list(transcribed(), deployable=False)).first is None


def test_each_repair_is_tried_on_top_of_the_best_one() -> None:
    half = Rewriting(lambda text, setting: reference(number_of(text)) if number_of(text) > 8 else None)
    rest = Rewriting(lambda text, setting: reference(number_of(text)) if number_of(text) < 8 else None)
    scoreboard = board({"rest": rest, "half": half})
    assert scoreboard.best == "half"
    (on_top,) = scoreboard.on_top
    assert (on_top.label, counts(on_top)) == ("rest", (4, 0, 0, 0))
    assert (on_top.hypothesis.before, on_top.hypothesis.after) == (0.8, 1.0)


def test_ceilings_are_what_oracles_reach() -> None:
    ceilings = {ceiling.name: ceiling for ceiling in board({"none": NOTHING}).ceilings}
    assert {name: ceiling.value for name, ceiling in ceilings.items()} == {
        "best of N-best": 1.0,
        "perfect rare entity words": 1.0,
        "perfect transcript": 1.0,
    }
    assert ceilings["perfect transcript"].ci_low == pytest.approx(0.8316, abs=1e-3)  # of 20 of 20, not 1


def test_a_recording_that_failed_stays_in_the_denominator() -> None:
    one = transcribed()
    failing = replace(one, recordings=[*one.recordings[1:], recorded(0, of=lambda i: None)])
    judged = only(CORRECTING, failing)
    assert (judged.hypothesis.n, judged.hypothesis.before, judged.hypothesis.after) == (20, 0.45, 0.95)


def test_answers_are_judged_beside_hits_where_there_are_any() -> None:
    judged = judge({"it": CORRECTING}).scoreboards[0].judged[0]
    assert judged.answers is not None
    assert judged.answers.after == 1.0
    assert judged.reference_answers is not None
    silent = judge({"it": CORRECTING}, answered=False).scoreboards[0].judged[0]
    assert (silent.answers, silent.reference_answers) == (None, None)


def test_bands_are_those_of_the_questions() -> None:
    assert {band.band: (band.n, band.fixed, band.broken) for band in only(MIXED).bands} == {
        "(0,2)": (16, 8, 8),
        "[2,3)": (4, 2, 2),
    }


def test_searches_are_counted() -> None:
    assert only(NOTHING).queries == 1.0

    class Twice(Rewriting):
        def repair(self, transcripts, setting, base, k):  # type: ignore[no-untyped-def]
            base.search([WeightedQuery(("namea",))] * len(transcripts), k)
            return super().repair(transcripts, setting, base, k)

    assert only(Twice(lambda text, setting: None)).queries == 2.0


@pytest.mark.parametrize(("repair", "reason"), [(Breaking(), "the table is empty"), (Short(), "expected one for each")])
def test_a_repair_that_fails_costs_itself_only(repair: Rewriting, reason: str) -> None:
    result = judge({"broken": repair, "all": CORRECTING})
    assert [one.label for one in result.scoreboards[0].judged] == ["all"]
    assert reason in result.failed["broken"]


def test_the_order_of_repairs_and_questions_changes_no_figure() -> None:
    repairs = {"a": CORRECTING, "b": MIXED}
    there = judge(repairs).scoreboards[0].judged
    back = judge(dict(reversed(repairs.items())), replace(transcribed(), recordings=transcribed().recordings[::-1]))
    assert sorted(there, key=lambda one: one.label) == sorted(back.scoreboards[0].judged, key=lambda one: one.label)


# ---- folds -----------------------------------------------------------------------------------------------------------


def test_folds_are_even_and_depend_on_the_seed_alone() -> None:
    ids = [f"q{i}" for i in range(23)]
    folds = question_folds(ids, 7)
    assert sorted(map(list(folds.values()).count, range(5))) == [4, 4, 5, 5, 5]
    assert question_folds(reversed(ids), 7) == folds
    assert question_folds(ids, 8) != folds
    assert set(question_folds(ids[:3], 7).values()) == {0, 1, 2}
    assert question_folds(["q"], 7) == {"q": 0}


def test_a_setting_is_never_chosen_by_the_questions_it_is_judged_on() -> None:
    """Each setting corrects the questions of one fold: its own answers alone could choose the right one."""
    folds = question_folds([f"q{i}" for i in range(N)], SEED)

    def rewrite(text: str, setting: Setting) -> str | None:
        return reference(number_of(text)) if folds[f"q{number_of(text)}"] == setting["of"] else None

    judged = only(Rewriting(rewrite, grid=[{"of": float(of)} for of in range(5)]))
    assert all(setting["of"] != fold for fold, setting in enumerate(judged.chosen))
    assert counts(judged) == (0, 0, 0, 0)


def test_the_setting_that_serves_the_other_folds_is_chosen_and_shown() -> None:
    grid = [{"width": 1.0}, {"width": 2.0}, {"width": 3.0}]

    def rewrite(text: str, setting: Setting) -> str | None:
        return text.replace("noise", "name") if setting["width"] >= 2 else None

    judged = only(Rewriting(rewrite, grid=grid))
    assert list(judged.chosen) == [{"width": 2.0}] * 5, "the first of equals"
    assert counts(judged) == (10, 0, 0, 0)


def test_harm_to_references_weighs_against_a_setting() -> None:
    """The far reach corrects all hypotheses and ruins the references of the same questions, which no hypothesis equals."""

    def rewrite(text: str, setting: Setting) -> str | None:
        if setting["reach"] == 1.0:
            return reference(number_of(text)) if number_of(text) > 8 else None
        return reference(number_of(text)) if "noise" in text else "nobody" if odd(text) else None

    judged = only(Rewriting(rewrite, grid=[{"reach": 2.0}, {"reach": 1.0}]))
    assert list(judged.chosen) == [{"reach": 1.0}] * 5
    assert counts(judged) == (6, 0, 0, 0)


def test_what_is_learnt_never_comes_from_the_questions_that_are_judged() -> None:
    """Every misrecognition stands in one question only, so a table helps none; with its own answers it would correct all."""
    table = Table()
    assert counts(only(table)) == (0, 0, 0, 0)
    folds = question_folds([f"q{i}" for i in range(N)], SEED)
    without = [{question for question, fold in folds.items() if fold != of} for of in range(5)]
    assert [set(taught) for taught in table.taught] == without


def test_what_several_questions_teach_is_used() -> None:
    """The same words stand for the same name in two questions of different folds."""
    folds = question_folds([f"q{i}" for i in range(N)], SEED)
    one, other = (next(i for i in range(1, N, 2) if folds[f"q{i}"] == fold) for fold in (0, 1))

    class Shared(Table):
        def learnt(self, examples):  # type: ignore[no-untyped-def]
            known = {example.question_id for example in examples}
            return CORRECTING if {f"q{one}", f"q{other}"} & known else NOTHING

    assert counts(only(Shared())) == (10, 0, 0, 0)


def test_searches_on_top_are_counted_as_often_as_they_are_asked_for() -> None:
    """What the best repair searched for one text it is asked for again by every repair on top of it."""

    class Searching(Rewriting):
        def repair(self, transcripts, setting, base, k):  # type: ignore[no-untyped-def]
            queries = [WeightedQuery(tuple(str(transcript.text).split())) for transcript in transcripts]
            return [*base.search(queries, k)]

    scoreboard = board({"best": CORRECTING, "one": Searching(NOTHING.rewrite), "other": Searching(NOTHING.rewrite)})
    assert scoreboard.best == "best"
    assert [(one.label, one.queries) for one in scoreboard.on_top] == [("one", 1.0), ("other", 1.0)]
