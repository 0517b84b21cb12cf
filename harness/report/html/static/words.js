"use strict";
// The table of words that cost answers.
const Words = (() => {
  const { byId, make, outside, options } = Dom;
  const [BACKEND, CONDITION, RETRIEVER, WORD, ZIPF, ZIPF_TEXT, BAND, N_REFERENCE, N_CORRECT, RECOGNISED_AS, RECOVERABLE, PART, PART_TEXT, NBEST, BIAS,
    SOUND, SOUND_TEXT] = Array.from({ length: 17 }, (_, n) => n);
  const number = (heading, value, text = value) => ({ heading, number: true, sort: (row) => row[value], cell: (row) => row[text] });
  const words = (heading, value) => ({ heading, sort: (row) => row[value], cell: (row) => outside(row[value]) });

  function columns(showBackend, lead) {
    const link = (row) => make("button", { type: "button", class: "link", onclick: () => lead(row) }, outside(row[WORD]));
    return [
      { heading: "word", sort: (row) => row[WORD], cell: link },
      ...(showBackend ? [words("backend", BACKEND)] : []),
      words("band", BAND), number("Zipf", ZIPF, ZIPF_TEXT), number("said", N_REFERENCE), number("right", N_CORRECT),
      words("heard as", RECOGNISED_AS), number("answers lost", RECOVERABLE), number("its part", PART, PART_TEXT),
      words("in N-best", NBEST), words("in bias list", BIAS), number("sound", SOUND, SOUND_TEXT),
    ];
  }

  // `open(filter)` shows the samples of a word.
  function start(open) {
    const table = Tables.grown(byId("words-table"), byId("words-more"), 12);
    const backends = [...new Set(Data.words.map((row) => row[BACKEND]))];
    options(byId("words-backend"), backends, backends.length > 1 ? "all" : null);
    if (backends.length) byId("words-backend").value = backends[0];

    function show() {
      const find = byId("words-search").value.trim().toLowerCase();
      const backend = byId("words-backend").value;
      const rows = Data.words.filter((row) => row[RETRIEVER] === Views.retriever() && row[CONDITION] === Views.condition()
        && (!backend || row[BACKEND] === backend)
        && (!find || row[WORD].toLowerCase().includes(find) || row[RECOGNISED_AS].toLowerCase().includes(find)));
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
