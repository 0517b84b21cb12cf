"use strict";
// One sample with everything that is known of it.
const SampleView = (() => {
  const { byId, make, outside, webLink, copy } = Dom;
  const dialog = byId("sample"), body = byId("sample-body");
  const CLASSES = { rare_entity: `rare entity word${Data.guessed ? " (guessed)" : ""}`, rare_other: "other rare word", content: "content word", function: "function word" };
  const KINDS = { split: "split: recognised as more words", merge: "merge: recognised as fewer" };
  let current = -1, onMove = () => {}, closed = () => {};

  const figure = (number) => (Math.abs(number) < 0.005 ? "0" : number.toFixed(2).replace(/\.?0+$/, ""));
  const title = (text) => make("h3", {}, text);
  const copyButton = (text, label) => make("button", { type: "button", "aria-label": label,
    onclick: (event) => copy(text, event.currentTarget) }, "Copy");

  function player(index, details) {
    const address = Data.utterance(index)[2];
    if (!address) return { parts: [make("p", { class: "small" }, "The recording does not lie where this page could find it.")], from: null };
    const audio = make("audio", { controls: true, preload: "none" });
    audio.src = address;
    const trouble = make("p", { class: "small", hidden: true }, "The recording cannot be played: it is no longer beside this page, or this browser does not know its format.");
    audio.addEventListener("error", () => { trouble.hidden = false; });
    const note = Data.conditionOf(index) === "clean" ? null
      : make("p", { class: "small" }, "The recording as the suite has it, before the condition was applied.");
    // Plays from a little before a word, so that its onset is not cut.
    const from = (seconds) => {
      audio.currentTime = Math.max(0, seconds - 0.1);
      audio.play().catch(() => {});
    };
    return { parts: [audio, trouble, note], from: (seconds) => {
      if (audio.readyState >= 1) from(seconds);
      else {
        audio.addEventListener("loadedmetadata", () => from(seconds), { once: true });
        audio.load();
      }
    } };
  }

  function verdictOf(value, cf) {
    return value >= cf.fromReference ? `recovers the ${Data.one}` : value > cf.fromHypothesis ? "helps" : `does not recover the ${Data.one}`;
  }

  function regionRow(region, n, words, details, cf, restores, play) {
    const [rs, re, hs, he, kind, wordClass, begins, notation] = region;
    const hypothesis = details.hypothesis.slice(hs, he).join(" ");
    const cells = [
      make("th", { scope: "row" }, String(n + 1)),
      make("td", {}, rs < re ? outside(words.slice(rs, re).join(" ")) : make("i", {}, "nothing")),
      make("td", {}, hypothesis ? outside(hypothesis) : make("i", {}, "nothing")),
      make("td", {}, CLASSES[wordClass] ?? wordClass, make("span", { class: "interval" }, notation ? "notation variant" : KINDS[kind] ?? kind)),
    ];
    if (cf) {
      const error = cf.error.length ? ` ± ${figure(cf.error[n])}` : "";
      cells.push(
        make("td", { class: "number" }, figure(cf.shapley[n]) + error),
        make("td", {}, restores ? verdictOf(cf.repair[n], cf) : "-"),
        make("td", {}, cf.fromReference > 0 ? (cf.inject[n] === 0 ? `loses the ${Data.one}` : cf.inject[n] < cf.fromReference ? "lowers it" : "does no harm") : "-"));
    }
    cells.push(make("td", {}, begins !== null && play ? make("button", { type: "button", class: "play", dataset: { seconds: begins },
      "aria-label": `Play from ${begins} seconds`, onclick: () => play(begins) }, `▶ ${begins.toFixed(1)} s`) : "-"));
    return make("tr", {}, cells);
  }

  function regions(words, details, outcome, fate, play) {
    if (!details.regions.length) return [make("p", {}, "Every word is correct.")];
    const cf = outcome?.counterfactual;
    const headings = ["", "reference", "hypothesis", "class", ...(cf ? ["Shapley value", "corrected alone", "as the only error"] : []), "listen"];
    const table = make("table", {},
      make("thead", {}, make("tr", {}, headings.map((text) => make("th", { scope: "col", class: text === "Shapley value" ? "number" : "" }, text)))),
      make("tbody", {}, details.regions.map((region, n) => regionRow(region, n, words, details, cf, fate === "lost", play))));
    const parts = [make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Error regions" }, table)];
    if (fate === "lost" && cf) {
      const sets = cf.smallest.map((set) => set.map((n) => n + 1).join(" and "));
      parts.push(make("p", {}, sets.length ? `Fewest corrections that recover the ${Data.one}: ${sets.join(", or ")}.`
        : `No set of corrections recovers the ${Data.one}.`));
    }
    return parts;
  }

  // A snippet's text with the words of the query marked, rare ones strongly.
  function marked(text, query, rare) {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(/[\p{L}\p{N}']+/gu)) {
      const word = match[0].normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
      if (!query.has(word) || (Data.functionWords.has(word) && !rare.has(word))) continue;
      parts.push(Dom.visible(text.slice(end, match.index)), make("mark", { class: rare.has(word) ? "strong" : "" }, match[0]));
      end = match.index + match[0].length;
    }
    return [...parts, Dom.visible(text.slice(end))];
  }

  function ranking(heading, entries, rank, query, rare, snippets) {
    const items = entries.map(([at, score, gold]) => {
      const snippet = typeof at === "number" ? snippets[at] : null;
      const [id, name, text, address] = snippet ?? [at, "", "", ""];
      return make("li", {},
        gold ? make("span", { class: "gold" }, "★ relevant ") : null,
        make("span", { class: "title" }, address ? webLink(address, name || id) : outside(name || id)), ` (${figure(score)})`,
        text ? make("div", {}, make("bdi", {}, marked(text, query, rare))) : null);
    });
    const where = rank === null ? "No relevant snippet among the first ten." : rank === 1 ? "The first snippet is relevant."
      : `The first relevant snippet is number ${rank}.`;
    return make("div", {}, make("h4", {}, heading), make("p", { class: "small" }, entries.length ? where : "Nothing was found."),
      make("ol", {}, items));
  }

  // What raised an answer above the other candidates: "near 3 +2.10, kind, shape: person name +1.43".
  function because(reasons) {
    if (!reasons.length) return null;
    return make("div", { class: "small" }, "chosen by ", reasons.map(([name, gain]) => `${name} +${gain.toFixed(2)}`).join("; "));
  }

  function answers(outcome, accepted) {
    const rows = [["reference", outcome.referenceAnswer], ["hypothesis", outcome.hypothesisAnswer]].filter(([, answer]) => answer);
    const parts = [];
    if (rows.length) {
      parts.push(title("Answers"), make("table", {}, make("thead", {}, make("tr", {},
        ["from", "answer", "exact match", "F1"].map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, rows.map(([side, [text, em, f1, reasons]]) => make("tr", {}, make("th", { scope: "row" }, side),
        make("td", {}, text ? outside(text) : make("i", {}, "no answer"), because(reasons || [])),
        make("td", {}, em === null ? "-" : em ? "✓ yes" : "✗ no"), make("td", {}, f1 === null ? "-" : figure(f1)))))));
    }
    if (accepted.length) {
      parts.push(make("p", { class: "small" }, "Accepted: ", accepted.flatMap((text, n) => [n ? ", " : null, outside(text)])));
    }
    return parts;
  }

  function rareWords(words, details) {
    if (!details.rare.length) return [];
    const rows = details.rare.map(([position, zipf, band, entity, hypothesis, inNbest]) => make("tr", {},
      make("th", { scope: "row" }, outside(words[position])), make("td", { class: "number" }, zipf === null ? "-" : zipf.toFixed(2)), make("td", {}, band),
      make("td", {}, entity ? "yes" : "no"), make("td", {}, hypothesis === null ? "✓ correct" : hypothesis ? outside(hypothesis) : "nothing"),
      make("td", {}, inNbest === null ? "-" : inNbest ? "yes" : "no")));
    return [title("Rare words"), make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Rare words" },
      make("table", {}, make("thead", {}, make("tr", {},
        ["word", "Zipf", "band", Data.guessed ? "in a guessed name" : "in an entity mention", "recognised as", "in N-best"].map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, rows)))];
  }

  async function draw(index) {
    const [details, snippets] = await Promise.all([Data.details(index), Data.snippets()]);
    if (index !== current) return; // another sample was opened meanwhile
    const [, asked, reference] = Data.question(index);
    const words = reference ? reference.split(" ") : [];
    const retriever = Views.retriever(), fate = Data.fateOf(index, retriever), outcome = details.retrieval[retriever];
    const rare = new Set(details.rare.map(([position]) => words[position]));
    const sound = player(index, details);
    const facts = Data.facets.map((facet) => [facet.name, facet.values[facet.of[Data.utteranceAt[index]]]]).filter(([, v]) => v !== undefined);
    const id = Data.key(index), command = Data.command(index);
    body.replaceChildren(
      make("p", {}, SampleList.fate(index), " · ", outside(Data.backendOf(index)), " · ", outside(Data.conditionOf(index)),
        retriever ? [" · ", outside(retriever)] : null),
      ...(index in Data.runaway ? [make("p", { class: "notice" }, "This transcript ran away: ", outside(Data.runaway[index]))] : []),
      make("p", { class: "asked" }, outside(asked)),
      make("p", { class: "small" }, facts.flatMap(([name, value], n) => [n ? " · " : null, outside(name), " ", outside(value)])),
      ...(details.error ? [title("Failed"), make("p", {}, `While: ${details.error[0]}. `, outside(`${details.error[1]}: ${details.error[2]}`))]
        : [title("Reference over hypothesis"), make("p", { class: "small" },
          "Boxed: error regions, numbered. Wavy underline: substituted; struck: deleted; double underline: inserted; bold: rare."),
        Alignment.draw(words, details), ...sound.parts.filter(Boolean), title("Error regions"),
        ...regions(words, details, outcome, fate, sound.from)]),
      ...(outcome ? [title("Retrieval"), make("div", { class: "rankings" },
        ranking("From the reference", outcome.reference, outcome.referenceRank, new Set(words), rare, snippets),
        ranking("From the hypothesis", outcome.hypothesis, outcome.hypothesisRank, new Set(details.hypothesis), rare, snippets)),
      ...answers(outcome, details.answers)] : []),
      ...rareWords(words, details),
      ...(details.nbest ? [make("details", {}, make("summary", {}, `N-best (${details.nbest.length})`),
        make("ol", {}, details.nbest.map(([text]) => make("li", {}, outside(text)))))] : []),
      title("This sample"),
      make("p", { class: "command" }, make("code", {}, outside(id)), " ", copyButton(id, "Copy the id")),
      ...(command ? [make("p", { class: "command" }, make("code", {}, outside(command)), " ", copyButton(command, "Copy the command"))] : []));
    for (const item of [...body.children]) if (item.textContent === "" && item.tagName === "P") item.remove();
  }

  function show(index) {
    current = index;
    const place = SampleList.placeOf(index);
    byId("sample-title").textContent = place < 0 ? "Sample" : `Sample ${place + 1} of ${SampleList.size()}`;
    byId("sample-previous").disabled = place <= 0;
    byId("sample-next").disabled = place < 0 || place === SampleList.size() - 1;
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    byId("sample-title").focus({ preventScroll: true });
    return draw(index);
  }

  function move(step) {
    const index = SampleList.beside(current, step);
    if (index >= 0) onMove(index);
  }

  function start(moved, whenClosed) {
    onMove = moved;
    closed = whenClosed;
    byId("sample-previous").addEventListener("click", () => move(-1));
    byId("sample-next").addEventListener("click", () => move(1));
    byId("sample-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => {
      current = -1;
      body.replaceChildren(); // and with it stops the sound
      closed();
    });
    Views.onChange(() => { if (current >= 0) draw(current); });
  }

  return { start, show, move, close: () => dialog.open && dialog.close(), isOpen: () => dialog.open };
})();
