"use strict";
// Which retriever, condition and baseline the page shows; everything that belongs to another is hidden.
const Views = (() => {
  const { byId } = Dom;
  const listeners = [];
  const current = (id, first) => (byId(id) ? byId(id).value : first);
  const retriever = () => current("view-retriever", Data.retrievers[0] ?? "");
  const condition = () => current("view-condition", Data.conditions[0] ?? "");

  function show() {
    for (const element of document.querySelectorAll("[data-retriever], [data-condition]")) {
      const { retriever: of, condition: under } = element.dataset;
      element.hidden = (of !== undefined && of !== retriever()) || (under !== undefined && under !== condition());
    }
    const baseline = current("baseline", "");
    for (const element of document.querySelectorAll("[data-baseline]")) {
      element.hidden = element.dataset.baseline !== baseline;
    }
    for (const listener of listeners) listener();
  }

  function start() {
    for (const id of ["view-retriever", "view-condition", "baseline"]) byId(id)?.addEventListener("change", show);
  }

  // Shows another retriever, as a link to a sample may ask for.
  function setRetriever(label) {
    if (byId("view-retriever") && Data.retrievers.includes(label) && label !== retriever()) {
      byId("view-retriever").value = label;
      show();
    }
  }

  return { retriever, condition, setRetriever, start, onChange: (listener) => listeners.push(listener) };
})();
