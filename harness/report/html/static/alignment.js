"use strict";
// Reference over hypothesis, word by word, with the error regions boxed and numbered.
const Alignment = (() => {
  const { make, outside } = Dom;
  const NAMES = { h: "heard right", s: "heard as another word", d: "not heard", i: "added" };

  function word(text, kind) {
    return make("span", { class: `${kind}-word` }, text === null ? make("span", { class: "nothing" }, "—") : outside(text));
  }

  function pair(step, tag) {
    return make(tag, { class: `pair ${step.operation}${step.rare ? " rare" : ""}` },
      word(step.said, "said"), make("span", { class: "visually-hidden" }, `, ${NAMES[step.operation]}: `), word(step.heard, "heard"));
  }

  // The steps of an alignment; operations are h(it), s(ubstitution), d(eletion) and i(nsertion).
  function steps(said, details) {
    const rare = new Set(details.rare.map(([position]) => position));
    let reference = 0, hypothesis = 0;
    return [...details.ops].map((operation) => {
      const inSaid = operation !== "i", inHeard = operation !== "d";
      return {
        operation,
        rare: inSaid && rare.has(reference),
        said: inSaid ? said[reference++] : null,
        heard: inHeard ? details.heard[hypothesis++] : null,
      };
    });
  }

  function draw(said, details) {
    const list = make("ol", { class: "aligned" });
    let region = null, number = 0;
    for (const step of steps(said, details)) {
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
