"use strict";
// Sorting: of tables that stand in the page, and of those that are grown from data.
const Tables = (() => {
  const { make } = Dom;

  // Numbers before text, what is missing last, whichever way round.
  function compared(a, b, descending) {
    const gone = (value) => value === null || value === undefined || value === "" || value === "-";
    if (gone(a) || gone(b)) return gone(a) - gone(b);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return descending ? -order : order;
  }

  function mark(header, descending) {
    for (const cell of header.parentElement.children) cell.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  function cellValue(cell) {
    const text = cell.dataset.value ?? (cell.querySelector(".value") ?? cell).textContent.trim();
    const number = cell.classList.contains("number") ? Number.parseFloat(text.replace("< ", "")) : Number(text || NaN);
    return Number.isNaN(number) ? text : number;
  }

  // Makes the headings of a table in the page sort its rows.
  function sortable(table) {
    for (const header of table.querySelectorAll("thead th")) {
      header.querySelector("button").addEventListener("click", () => {
        const column = [...header.parentElement.children].indexOf(header);
        const descending = header.getAttribute("aria-sort") === "ascending";
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => compared(cellValue(a.cells[column]), cellValue(b.cells[column]), descending));
        table.tBodies[0].append(...rows);
        mark(header, descending);
      });
    }
  }

  // A table that shows so many rows and more when asked. columns: {heading, title, number, sort(row), cell(row), first}.
  function grown(table, more, page = 50, step = 50) {
    let columns = [], rows = [], sorted = null, descending = false, shown = page, decorate = () => "", keepLast = () => false;

    function body() {
      const made = rows.slice(0, shown).map((row) => make("tr", { class: decorate(row) },
        columns.map((column, n) => make(n === 0 ? "th" : "td",
          { class: column.number ? "number" : "", scope: n === 0 ? "row" : null }, column.cell(row)))));
      table.tBodies[0].replaceChildren(...made);
      more.hidden = rows.length <= shown;
      more.textContent = `Show more (${rows.length - shown} left)`;
    }

    function sortBy(column, header) {
      descending = sorted === column ? !descending : Boolean(column.number);
      sorted = column;
      order();
      mark(header, descending);
      body();
    }

    function order() {
      if (!sorted) return;
      rows.sort((a, b) => keepLast(a) - keepLast(b) || compared(sorted.sort(a), sorted.sort(b), descending));
    }

    // Sets what is shown; the order that was chosen stays where its column does.
    function show(newColumns, newRows, options = {}) {
      decorate = options.decorate ?? decorate;
      keepLast = options.keepLast ?? keepLast;
      const again = columns.length && sorted ? newColumns.find((column) => column.heading === sorted.heading) : null;
      columns = newColumns;
      rows = newRows;
      shown = page;
      sorted = again ?? null;
      const headers = columns.map((column) => make("th", { scope: "col", class: column.number ? "number" : "" },
        make("button", { type: "button", title: column.title || null,
          onclick: (event) => sortBy(column, event.currentTarget.parentElement) }, column.heading)));
      table.replaceChildren(make("thead", {}, make("tr", {}, headers)), make("tbody"));
      if (sorted) {
        order();
        mark(headers[columns.indexOf(sorted)], descending);
      }
      body();
    }

    more.addEventListener("click", () => {
      const before = shown;
      shown += step;
      body();
      table.tBodies[0].rows[before]?.querySelector("button")?.focus();
    });
    return { show };
  }

  return { sortable, grown };
})();
