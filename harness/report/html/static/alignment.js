"use strict";
// Reference over hypothesis, word by word, with the error regions boxed and numbered.
const Alignment = (() => {
  const { make, outside } = Dom;
  const NAMES = { h: "correct", s: "substituted by", d: "deleted", i: "inserted" };

  function word(text, kind) {
    return make("span", { class: `${kind}-word` }, text === null ? make("span", { class: "nothing" }, "—") : outside(text));
  }

  function pair(step, tag) {
    return make(tag, { class: `pair ${step.operation}${step.rare ? " rare" : ""}` },
      word(step.reference, "reference"), make("span", { class: "visually-hidden" }, `, ${NAMES[step.operation]}: `), word(step.hypothesis, "hypothesis"));
  }

  // The steps of an alignment; operations are h(it), s(ubstitution), d(eletion) and i(nsertion).
  function steps(words, details) {
    const rare = new Set(details.rare.map(([at]) => at));
    let position = 0, place = 0;
    return [...details.ops].map((operation) => {
      const inReference = operation !== "i", inHypothesis = operation !== "d";
      return {
        operation,
        rare: inReference && rare.has(position),
        reference: inReference ? words[position++] : null,
        hypothesis: inHypothesis ? details.hypothesis[place++] : null,
      };
    });
  }

  function draw(words, details) {
    const list = make("ol", { class: "aligned" });
    let region = null, number = 0;
    for (const step of steps(words, details)) {
      if (step.operation === "h") {
        region = null;
        list.append(pair(step, "li"));
        continue;
      }
      if (!region) {
        const kind = details.regions[number][5];
        number += 1;
        region = make("li", { class: `region here-${kind}` }, make("span", { class: "tag" }, String(number)));
        list.append(region);
      }
      region.append(pair(step, "span"));
    }
    return list;
  }

  return { draw };
})();
