"use strict";
// Puts the parts together: the address, the keys, the buttons.
(() => {
  const { byId, copy } = Dom;
  let open = ""; // the key of the sample that is open

  function writeAddress() {
    const wanted = new URLSearchParams(Filters.asked());
    if (open) {
      wanted.set("sample", open);
      if (Data.retrievers.length > 1) wanted.set("retriever", Views.retriever());
    }
    const text = wanted.toString();
    if (text !== location.hash.slice(1)) history.replaceState(null, "", `#${text || "samples"}`);
  }

  function openSample(index) {
    open = Data.key(index);
    writeAddress();
    return SampleView.show(index);
  }

  // Shows what the address asks for. `#filter=fate%3Dlost` and `#fate=lost` mean the same; `#compare` is a place.
  function readAddress() {
    const text = location.hash.slice(1);
    if (!text.includes("=")) return;
    const wanted = Object.fromEntries(new URLSearchParams(text));
    if (wanted.filter) Object.assign(wanted, Object.fromEntries(new URLSearchParams(wanted.filter)));
    if (wanted.retriever) Views.setRetriever(wanted.retriever);
    const index = wanted.sample ? Data.indexOf(wanted.sample) : -1;
    open = index >= 0 ? wanted.sample : "";
    Filters.set(wanted);
    if (index >= 0) SampleView.show(index);
    else {
      SampleView.close();
      byId("samples").scrollIntoView();
    }
  }

  function showSamples(filter) {
    Filters.set(filter);
    byId("samples").scrollIntoView();
    SampleList.focus();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA|AUDIO)$/.test(event.target.tagName)) return;
    const down = event.key === "j" || (event.key === "ArrowDown" && SampleView.isOpen()) || (event.key === "ArrowRight" && SampleView.isOpen());
    const up = event.key === "k" || (event.key === "ArrowUp" && SampleView.isOpen()) || (event.key === "ArrowLeft" && SampleView.isOpen());
    if (!down && !up) return;
    event.preventDefault();
    const step = down ? 1 : -1;
    if (SampleView.isOpen()) SampleView.move(step);
    else if (byId("sample-list").contains(document.activeElement)) SampleList.step(step);
    else SampleList.focus();
  }

  function start() {
    for (const table of document.querySelectorAll("table.sortable")) Tables.sortable(table);
    for (const button of document.querySelectorAll(".copy")) {
      const source = button.parentElement.querySelector(button.dataset.copy);
      button.addEventListener("click", () => copy(source.value ?? source.textContent, button));
    }
    for (const link of document.querySelectorAll("[data-word]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        showSamples({ word: link.dataset.word });
      });
    }
    Views.start();
    Filters.build();
    SampleList.start(openSample);
    SampleView.start(openSample, () => {
      open = "";
      writeAddress();
      SampleList.focus();
    });
    const refresh = () => {
      SampleList.show(Filters.matching());
      writeAddress();
    };
    Words.start(showSamples);
    Groups.start();
    const place = location.hash;
    SampleList.show(Filters.matching());
    Views.onChange(() => SampleList.show(Filters.matching()));
    Filters.onChange(refresh);
    if (place) readAddress();
    addEventListener("hashchange", readAddress);
    document.addEventListener("keydown", onKey);
  }

  start();
})();
