// The command palette: Ctrl/Cmd+K or the search box in the top bar.
import { all, el, one, on } from "./dom.js";
import { fill, open } from "./dialogs.js";
import { composing } from "./keys.js";

const dialog = one("#kz-palette");
let timer;
let asked = 0;

const SEEN = "kz:seen";
const looked = () => { try { return JSON.parse(localStorage.getItem(SEEN) || "[]"); } catch { return []; } };
const record = one("[data-record]")?.dataset.record;
if (record) { // only the numbers are kept; titles come with the rights of whoever asks
  try { localStorage.setItem(SEEN, JSON.stringify([record, ...looked().filter((other) => other !== record)].slice(0, 12))); } catch { /* nothing is kept then */ }
  document.cookie = `kz_seen=${encodeURIComponent(looked().join(","))}; path=/search; max-age=2592000; samesite=lax`; // what was looked at lately ranks higher
}
const where = () => new URLSearchParams({ at: location.pathname, seen: looked().filter((other) => other !== record).join(",") });

// What the bar over a list offers for the ticked rows; the server says which of it fits the letters, pinyin included.
const deeds = () => all(".kz-bulk:not([hidden]) button[type=submit]");
const asking = () => deeds().map((button) => `&picked=${encodeURIComponent(button.textContent.trim())}`).join("");
function picked() {
  const bar = one(".kz-bulk:not([hidden])");
  const place = one("[data-palette-picked]", dialog);
  if (!bar || !place) return;
  const fitting = place.dataset.palettePicked.split(",");
  const buttons = deeds().filter((_button, at) => fitting.includes(String(at)));
  if (!buttons.length) return;
  place.append(el("div", { class: "kz-g" }, one("[data-bulk-text]", bar).textContent));
  buttons.forEach((button) => {
    const line = el("a", { class: "kz-cr", role: "option", href: "#", "data-press": true }, el("span", { class: "kz-av kz-sq kz-s32 kz-vio", "aria-hidden": "true" }, one("svg", button)?.cloneNode(true)), el("span", { class: "kz-ell" }, button.textContent.trim()));
    line.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); button.click(); });
    place.append(line);
  });
}

async function show(text = "") {
  if (!dialog || dialog.open) return;
  if (!(await fill(dialog, `${dialog.dataset.url}?${where()}${asking()}`))) return;
  picked();
  dialog.showModal();
  const input = one("[data-palette-input]", dialog);
  input.focus();
  if (text) { input.value = text; search(input); }
  choose(0);
}

async function search(input) {
  const mine = ++asked;
  const answer = await fetch(`${input.dataset.url}&${where()}&q=${encodeURIComponent(input.value)}${asking()}`, { headers: { "HX-Request": "true" } });
  const html = await answer.text();
  if (mine !== asked || !answer.ok) return;
  one("#kz-palette-results").innerHTML = html;
  picked();
  choose(0);
}

const lines = () => all("[role=option]", dialog);
function choose(at) {
  const found = lines();
  found.forEach((line, place) => { line.classList.toggle("on", place === at); line.setAttribute("aria-selected", String(place === at)); });
  found[at]?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("kz:palette", () => show());
on("click", "[data-palette-open]", (event) => { event.preventDefault(); show(); });
on("input", "[data-palette-input]", (event, input) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => search(input), 120);
});
on("compositionend", "[data-palette-input]", (event, input) => search(input));

on("keydown", "[data-palette-input]", (event) => {
  if (composing(event)) return;
  const found = lines();
  const at = found.findIndex((line) => line.classList.contains("on"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (found.length) choose((at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
  } else if (event.key === "Enter" && found[at]) {
    event.preventDefault();
    take(found[at], event.ctrlKey || event.metaKey);
  }
});

function take(line, beside) {
  if (line.hasAttribute("data-press")) { line.click(); return; }
  if (line.hasAttribute("data-dialog")) { dialog.close(); open("#kz-dialog", line.href); return; }
  if (line.hasAttribute("data-quick")) { dialog.close(); open("#kz-drawer", line.href); return; }
  if (beside) window.open(line.href, "_blank", "noopener");
  else window.location.assign(line.href);
}
on("click", "#kz-palette a[data-quick], #kz-palette a[data-dialog]", () => dialog.close());

// On a narrow screen the facets open above the results.
on("click", "[data-facets]", (event, button) => {
  const open_ = one("#kz-search").classList.toggle("kz-facets-open");
  button.setAttribute("aria-expanded", String(open_));
});

// The search page's facets apply themselves.
on("change", "form[data-live] input", (event, input) => input.form.requestSubmit());
