"""Runaway transcripts on the page: the notice leads to them, the filter finds them, and each sample says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import harness
from tests.browser.conftest import Watched
from tests.conftest import HYPOTHESES, WriteSuite

Watch = Callable[..., Watched]
LOOP = f"{HYPOTHESES['paris']} {'thank you so ' * 30}"


def test_the_notice_leads_to_them_and_each_says_why(watched: Watch, write_suite: WriteSuite, tmp_path: Path) -> None:
    suite = write_suite(hypotheses={**HYPOTHESES, "paris": LOOP})
    run = harness.run(suite, backends=["replay:vendor", "replay:perfect"], out=tmp_path / "run").folder
    seen = watched()
    page = seen.open(harness.report(run, format="html"))
    assert "2 of 8 transcripts of replay:vendor ran away" in page.locator(".verdict:visible").inner_text()
    assert "runaway rate" in " ".join(page.locator("#recognition thead").all_text_contents())
    assert page.locator("#runaways .scroll tbody tr").count() == 2
    page.locator("#ran-away a").last.click()
    assert page.locator("#samples-count").inner_text() == "2 of 16 samples"
    assert page.locator("#sample-list .row", has_text="ran away").count() == 2
    page.locator("#sample-list .row button").first.click()
    page.wait_for_selector("#sample-body .notice")
    assert "ran away: 'thank you so' 30 times" in page.locator("#sample-body .notice").inner_text()
    box, region = (page.locator(f"#sample-body .aligned{part}").bounding_box() for part in ("", " .region"))
    assert region["x"] + region["width"] <= box["x"] + box["width"]  # ninety added words in one error do not run out
    seen.picture("runaway-sample")


def test_a_page_without_any_has_no_such_filter(watched: Watch, write_suite: WriteSuite, tmp_path: Path) -> None:
    run = harness.run(write_suite(), backends=["replay:vendor"], out=tmp_path / "run").folder
    page = watched().open(harness.report(run, format="html"))
    assert page.locator("[name=runaway]").count() == 0
    assert page.locator("#runaways, #ran-away").count() == 0
