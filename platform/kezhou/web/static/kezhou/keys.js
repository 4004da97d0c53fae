// Shortcuts: off in inputs, in dialogs and while Chinese is being composed.
import { all, one } from "./dom.js";
import { open } from "./dialogs.js";

const writing = (target) => target instanceof Element
  && (target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable=true]") !== null);

export const composing = (event) => event.isComposing || event.keyCode === 229;

function move(step) {
  const rows = all("[data-row]");
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("kz-here"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
  rows.forEach((row) => row.classList.toggle("kz-here", row === next));
  next.scrollIntoView({ block: "nearest" });
  one("a[data-open]", next)?.focus({ preventScroll: true });
  return true;
}

const here = () => one("[data-row].kz-here");
const follow = (selector, root = document) => {
  const link = one(selector, root);
  if (!link) return false;
  link.click();
  return true;
};

const actions = {
  j: () => move(1) || follow("[data-steps]:not([hidden]) a[data-step='1'][href]"),
  k: () => move(-1) || follow("[data-steps]:not([hidden]) a[data-step='-1'][href]"),
  x: () => { const box = here() && one("input[data-pick]", here()); if (!box) return false; box.click(); return true; },
  o: () => here() && follow("a[data-open]", here()),
  e: () => (here() ? follow("a[data-edit]", here()) : follow("a[data-edit]")),
  c: () => follow("[data-quick]"),
  n: () => follow("[data-inbox-open]"),
  "/": () => { const box = one("[data-list-search]") || one(".kz-gsearch input"); if (!box) return false; box.focus(); box.select(); return true; },
  "?": () => { const help = one("[data-help]"); if (!help) return false; open("#kz-dialog", help.href); return true; },
};

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) return;
  const modified = event.ctrlKey || event.metaKey;
  if (modified && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("kz:palette"));
    return;
  }
  if (modified && event.key === "Enter") {
    const form = event.target instanceof Element ? event.target.closest("form[data-save]") : null;
    if (form) { event.preventDefault(); (one(event.shiftKey ? "[data-save-new]" : "[type=submit].btn-primary", form) || one("[type=submit]", form)).click(); }
    return;
  }
  if (modified || event.altKey || writing(event.target) || one("dialog[open]")) return;
  const act = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act && act()) event.preventDefault();
});

if (/Mac|iPhone|iPad/.test(navigator.platform)) all("[data-mod]").forEach((key) => { key.textContent = `⌘ ${key.dataset.mod}`; });
