"""A suite whose every text is an attack: the page shows all of it and obeys none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import harness
from tests.browser.conftest import Watched, until
from tests.conftest import write_lines

ATTACK = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)></svg><!-- </textarea></style>"
    "</title><iframe srcdoc='<script>parent.alert(4)</script>'></iframe><a href=javascript:alert(5)>x</a>{{7*7}}${alert(6)}"
    "\u202egnp.exe\u2028]]>"
)
URLS = ("javascript:alert(7)", "data:text/html,<script>alert(8)</script>", "https://example.org/\"onclick='alert(9)'")
WALK = """() => {
  const bad = [];
  const known = new Set(["http:", "https:"]);
  for (const element of document.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (["img", "iframe", "object", "embed", "base", "link", "foreignobject", "use", "image"].includes(tag)) bad.push(tag);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc" || name === "style" && !element.closest("#sample-list")) bad.push(`${tag} ${name}`);
      if (["href", "src", "action", "formaction"].includes(name) && !value.startsWith("#") && !value.startsWith("./")
          && !known.has(new URL(value).protocol)) bad.push(`${tag} ${name}=${value}`);
    }
  }
  const texts = [document.querySelector("main").innerText, document.querySelector("header").innerText];
  if (texts.some((text) => /[\\u202a-\\u202e\\u2066-\\u2069\\u2028]/.test(text))) bad.push("a character that reorders");
  return bad;
}"""


def questions() -> list[dict[str, Any]]:
    return [
        {
            "id": f"q{n}", "text": f"What did Medawar{n} study {ATTACK}", "answers": [ATTACK],
            "entities": [{"text": f"Medawar{n}", "start": 9, "end": 17, "label": ATTACK}], "snippet_ids": [f"s{n}"],
            "tags": {"relation": f"{ATTACK}{n % 2}", "<b>tag</b>": ATTACK},
        }
        for n in range(4)
    ]  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path, browser: Any) -> Path:
    suite = tmp_path / "suite"
    suite.mkdir()
    quoted = json.dumps(ATTACK)
    (suite / "suite.toml").write_text(
        f'name = {quoted}\nversion = {quoted}\nlanguage = "en"\nlicence = {quoted}\ndescription = {quoted}\nspeech = "synthetic"\n'
    )
    write_lines(suite / "questions.jsonl", questions())
    write_lines(suite / "snippets.jsonl", [
        {"id": f"s{n}", "title": ATTACK, "text": f"Medawar{n} studied {ATTACK}", "url": URLS[n % len(URLS)], "collected_at": ATTACK}
        for n in range(4)
    ])  # fmt: skip
    utterances = [
        {"id": f"q{n}.{v}", "question_id": f"q{n}", "speaker": f"{ATTACK}{v}", "accent": ATTACK}
        for n in range(4)
        for v in "ab"
    ]
    write_lines(suite / "utterances.jsonl", utterances)
    words = [{"text": word, "start": 0.1 * n, "end": 0.1 * n + 0.1} for n, word in enumerate(["what", "<img>", ATTACK])]
    for name in ("one", "two"):
        write_lines(suite / "transcripts" / f"{name}.jsonl", [
            {"utterance_id": u["id"], "text": f"what mad {name} <img src=x> {ATTACK}", "nbest": [{"text": ATTACK, "score": 0.0}],
             "words": words} for u in utterances[: len(utterances) - (name == "two")]
        ])  # fmt: skip
    spec = tmp_path / "spec.toml"
    labels: Sequence[str] = [json.dumps(f"{ATTACK}{n}") for n in range(4)]
    spec.write_text(
        f'suite = "{suite}"\n[[backend]]\nname = "replay"\nmodel = "one"\nlabel = {labels[0]}\n'
        f'[[backend]]\nname = "replay"\nmodel = "two"\nlabel = {labels[1]}\n'
        f'[[retriever]]\nname = "bm25"\nlabel = {labels[2]}\n[[retriever]]\nname = "bm25"\nlabel = {labels[3]}\n'
    )
    return harness.report(harness.run(spec, out=tmp_path / "run").folder, format="html")


def test_a_suite_of_attacks_is_inert(watched: Callable[..., Watched], hostile: Path) -> None:
    watch = watched()
    page = watch.open(hostile)
    assert page.evaluate(WALK) == []
    assert "<img src=x onerror=alert(2)>" in page.locator("#top").inner_text()
    assert "[U+202E]" in page.locator("#top").inner_text()
    assert "{{7*7}}" in page.locator("#top").inner_text()
    for kind in page.locator("#groups-kind option").evaluate_all("found => found.map(o => o.value)"):
        page.select_option("#groups-kind", kind)
        assert page.evaluate(WALK) == []
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.locator("#sample-list button").first.click()
    for number in range(int(page.locator("#samples-count").inner_text().split(" ")[0])):
        until(
            page,
            "n => document.querySelector('#sample-title').textContent.startsWith(`Sample ${n} of`)",
            number + 1,
        )
        until(page, "document.querySelector('#sample-body h3') !== null")
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        assert page.evaluate(WALK) == []
        page.keyboard.press("j")
    links = page.locator("#sample a[href^=http]").evaluate_all("found => found.map(a => [a.host, a.rel, a.onclick])")
    assert all(link == ["example.org", "noopener noreferrer", None] for link in links)
    page.keyboard.press("Escape")
    page.locator(".chip").first.click()
    watch.open(hostile, "#sample=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&q=%3Cscript%3E&word=%3Cb%3E")
    assert page.evaluate(WALK) == []
    watch.picture("hostile", full_page=True)
