"use strict";
// The table of rare words that were misrecognised. Columns that the run has nothing for are left out, and so is their legend.
const Words = (() => {
  const { byId, make, outside, options } = Dom;
  const [BACKEND, CONDITION, RETRIEVER, WORD, TYPO_OF, PHRASE, ZIPF, BAND, N_REFERENCE, N_CORRECT, RECOGNISED_AS, RECOVERABLE, PART, NBEST, BIAS,
    SOUND] = Array.from({ length: 16 }, (_, n) => n);
  const searched = Data.retrievers.length > 0;
  const has = (column, nothing) => Data.words.some((row) => row[column] !== nothing);
  const number = (heading, title, value, digits = 0) =>
    ({ heading, title, number: true, sort: (row) => row[value], cell: (row) => (row[value] === null ? "-" : row[value].toFixed(digits)) });
  const text = (heading, title, value) => ({ heading, title, sort: (row) => row[value], cell: (row) => outside(row[value]) });

  function word(lead) {
    return (row) => [
      make("button", { type: "button", class: "link", onclick: () => lead(row) }, outside(row[WORD])),
      row[PHRASE] && row[PHRASE].toLowerCase() !== row[WORD] ? make("span", { class: "interval" }, outside(row[PHRASE])) : null,
      row[TYPO_OF] ? make("span", { class: "typo" }, "possible typo of ", outside(row[TYPO_OF])) : null,
    ];
  }

  function columns(showBackend, lead) {
    return [
      { heading: "word", title: "A rare word, and the phrase that the questions have it in.", sort: (row) => row[WORD], cell: word(lead) },
      ...(showBackend ? [text("backend", "", BACKEND)] : []),
      ...(searched ? [
        number(`${Data.noun} lost`, `${Data.noun} lost that are recoverable by one correction: that of the error with this word.`, RECOVERABLE),
        number("its part", `The ${Data.noun} lost that fall to it, each divided among the errors that took part (the Shapley value).`, PART, 1),
      ] : []),
      number("reference", "How often the references have it.", N_REFERENCE),
      number("correct", "How often it was recognised correctly.", N_CORRECT),
      text("recognised as", "What stood in its place, and how often.", RECOGNISED_AS),
      text("band", "How frequent it is in everyday text: its band of Zipf frequencies.", BAND),
      number("Zipf", "3 is once in a million words, each point less ten times rarer.", ZIPF, 2),
      number("sound", "How far off it sounded on average: 0 is the same sounds, 1 nothing in common.", SOUND, 2),
      ...(has(NBEST, "-") ? [text("in N-best", "Of the times it was misrecognised, those in which the recogniser's own alternatives had it. Where they do, rescoring would help.", NBEST)] : []),
      ...(has(BIAS, "no") ? [text("in bias list", "Whether the backend was given it.", BIAS)] : []),
    ];
  }

  // `open(filter)` shows the samples of a word.
  function start(open) {
    const table = Tables.grown(byId("words-table"), byId("words-more"), 12);
    const backends = [...new Set(Data.words.map((row) => row[BACKEND]))];
    options(byId("words-backend"), backends, backends.length > 1 ? "all" : null);
    if (backends.length) byId("words-backend").value = backends[0];
    byId("words-legend").append(...columns(false, null).map(({ heading, title }) =>
      make("div", {}, make("dt", {}, heading), make("dd", {}, title))));

    function show() {
      const wanted = byId("words-search").value.trim().toLowerCase();
      const backend = byId("words-backend").value;
      const rows = Data.words.filter((row) => row[RETRIEVER] === Views.retriever() && row[CONDITION] === Views.condition()
        && (!backend || row[BACKEND] === backend)
        && (!wanted || [WORD, PHRASE, RECOGNISED_AS].some((column) => row[column].toLowerCase().includes(wanted))));
      table.show(columns(!backend && backends.length > 1,
        (row) => open({ word: row[WORD], backend: row[BACKEND], condition: row[CONDITION] })), rows);
      byId("words-count").textContent = `${rows.length} ${rows.length === 1 ? "word" : "words"}`;
    }

    byId("words-search").addEventListener("input", show);
    byId("words-backend").addEventListener("change", show);
    Views.onChange(show);
    show();
  }

  return { start };
})();
