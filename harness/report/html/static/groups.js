"use strict";
// Every figure by group. Groups of too few questions are grey and stand last, however the table is sorted.
const Groups = (() => {
  const { byId, make, outside, options } = Dom;
  const [VALUE, TEXT, INTERVAL, N, FEW] = [0, 1, 2, 3, 4]; // of a cell
  const [GROUP, BACKEND, CONDITION, RETRIEVER, QUESTIONS, UTTERANCES, CELLS] = [0, 1, 2, 3, 4, 5, 6];
  const kindOf = (group) => (group === "all" ? "all" : group.slice(0, group.indexOf(":")));
  const valueOf = (group) => (group === "all" ? "all" : group === "band:none" ? "no name" : group.slice(group.indexOf(":") + 1));
  const small = (row) => row[GROUP] !== "all" && row[QUESTIONS] !== null && row[QUESTIONS] < Data.few;

  function figure(cell, of) {
    if (!cell) return "-";
    return make("span", { class: cell[FEW] ? "few" : "", title: cell[FEW] ? `Of fewer than ${Data.few}: too few to quote.` : null },
      make("span", { class: "value" }, cell[TEXT]),
      cell[INTERVAL] ? make("span", { class: "interval" }, cell[INTERVAL]) : null,
      cell[N] !== null ? make("span", { class: "n" }, `${cell[N]} ${of}`) : null);
  }

  function start() {
    const { columns, sets, rows } = Data.groups;
    const table = Tables.grown(byId("groups-table"), byId("groups-more"), 60);
    const kinds = [...new Set(rows.map((row) => kindOf(row[GROUP])))].filter((kind) => kind !== "all");
    const preferred = ["band", "speaker", "accent", "domain", "relation"];
    const place = (kind) => (preferred.includes(kind) ? preferred.indexOf(kind) : preferred.length);
    kinds.sort((a, b) => place(a) - place(b));
    if (Data.conditions.length > 1) kinds.push("condition");
    options(byId("groups-kind"), [...kinds, "all"]);
    options(byId("groups-backend"), Data.backends, Data.backends.length > 1 ? "all" : null);
    options(byId("groups-set"), Object.keys(sets));

    function show() {
      const kind = byId("groups-kind").value, backend = byId("groups-backend").value;
      const byCondition = kind === "condition";
      const chosen = rows.filter((row) => kindOf(row[GROUP]) === (byCondition ? "all" : kind)
        && (byCondition || row[CONDITION] === Views.condition())
        && row[RETRIEVER] === Views.retriever() && (!backend || row[BACKEND] === backend));
      const head = [
        { heading: kind, sort: (row) => chosen.indexOf(row), cell: (row) => outside(byCondition ? row[CONDITION] : valueOf(row[GROUP])) },
        ...(backend ? [] : [{ heading: "backend", sort: (row) => row[BACKEND], cell: (row) => outside(row[BACKEND]) }]),
        { heading: "questions", number: true, sort: (row) => row[QUESTIONS], cell: (row) => row[QUESTIONS] ?? "-" },
        { heading: "utterances", number: true, sort: (row) => row[UTTERANCES], cell: (row) => row[UTTERANCES] || "-" },
      ];
      const figures = sets[byId("groups-set").value].map((n) => ({
        heading: columns[n][0], title: columns[n][1], number: true,
        sort: (row) => (row[CELLS][n] ? row[CELLS][n][VALUE] : null), cell: (row) => figure(row[CELLS][n], columns[n][2]),
      }));
      const used = figures.filter((column) => chosen.some((row) => column.sort(row) !== null));
      const order = new Map(chosen.map((row, n) => [row, n]));
      head[0].sort = (row) => order.get(row);
      table.show([...head, ...used], [...chosen].sort((a, b) => small(a) - small(b)), {
        decorate: (row) => (small(row) ? "small-group" : ""), keepLast: small,
      });
    }

    for (const id of ["groups-kind", "groups-backend", "groups-set"]) byId(id).addEventListener("change", show);
    Views.onChange(show);
    show();
  }

  return { start };
})();
