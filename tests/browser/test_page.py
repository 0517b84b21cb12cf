"""The page of the reference run, driven as a person drives it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import harness
from harness.runs.storage import compressed
from tests.browser.conftest import ROOT, SCREENSHOTS, Watched, until
from tests.conftest import WriteSuite
from tests.runs.early_runs import without_digests

Watch = Callable[..., Watched]
GoldenRun = Callable[[str], Path]
REFERENCE = ROOT / "results" / "reference" / "standard"
RECOGNITION = "#recognition > .scroll table"
SAMPLE = "deity-domain-hypnos.rms|clean|pocketsphinx"
TINY, BASE, BIASED = "faster-whisper:tiny.en", "faster-whisper:base", "faster-whisper:tiny.en+own100"
FATES = ("✗ hit lost", "＋ hit gained", "○ never a hit", "✓ hit kept", "⚠ failed")
ROWS = """rows => rows.map((row) => [Number(row.dataset.place), row.querySelector(".fate").textContent,
  row.querySelector(".who").textContent])"""
# Of every visible table: its label, whether its first column stays when it is scrolled, whether its end comes into sight, and
# whether it is wider than its box.
SCROLLED = """[...document.querySelectorAll(".scroll")].filter((box) => box.offsetParent !== null).map((box) => {
  const first = box.querySelector("th"), last = box.querySelector("tr").lastElementChild;
  const before = first.getBoundingClientRect().left, wide = box.scrollWidth > box.clientWidth;
  box.scrollLeft = box.scrollWidth;
  const kept = Math.abs(first.getBoundingClientRect().left - before) <= 1;
  const end = last.getBoundingClientRect().right <= box.getBoundingClientRect().right + 1;
  box.scrollLeft = 0;
  return [box.getAttribute("aria-label"), kept, end, wide];
})"""
SEE_THROUGH = """[...document.querySelectorAll(".scroll tr > :first-child")].map((cell) =>
  getComputedStyle(cell).backgroundColor === "rgba(0, 0, 0, 0)")"""


def page_of(run: Path) -> Path:
    return harness.report(run, format="html")


def sample_files(run: Path) -> list[Path]:
    """Where they lie when they are not compressed."""
    return [path.with_name(path.name.removesuffix(".gz")) for path in (run / "samples").iterdir()]


def column(page: Any, table: str, number: int) -> list[str]:
    return [
        cell.split("\n")[0].strip()
        for cell in page.locator(f"{table} tbody tr > :nth-child({number})").all_inner_texts()
    ]


def test_tables_sort_words_are_found_and_lead_to_samples(watched: Watch, reference: Path) -> None:
    page = watched().open(reference)
    wer = page.locator(f"{RECOGNITION} thead button", has_text="WER").first
    wer.click()
    assert column(page, RECOGNITION, 1) == [BIASED, BASE, TINY, "pocketsphinx"]
    wer.click()
    assert column(page, RECOGNITION, 1) == ["pocketsphinx", TINY, BASE, BIASED]
    assert page.locator(f"{RECOGNITION} th[aria-sort=descending]").count() == 1

    page.fill("#words-search", "brighton")
    assert column(page, "#words-table", 1) == ["breitenfeld"]
    page.fill("#words-search", "")
    page.locator("#words-table thead button", has_text="Zipf").click()
    headings = page.locator("#words-table thead th").all_inner_texts()
    frequencies = [float(text) for text in column(page, "#words-table", headings.index("Zipf") + 1)]
    assert frequencies == sorted(frequencies, reverse=True)
    assert len(set(frequencies)) > 1
    page.fill("#words-search", "fossas")
    page.locator("#words-table .link").click()
    assert page.locator("#samples-count").inner_text() == "4 of 4000 samples"
    assert "word=fossas" in page.url


def test_filters_find_what_the_samples_say(watched: Watch, reference: Path) -> None:
    page = watched().open(reference)
    stored = [
        json.loads(line) for path in sample_files(reference.parent) for line in compressed.read(path).splitlines()
    ]

    def shown() -> int:
        return int(page.locator("#samples-count").inner_text().split(" ")[0])

    assert shown() == len(stored) == 4000
    page.select_option("[name=fate]", "lost")
    lost = [s for s in stored if s["retrieval"]["bm25"]["fate"] == "lost"]
    assert shown() == len(lost)
    page.select_option("[name=backend]", BIASED)
    lost = [s for s in lost if s["backend"] == BIASED]
    assert shown() == len(lost) == 264
    page.select_option("[name='group:speaker']", "jm_kumo")
    lost = [s for s in lost if s["utterance_id"].endswith(".jm_kumo")]
    assert shown() == len(lost)
    page.fill("[name=q]", "capital")
    assert shown() == sum(
        "capital" in f"{s['reference']}{s['transcript']['text']}{s['utterance_id']}".lower() for s in lost
    )
    page.click("#filters-clear")
    assert shown() == 4000
    page.select_option("[name='group:band']", "unseen")
    assert shown() == 800
    page.select_option("[name='group:relation']", "capital")
    assert 0 < shown() < 800


def test_a_sample_shows_all_of_it_plays_from_the_error_and_moves_by_key(watched: Watch, reference: Path) -> None:
    watch = watched()
    page = watch.open(reference, f"#fate=lost&sample={quote(SAMPLE)}")
    page.wait_for_selector("#sample-body audio")
    text = page.locator("#sample").inner_text()
    for part in ("What is Hypnos the god of in Greek stories?", "✗ hit lost", "No relevant snippet among the first ten.",
                 "Fewest corrections that recover the hit: 1 and 2.", "rare entity word", "Accepted: sleep", SAMPLE,
                 "harness run standard --backend pocketsphinx --condition clean --retriever bm25 --utterance deity-domain-hypnos.rms"):  # fmt: skip
        assert part in text
    assert page.locator(".aligned .region").count() == 2
    assert page.locator("#sample .gold").count() == 2
    links = page.locator("#sample a[href^=http]")
    assert set(links.evaluate_all("found => found.map(a => a.rel)")) == {"noopener noreferrer"}

    page.locator("#sample .play").nth(1).click()
    until(page, "document.querySelector('#sample audio').currentTime > 0.9")
    assert page.evaluate("document.querySelector('#sample audio').error") is None

    first = page.locator("#sample-title").inner_text()
    page.locator("#sample-title").focus()
    page.keyboard.press("j")
    until(page, "!document.querySelector('#sample-body').textContent.includes('deity-domain-hypnos.rms')")
    assert page.locator("#sample-title").inner_text() != first
    assert "sample=deity-domain-" in page.url
    page.keyboard.press("ArrowUp")
    until(page, "document.querySelector('#sample-body').textContent.includes('deity-domain-hypnos.rms')")
    assert page.locator("#sample-title").inner_text() == first
    page.keyboard.press("Escape")
    assert not page.locator("#sample").is_visible()
    assert "sample=" not in page.url
    assert "fate=lost" in page.url


def test_the_keyboard_alone_is_enough(watched: Watch, reference: Path) -> None:
    page = watched().open(reference)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.place") == "0"
    for key, place in (("j", "1"), ("ArrowDown", "2"), ("k", "1"), ("End", "3999"), ("Home", "0")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.place") == place
    page.keyboard.press("Enter")
    page.wait_for_selector("#sample-body audio")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.place") == "0"


def test_a_link_to_a_filter_shows_it(watched: Watch, reference: Path) -> None:
    page = watched().open(reference, f"#filter={quote(f'fate=gained&backend={quote(BIASED)}')}")
    assert page.locator("#samples-count").inner_text() == "3 of 4000 samples"
    page.goto(f"{reference.as_uri()}#fate=gained")
    until(page, "document.querySelector('#samples-count').textContent === '5 of 4000 samples'")
    page.goto(f"{reference.as_uri()}#fate=nonsense&sample=nobody&group%3Arelation=%3Cb%3E")
    until(page, "document.querySelector('#samples-count').textContent === '4000 of 4000 samples'")


def test_groups_show_the_figures_of_the_summary(watched: Watch, reference: Path) -> None:
    page = watched().open(reference)
    rows = {
        (r["backend"], r["group"], r["metric"], r["source"]): r
        for r in json.loads(compressed.read(REFERENCE / "summary.json"))["rows"]
    }
    page.select_option("#groups-kind", "speaker")
    page.select_option("#groups-backend", "pocketsphinx")
    assert sorted(column(page, "#groups-table", 1)) == [
        "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo", "rms", "slt",
    ]  # fmt: skip
    headings = page.locator("#groups-table thead th").all_inner_texts()
    at = headings.index("rare WER") + 1
    for voice, shown in zip(column(page, "#groups-table", 1), column(page, "#groups-table", at), strict=True):
        row = rows["pocketsphinx", f"speaker:{voice}", "rare_wer", "hypothesis"]
        assert shown.startswith(f"{100 * row['value']:.1f} %")
    page.select_option("#groups-kind", "band")
    assert page.locator("#groups-table tr.small-group").count() == 1
    assert column(page, "#groups-table", 1)[-1] == ">=5"
    page.locator("#groups-table thead button", has_text="WER").first.click()
    assert column(page, "#groups-table", 1)[-1] == ">=5", "a small group is not ranked"


@pytest.mark.parametrize(("name", "options"), [
    ("light", {"color_scheme": "light"}),
    ("dark", {"color_scheme": "dark"}),
    ("phone", {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}),
])  # fmt: skip
def test_it_can_be_used_by_everybody(watched: Watch, reference: Path, name: str, options: dict[str, Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    watch = watched(**options)
    page = watch.open(reference)
    watch.picture(f"{name}-top")
    watch.picture(f"{name}-page", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the page itself never scrolls sideways"
    serious(axe.Axe().run(page))
    page.locator("#sample-list button").nth(3).click()
    page.wait_for_selector("#sample-body audio")
    watch.picture(f"{name}-sample")
    serious(axe.Axe().run(page))


def serious(found: Any) -> None:
    bad = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in bad] == []


def test_the_chosen_retriever_and_condition_are_shown_and_no_other(
    watched: Watch, write_suite: WriteSuite, tmp_path: Path
) -> None:
    run = harness.run(
        write_suite(), backends=["replay:vendor", "replay:perfect"], conditions=["clean", "babble,snr_db=5"],
        retrievers=["bm25", "rank-bm25"], out=tmp_path / "run",
    )  # fmt: skip
    page = watched().open(harness.report(run.folder, format="html"))

    def shown() -> set[tuple[str | None, str | None]]:
        found = page.locator("[data-retriever]:visible")
        return {(e.get_attribute("data-retriever"), e.get_attribute("data-condition")) for e in found.all()}

    assert shown() == {("bm25", "clean"), ("bm25", None)}
    assert page.locator("h3:visible", has_text="Retrieval with").all_inner_texts() == ["Retrieval with bm25"]
    page.select_option("#view-retriever", "rank-bm25")
    page.select_option("#view-condition", "babble 5 dB")
    assert shown() == {("rank-bm25", "babble 5 dB"), ("rank-bm25", None)}
    assert page.locator("figure.condition-ladder:visible").count() == 1
    assert column(page, "#words-table", 1) == ["medawar", "ljubljana"]
    assert {text.split("\n")[0] for text in column(page, "#groups-table", 1)} >= {"(0,2)"}
    page.select_option("#groups-kind", "condition")
    assert set(column(page, "#groups-table", 1)) == {"clean", "babble 5 dB"}
    page.select_option("#baseline", "")
    assert page.locator(".delta:visible").count() == 0
    page.locator("#sample-list button").first.click()
    page.wait_for_selector("#sample-body h3")
    assert "rank-bm25" in page.locator("#sample-body p").first.inner_text()
    assert "retriever=rank-bm25" in page.url


def test_a_recording_inside_the_page_plays(watched: Watch, tmp_path: Path) -> None:
    run = tmp_path / "standard"
    shutil.copytree(REFERENCE, run)
    without_digests(run)
    for path in sample_files(run):
        compressed.write(path, b"".join(compressed.read(path).splitlines(keepends=True)[:8]))
    made = harness.report(run, format="html", audio="embed", out=tmp_path / "elsewhere" / "page.html")
    watch = watched()
    page = watch.open(made, f"#sample={quote('animal-home-fossas.slt|clean|pocketsphinx')}")
    page.locator("#sample .play").first.click()
    until(page, "document.querySelector('#sample audio').currentTime > 0.5")
    assert page.locator("#sample audio").evaluate("audio => audio.src").startswith("data:audio/ogg;base64,")
    assert all(
        url == made.as_uri().split("#")[0] or url.startswith("data:")
        for url in (u.split("#")[0] for u in watch.requests)
    )


def test_it_prints(watched: Watch, reference: Path) -> None:
    watch = watched(viewport={"width": 794, "height": 1123})
    page = watch.open(reference)
    paper = page.pdf(path=SCREENSHOTS / "print.pdf", format="A4") if SCREENSHOTS.exists() else page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    watch.picture("print", full_page=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#samples").is_visible()


def test_losses_stand_first_and_each_outcome_in_the_order_of_the_run(watched: Watch, golden_run: GoldenRun) -> None:
    page = watched().open(page_of(golden_run("two_by_two")))

    def listed() -> list[tuple[str, str]]:
        """Outcome, and backend, condition and id, of every sample: the list holds only those in sight."""
        places: dict[int, tuple[str, str]] = {}
        box = page.locator("#sample-list")
        for top in range(0, box.evaluate("box => box.scrollHeight"), 400):
            box.evaluate("(box, top) => { box.scrollTop = top; box.dispatchEvent(new Event('scroll')); }", top)
            for row in page.locator("#sample-list button").evaluate_all(ROWS):
                places[row[0]] = (row[1], row[2])
        return [places[place] for place in sorted(places)]

    shown = listed()
    assert len(shown) == 384
    ranks = [FATES.index(fate) for fate, _ in shown]
    assert ranks == sorted(ranks)
    assert ranks.count(0) == 24 + 32 + 6 + 8 + 8 + 16, "what the run loses with bm25, by construction"
    page.select_option("[name=order]", "run")
    as_run = listed()
    assert as_run != shown
    assert shown == sorted(as_run, key=lambda row: FATES.index(row[0])), "stable"
    assert "order=run" in page.url


def test_without_an_outcome_the_most_misrecognised_stand_first(watched: Watch, golden_run: GoldenRun) -> None:
    page = watched().open(page_of(golden_run("no_snippets")))
    first = page.locator("#sample-list button").first
    assert first.locator(".fate").inner_text() == "1 rare word wrong"
    assert page.locator("[name=fate]").count() == 0
    assert page.locator("#words-table thead th").all_inner_texts() == [
        "word", "reference", "correct", "recognised as", "band", "Zipf", "sound",
    ]  # fmt: skip
    assert (
        page.locator("#words-legend dt").all_text_contents() == page.locator("#words-table thead th").all_inner_texts()
    )


def test_possible_typos_are_marked(watched: Watch, golden_run: GoldenRun) -> None:
    page = watched().open(page_of(golden_run("guessed_names")))
    page.fill("#words-search", "mamel")
    assert page.locator("#words-table .typo").all_inner_texts() == ["possible typo of mammal"]
    headings = page.locator("#words-table thead th").all_inner_texts()
    assert headings[:3] == ["word", "hits lost", "its part"]


@pytest.mark.parametrize("name", ["dead_backend", "no_snippets", "answers"])
def test_no_text_makes_a_narrow_page_wider(watched: Watch, golden_run: GoldenRun, name: str) -> None:
    """Long messages of failures, long labels in menus, commands."""
    page = watched(viewport={"width": 390, "height": 844}).open(page_of(golden_run(name)))
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert "Failed samples" in page.locator("main").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_tables_scroll_inside_and_keep_their_first_column(
    watched: Watch, golden_run: GoldenRun, width: int, scheme: str
) -> None:
    watch = watched(color_scheme=scheme, viewport={"width": width, "height": 844})
    page = watch.open(page_of(golden_run("two_by_two")))
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    watch.picture(f"two-by-two-{width}-{scheme}", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    scrolled = page.evaluate(SCROLLED)
    assert all(kept for _, kept, _, _ in scrolled), scrolled
    assert all(end for _, _, end, _ in scrolled), "the last column can be reached"
    wide = [label for label, _, _, wide in scrolled if wide]
    assert (len(wide) > 8) == (width == 390)
    assert all(transparent is False for transparent in page.evaluate(SEE_THROUGH))
