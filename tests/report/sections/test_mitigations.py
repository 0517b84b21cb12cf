"""What the report says of repairs, in every form: one that helps, none, harm, ties, one repair, none judged, a bias list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.mitigation.records import Judged, MitigationResult
from harness.report.html.page import render
from harness.report.markdown import page_lines
from harness.report.model import Report
from harness.report.pictures.drawing import svg
from harness.report.pictures.listing import all_pictures
from harness.report.sections.mitigations import in_short, mitigations, what_to_do_first
from tests.conftest import GoldenRun
from tests.report.altered import text_under
from tests.report.repairs import (
    GAIN,
    HARMFUL,
    LOSS,
    NOTHING,
    bias_list,
    effect,
    judged,
    result,
    scoreboard,
    with_study,
)

ARM = ("base", "clean")


@pytest.fixture
def report(golden_run: GoldenRun) -> Report:
    return Report.read(golden_run("two_by_two"))


def told(report: Report, monkeypatch: pytest.MonkeyPatch, *of: Judged, arm: tuple[str, str] = ARM) -> str:
    with_study(monkeypatch, result(scoreboard(*of)))
    return what_to_do_first(report, arm)[0]


def test_the_repair_that_helps_is_told_with_what_it_breaks_and_costs(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(report, monkeypatch, NOTHING, GAIN, LOSS) == (
        "Repair the transcripts of base with hybrid: hit@1 from the hypothesis rises from 50.0 % to 66.7 % (+16.7 points "
        "[+14.7, +18.7], exact McNemar test, Holm-adjusted p = 0.010, significant), 10 fixed and 2 broken of 48 questions. "
        "From the reference text it fixes 3 and breaks 1 of 48 questions; the gap between the two closes by 12.5 points "
        "[+10.5, +14.5], not significantly. It takes 2.0 searches a question instead of 1. EM: +8.3 points [+6.3, +10.3], "
        "exact McNemar test, Holm-adjusted p = 0.300, not significant."
    )


def test_several_recordings_of_a_question_are_counted_as_such(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "10 fixed and 2 broken of 96 recordings of 48 questions" in told(
        report, monkeypatch, judged("hybrid", effect(10, 2, 0.01, n=96))
    )


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (effect(6, 0, 0.01), "; the gap between the two closes by 12.5 points [+10.5, +14.5]."),
        (effect(0, 0, 1.0), "; the gap between the two stays, not significantly."),
        (effect(0, 6, 0.01), "; the gap between the two widens (-12.5 points [-14.5, -10.5])."),
        (None, "breaks 0 of 48 questions."),
    ],
)
def test_the_gap_is_told_in_every_direction(
    report: Report, monkeypatch: pytest.MonkeyPatch, gap: object, expected: str
) -> None:
    assert expected in told(report, monkeypatch, judged("hybrid", effect(10, 2, 0.01), gap=gap))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ([NOTHING], "The repair spelling on base does not raise hit@1 significantly."),
        ([NOTHING, LOSS], "None of the 2 repairs that were tried on base raises hit@1 significantly."),
        (
            [NOTHING, HARMFUL],
            "None of the 2 repairs that were tried on base raises hit@1 significantly without harm: phones raises it by "
            "+25.0 points [+23.0, +27.0] and breaks 8 of 48 questions from the reference text (p = 0.008).",
        ),
        ([bias_list("base+own10", effect(0, 0, 1.0))], "No repair of base could be judged."),
    ],
)
def test_where_none_helps_that_is_told(
    report: Report, monkeypatch: pytest.MonkeyPatch, of: list[Judged], expected: str
) -> None:
    assert told(report, monkeypatch, *of) == expected


def test_a_bias_list_that_wins_most_is_kept(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    text = told(report, monkeypatch, GAIN, bias_list("base+names", effect(20, 1, 0.001)))
    assert text.startswith("Keep the bias list of base+names: hit@1 from the hypothesis rises from 50.0 % to 89.6 %")
    assert "reference text" not in text
    assert told(report, monkeypatch, GAIN, bias_list("oracle", effect(20, 1, 0.001), deployable=False)).startswith(
        "Repair"
    )


def test_a_backend_that_was_not_judged_and_a_run_without_repairs_say_nothing(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(report, monkeypatch, GAIN, arm=("base", "quiet")) == ""
    with_study(monkeypatch, None)
    assert what_to_do_first(report, ARM) == ("", False)
    assert mitigations(report).is_empty
    assert in_short(report) == ""


# ---- the verdict -----------------------------------------------------------------------------------------------------


def test_the_verdict_puts_the_repair_first_and_the_rest_after(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, None)
    before = text_under("What to do first?", report)
    with_study(monkeypatch, result(scoreboard(GAIN), scoreboard(GAIN, backend="tiny")))
    after = text_under("What to do first?", report)
    assert after.startswith(
        "With bm25, under clean: Should you keep tiny, repair its transcripts with hybrid: hit@1 from"
    )
    assert before in text_under("What to do next?", report)


def test_the_verdict_says_that_none_helps_and_then_what_does(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, None)
    before = text_under("What to do first?", report)
    with_study(monkeypatch, result(*(scoreboard(NOTHING, LOSS, backend=backend) for backend in ("base", "tiny"))))
    after = text_under("What to do first?", report)
    where = "With bm25, under clean: "
    assert (
        after
        == f"{where}None of the 2 repairs that were tried on tiny raises hit@1 significantly. {before.removeprefix(where)}"
    )


def test_another_retriever_has_no_scoreboard(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, replace(result(scoreboard(GAIN), scoreboard(GAIN, backend="tiny")), retriever="phonetic"))
    assert "hybrid:" not in text_under("What to do first?", report)


# ---- section, page, terminal, picture --------------------------------------------------------------------------------


def whole() -> MitigationResult:
    on_top = (judged("spelling", effect(3, 1, 0.6)), judged("phones", effect(9, 0, 0.004)))
    return result(
        scoreboard(GAIN, LOSS, HARMFUL, on_top=on_top),
        scoreboard(NOTHING, backend="tiny"),
        failed={"rewrite": "the server does not answer"},
        notes=("replacements: 3 rows of the table were ignored",),
    )


def test_the_section_tells_losses_harm_what_stands_on_top_and_ceilings(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_study(monkeypatch, whole())
    sentences = mitigations(report).sentences
    where = "base, clean"
    assert f"{where}: nbest lowers hit@1 from the hypothesis significantly." in sentences
    assert f"{where}: phones does harm to the reference text (+0/-8, p = 0.008)." in sentences
    assert (
        f"{where}: on top of phones, hit@1 rises significantly with phones by +18.8 points [+16.8, +20.8]." in sentences
    )
    assert (
        f"{where}: what oracles reach in hit@1: best of N-best 75.0 % [60.0, 85.0] and perfect transcript 90.0 % [80.0, 97.0]."
    ) in sentences
    assert "rewrite could not be judged: the server does not answer" in sentences
    assert "replacements: 3 rows of the table were ignored." in sentences


def test_where_nothing_helps_on_top_that_is_told(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    def sentence(*on_top: Judged) -> str:
        with_study(monkeypatch, result(scoreboard(GAIN, on_top=on_top)))
        return next(text for text in mitigations(report).sentences if "on top of" in text)

    assert sentence(NOTHING).endswith("on top of hybrid, spelling does not raise hit@1 significantly without harm.")
    assert sentence(NOTHING, LOSS).endswith(
        "on top of hybrid, none of the other 2 raises hit@1 significantly without harm."
    )


def test_what_does_harm_is_told_under_no_gain_on_top(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, result(scoreboard(GAIN, on_top=(HARMFUL,))))
    told_of = next(text for text in mitigations(report).sentences if "on top of" in text)
    assert told_of.endswith("on top of hybrid, phones does not raise hit@1 significantly without harm.")


def test_tables_hold_every_repair_the_base_and_the_ceilings(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, whole())
    main, on_top, bands, *_ = mitigations(report).tables
    assert [row[0].text for row in main.rows] == [
        "as it is", "hybrid", "nbest", "phones", "best of N-best", "perfect transcript",
    ]  # fmt: skip
    cells = {heading.text: cell.text for heading, cell in zip(main.headings, main.rows[1], strict=True)}
    assert cells == {
        "repair": "hybrid", "hit@1 ASR": "66.7 %", "change": "+16.7 points [+14.7, +18.7]", "fixed/broken": "+10/-2",
        "p": "0.010", "change ref": "+4.2 points [+2.2, +6.2]", "fixed/broken ref": "+3/-1",
        "gap closed": "+12.5 points [+10.5, +14.5]", "EM ASR": "+8.3 points [+6.3, +10.3]", "searches": "2.0", "ms": "1.5",
    }  # fmt: skip
    assert on_top.title == "base, clean: on top of phones"
    assert [cell.text for cell in bands.rows[0]] == ["hybrid", "+10/-0 of 24", "+0/-2 of 24"]
    for table in mitigations(report).tables:
        assert all(len(row) == len(table.headings) for row in table.rows)


def test_the_setting_of_each_fold_is_shown(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ({"distance": 0.25}, {"distance": 0.25, "w": 1.0}, {"distance": 0.2}, {}, {"distance": 0.1})
    with_study(monkeypatch, result(scoreboard(replace(GAIN, chosen=chosen), LOSS)))
    table = mitigations(report).tables[-1]
    assert [heading.text for heading in table.headings] == ["repair", *(f"fold {fold}" for fold in range(1, 6))]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["hybrid", "distance 0.25", "distance 0.25, w 1", "distance 0.2", "", "distance 0.1"]
    ]


def test_where_nothing_was_to_choose_there_is_no_table_of_settings(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_study(monkeypatch, result(scoreboard(GAIN, LOSS)))
    assert not any("settings" in table.title for table in mitigations(report).tables)


def test_page_and_text_hold_the_section_and_the_picture(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, whole())
    text = "\n".join(page_lines(report))
    assert "## Repairs" in text
    assert "nested cross-validation in 5 folds" in text
    page = render(report, Path("report.html"))
    assert "gain against harm" in page
    assert "nbest lowers hit@1" in page


def test_a_terminal_gets_a_sentence_for_all_backends(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = bias_list("base+names", effect(20, 1, 0.001))
    boards = (scoreboard(GAIN, LOSS), scoreboard(NOTHING, LOSS, backend="tiny"), scoreboard(listed, condition="quiet"))
    with_study(monkeypatch, result(*boards))
    assert in_short(report) == (
        "Repairs by hit@1: base, clean hybrid +16.7 points (+10/-2, ref +3/-1); tiny, clean none of 2; "
        "base, quiet base+names +39.6 points (+20/-1)."
    )


def test_the_picture_holds_each_repair_at_its_gain_and_harm(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    with_study(monkeypatch, result(scoreboard(GAIN, HARMFUL, bias_list("base+own10", effect(20, 0, 0.001)))))
    (listed,) = [one for one in all_pictures(report) if one.picture.name == "repairs"]
    assert (listed.backend, listed.condition, listed.retriever) == ("base", "clean", "bm25")
    assert [row[0] for row in listed.picture.rows] == ["hybrid", "phones"]
    values = [
        value
        for layer in listed.picture.chart.to_dict()["layer"]
        for value in layer.get("data", {}).get("values", [])
        if "series" in value
    ]
    at = {value["series"]: (round(value["x"], 1), round(value["y"], 1)) for value in values}
    assert at == {"hybrid": (4.2, 16.7), "phones": (-16.7, 25.0)}
    assert "phones: from the hypothesis +25.0 points" in svg(listed.picture)


def test_a_repair_that_had_nothing_to_work_on_is_no_repair_that_failed(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = [replace(judged(label, effect(0, 0, 1.0)), changed=0) for label in ("nbest", "nbest-union")]
    assert (
        told(report, monkeypatch, NOTHING, *idle) == "The repair spelling on base does not raise hit@1 significantly."
    )
    sentences = mitigations(report).sentences
    assert any(text.endswith("nbest and nbest-union change no query and no ranking.") for text in sentences)
    with_study(monkeypatch, result(scoreboard(GAIN, NOTHING, *idle, on_top=(NOTHING, *idle))))
    assert any(
        text.endswith("on top of hybrid, spelling does not raise hit@1 significantly without harm.")
        for text in mitigations(report).sentences
    )
    assert told(report, monkeypatch, idle[0]) == "nbest changes no query and no ranking of base."
    assert "none of 0" not in in_short(report)
