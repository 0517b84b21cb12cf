"use strict";
// Which samples the list shows. The filter stands in the address, so that a link shows the same samples again.
const Filters = (() => {
  const { byId, make, options } = Dom;
  const form = byId("filters");
  const MOST_VALUES = 80;
  const facets = Data.facets.filter((facet) => facet.values.length <= MOST_VALUES);
  const listeners = [];
  let word = "";

  function select(name, label, values, text = (value) => value) {
    const box = make("select", { name });
    options(box, values, "any", text);
    form.append(make("label", {}, `${label} `, box));
  }

  // The outcomes that some sample has with some retriever, losses first.
  function outcomes() {
    const letters = new Set(Data.fates.flatMap((of) => [...of]));
    return Object.keys(Data.outcomes).filter((name) => name !== "unjudged" && letters.has(name[0]));
  }

  function build() {
    if (outcomes().length) select("fate", "Outcome", outcomes(), (name) => Data.outcomes[name]);
    if (Data.backends.length > 1) select("backend", "Backend", Data.backends);
    if (Data.conditions.length > 1) select("condition", "Condition", Data.conditions);
    if (Object.keys(Data.runaway).length) select("runaway", "Transcript", ["ran away"]);
    for (const facet of facets) select(`group:${facet.name}`, facet.name, facet.values);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", changed);
    byId("filters-clear").addEventListener("click", () => set({}));
    byId("active-word").querySelector("button").addEventListener("click", () => { word = ""; changed(); });
  }

  // What is asked for, by name; empty entries are left out.
  function asked() {
    const wanted = {};
    for (const [name, value] of new FormData(form)) if (value.trim()) wanted[name] = value.trim();
    if (word) wanted.word = word;
    return wanted;
  }

  // Puts a filter into the form. Names and values that the page does not know are left out.
  function set(wanted) {
    for (const box of form.elements) {
      if (!box.name) continue;
      const value = wanted[box.name] ?? "";
      box.value = box.tagName !== "SELECT" || [...box.options].some((option) => option.value === value) ? value : "";
    }
    word = wanted.word ?? "";
    changed();
  }

  function changed() {
    const active = asked();
    byId("active-word").hidden = !word;
    byId("active-word").querySelector("span").replaceChildren("Only samples whose reference has the word ", Dom.outside(word));
    byId("filters-clear").hidden = !Object.keys(active).length;
    for (const listener of listeners) listener();
  }

  // The numbers of the samples that are asked for, losses first unless the order of the run is.
  function matching() {
    const active = asked();
    const retriever = Views.retriever();
    const text = active.q?.toLowerCase();
    const backend = active.backend === undefined ? -1 : Data.backends.indexOf(active.backend);
    const condition = active.condition === undefined ? -1 : Data.conditions.indexOf(active.condition);
    const chosen = facets.filter((facet) => active[`group:${facet.name}`] !== undefined)
      .map((facet) => [facet.of, facet.values.indexOf(active[`group:${facet.name}`])]);
    const indices = [];
    for (let i = 0; i < Data.count; i++) {
      if (backend >= 0 && Data.backend[i] !== backend) continue;
      if (condition >= 0 && Data.condition[i] !== condition) continue;
      if (active.fate && Data.fateOf(i, retriever) !== active.fate) continue;
      if (active.runaway && !(i in Data.runaway)) continue;
      if (chosen.some(([of, value]) => of[Data.utteranceAt[i]] !== value)) continue;
      if (word && !Data.inReference(i, word)) continue;
      if (text && !Data.searchable(i).includes(text)) continue;
      indices.push(i);
    }
    return active.order === "run" ? indices : Data.lossesFirst(indices, retriever);
  }

  return { build, asked, set, matching, onChange: (listener) => listeners.push(listener) };
})();
