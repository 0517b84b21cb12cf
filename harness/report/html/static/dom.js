"use strict";
// Elements made one by one, with text as text: nothing here, or anywhere on this page, parses markup.
const Dom = (() => {
  const UNSEEN = /UNSEEN_CHARACTERS/gu; // filled in from unseen.py

  // Characters that nobody would see are written out: a<U+202E>b becomes a[U+202E]b.
  function visible(text) {
    return String(text).replace(UNSEEN, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
  }

  // An element with attributes and children. Text children are made visible; null ones are left out.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") element.className = value;
      else if (name === "dataset") Object.assign(element.dataset, value);
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, visible(value));
    }
    for (const child of children.flat()) {
      if (child === null || child === undefined) continue;
      element.append(child instanceof Node ? child : visible(child));
    }
    return element;
  }

  // Text from outside in an element of its own, so that its direction cannot reorder what stands around it.
  function outside(text, attributes = {}) {
    return make("bdi", attributes, text);
  }

  // A link to a web address, or plain text where it is none. Only http and https are addresses.
  function webLink(address, text) {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      return outside(text);
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") return outside(text);
    const link = make("a", { rel: "noopener noreferrer", target: "_blank" }, outside(text));
    link.href = url.href;
    return link;
  }

  function options(select, values, any, text = (value) => value) {
    select.replaceChildren();
    if (any) select.append(make("option", { value: "" }, any));
    for (const value of values) {
      const option = make("option", {}, text(value));
      option.value = value;
      select.append(option);
    }
  }

  async function copy(text, button) {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { class: "visually-hidden" });
      area.value = text;
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1200);
  }

  const byId = (id) => document.getElementById(id);
  return { visible, make, outside, webLink, options, copy, byId };
})();
