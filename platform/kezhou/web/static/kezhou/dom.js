// Small things that every module needs.
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Listen on the document for events below elements that match, also those that come later by a swap.
export function on(type, selector, handle, options) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) handle(event, found);
  }, options);
}

// Run once for each matching element, now and after every swap (htmx tells of the whole page once more when it starts).
export function each(selector, setUp) {
  const done = new WeakSet();
  const once = (element) => {
    if (done.has(element)) return;
    done.add(element);
    setUp(element);
  };
  const run = (root) => {
    if (root instanceof Element && root.matches(selector)) once(root);
    all(selector, root).forEach(once);
  };
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
  if (document.readyState !== "loading") run(document);
  else document.addEventListener("DOMContentLoaded", () => run(document));
}

export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

// Words in the page's language: templates put them into data attributes, so scripts hold none.
export const word = (element, name) => element.dataset[name] || "";

export function say(text) {
  const live = one("#kz-live");
  if (live) live.textContent = text;
}

export function icon(name, css = "") {
  const sprite = one("use[href]")?.getAttribute("href").split("#")[0] || "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `ti ${css}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

// Build an element: el("button", {class: "btn", type: "button"}, "text", child)
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}
