"use strict";
// What the page carries: columns at hand, and packs of details that are opened when a sample is looked at.
const Data = (() => {
  const all = JSON.parse(document.getElementById("data").textContent);
  const samples = all.samples;
  const FATES = { l: "lost", g: "gained", k: "kept", n: "never", f: "failed", "-": "unjudged" };
  const KEPT_PACKS = 6;
  const packs = document.getElementsByClassName("pack");
  const opened = new Map();
  let snippetsOpened = null;

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  // The details of one sample.
  async function details(index) {
    const number = Math.floor(index / samples.packSize);
    if (!opened.has(number)) {
      if (opened.size >= KEPT_PACKS) opened.delete(opened.keys().next().value);
      opened.set(number, unpack(packs[number].textContent));
    }
    return (await opened.get(number))[index % samples.packSize];
  }

  function snippets() {
    snippetsOpened ??= unpack(document.getElementById("snippets").textContent);
    return snippetsOpened;
  }

  const count = samples.utterance.length;
  const { noun, guessed, few } = all.rules;
  const one = noun.slice(0, -1); // hit, answer
  // What became of the run's outcome, with its noun.
  const OUTCOMES = { lost: `${one} lost`, gained: `${one} gained`, kept: `${one} kept`, never: `never a${noun === "answers" ? "n" : ""} ${one}`, failed: "failed", unjudged: "" };
  const ORDER = ["lost", "gained", "never", "kept", "unjudged", "failed"];
  const utterance = (i) => samples.utterances[samples.utterance[i]];
  const question = (i) => samples.questions[utterance(i)[1]];
  const backend = (i) => samples.backends[samples.backend[i]];
  const condition = (i) => samples.conditions[samples.condition[i]];
  const key = (i) => `${utterance(i)[0]}|${condition(i)}|${backend(i)}`;
  const fate = (i, retriever) => FATES[samples.fates[Math.max(0, samples.retrievers.indexOf(retriever))][i]];

  // Losses first, what failed last; where nothing is judged, the samples with most rare words misrecognised. Stable.
  function lossesFirst(indices, retriever) {
    if (!samples.retrievers.length) {
      const rank = (i) => (fate(i, "") === "failed" ? -1 : samples.missed[i]);
      return [...indices].sort((a, b) => rank(b) - rank(a));
    }
    const byFate = Object.fromEntries(ORDER.map((name) => [name, []]));
    for (const i of indices) byFate[fate(i, retriever)].push(i);
    return ORDER.flatMap((name) => byFate[name]);
  }

  let byKey = null;
  function indexOf(wanted) {
    if (!byKey) {
      byKey = new Map();
      for (let i = 0; i < count; i++) byKey.set(key(i), i);
    }
    return byKey.get(wanted) ?? -1;
  }

  // Lower-case text that a search looks through, made when first asked for.
  let texts = null;
  function searchable(i) {
    if (!texts) {
      texts = samples.hypothesis.map((hypothesis, at) => {
        const [, asked, reference] = question(at);
        return `${asked}\n${reference}\n${hypothesis}\n${utterance(at)[0]}`.toLowerCase();
      });
    }
    return texts[i];
  }

  // Whether a word is a token of the normalised reference.
  let tokens = null;
  function inReference(i, word) {
    tokens ??= samples.questions.map(([, , reference]) => new Set(reference.split(" ")));
    return tokens[utterance(i)[1]].has(word);
  }

  function command(i) {
    const quoted = (text) => (/^[A-Za-z0-9@%+=:,.\/_-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
    const line = all.rerun.commands[`${backend(i)}\n${condition(i)}`];
    return line ? line.split(all.rerun.place).join(quoted(utterance(i)[0])) : "";
  }

  return { ...samples, noun, one, guessed, few, outcomes: OUTCOMES, lossesFirst, functionWords: new Set(all.functionWords), utteranceAt: samples.utterance, words: all.words, groups: all.groups, count, utterance, question, backendOf: backend,
    conditionOf: condition, key, fateOf: fate, indexOf, searchable, inReference, command, details, snippets };
})();
