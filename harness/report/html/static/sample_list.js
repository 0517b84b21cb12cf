"use strict";
// The list of samples. Only the rows in sight exist, so that it is as quick with twenty thousand as with twenty.
const SampleList = (() => {
  const { byId, make, outside } = Dom;
  const box = byId("sample-list");
  const SPARE = 6; // rows beyond each edge
  const MARKS = { lost: "✗", gained: "＋", kept: "✓", never: "○", failed: "⚠", unjudged: "·" };
  const narrow = matchMedia("(max-width: 820px)");
  const above = make("div"), below = make("div"), rows = make("div", { role: "presentation" });
  let listed = [], active = 0, first = -1, last = -1, open = () => {};

  const height = () => (narrow.matches ? 84 : 64);

  function fate(index) {
    const name = Data.fateOf(index, Views.retriever());
    const n = Data.missed[index]; // what there is to say where nothing was searched
    const text = name !== "unjudged" ? `${MARKS[name]} ${Data.outcomes[name]}` : n ? `${n} rare word${n > 1 ? "s" : ""} wrong` : MARKS[name];
    return make("span", { class: `fate ${name}` }, text);
  }

  function row(place) {
    const index = listed[place];
    const [, asked] = Data.question(index);
    const hypothesis = Data.hypothesis[index];
    return make("div", { class: "row", role: "listitem", "aria-setsize": listed.length, "aria-posinset": place + 1 },
      make("button", { type: "button", tabindex: place === active ? 0 : -1, dataset: { place }, onclick: () => choose(place) },
        fate(index),
        make("span", { class: "texts" },
          make("span", { class: "reference" }, outside(asked)),
          make("span", {}, hypothesis ? outside(hypothesis) : make("i", {}, "(empty)"))),
        make("span", { class: "who" }, index in Data.runaway ? make("b", {}, "ran away · ") : null, outside(Data.backendOf(index)),
          Data.conditions.length > 1 ? [", ", outside(Data.conditionOf(index))] : null, " · ", outside(Data.utterance(index)[0]))));
  }

  function draw(force = false) {
    const size = height();
    const from = Math.max(0, Math.floor(box.scrollTop / size) - SPARE);
    const to = Math.min(listed.length, Math.ceil((box.scrollTop + box.clientHeight) / size) + SPARE);
    if (!force && from === first && to === last) return;
    [first, last] = [from, to];
    const focused = document.activeElement?.dataset?.place;
    rows.replaceChildren(...Array.from({ length: to - from }, (_, n) => row(from + n)));
    above.style.height = `${from * size}px`;
    below.style.height = `${(listed.length - to) * size}px`;
    if (focused !== undefined) rows.querySelector(`[data-place="${Number(focused)}"]`)?.focus({ preventScroll: true });
  }

  // Moves to a place of the list, into sight, and there if asked.
  function go(place, focus = true) {
    if (!listed.length) return;
    active = Math.min(Math.max(place, 0), listed.length - 1);
    const size = height();
    if (active * size < box.scrollTop) box.scrollTop = active * size;
    if ((active + 1) * size > box.scrollTop + box.clientHeight) box.scrollTop = (active + 1) * size - box.clientHeight;
    draw(true);
    if (focus) rows.querySelector(`[data-place="${active}"]`)?.focus({ preventScroll: true });
  }

  function choose(place) {
    go(place, false);
    open(listed[place]);
  }

  function show(indices) {
    listed = indices;
    active = 0;
    box.scrollTop = 0;
    byId("samples-count").textContent = `${listed.length} of ${Data.count} samples`;
    draw(true);
  }

  function start(opener) {
    open = opener;
    box.append(above, rows, below);
    box.addEventListener("scroll", () => draw());
    narrow.addEventListener("change", () => draw(true));
    box.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: listed.length - 1,
        PageDown: active + 8, PageUp: active - 8 };
      if (event.key in steps) {
        event.preventDefault();
        go(steps[event.key]);
      }
    });
  }

  // The sample beside the one that is open: step is 1 or -1. Returns its number, or -1 at an end.
  function beside(index, step) {
    const place = listed.indexOf(index) + step;
    if (place < 0 || place >= listed.length) return -1;
    go(place, false);
    return listed[place];
  }

  return { start, show, beside, step: (by) => go(active + by), focus: () => go(active), fate,
    placeOf: (index) => listed.indexOf(index), size: () => listed.length };
})();
