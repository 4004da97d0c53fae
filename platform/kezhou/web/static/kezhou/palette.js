// The command palette: Ctrl/Cmd+K or the search box in the top bar.
import { all, one, on } from "./dom.js";
import { fill, open } from "./dialogs.js";
import { composing } from "./keys.js";

const dialog = one("#kz-palette");
let timer;
let asked = 0;

async function show(text = "") {
  if (!dialog || dialog.open) return;
  if (!(await fill(dialog, dialog.dataset.url))) return;
  dialog.showModal();
  const input = one("[data-palette-input]", dialog);
  input.focus();
  if (text) { input.value = text; search(input); }
  choose(0);
}

async function search(input) {
  const mine = ++asked;
  const answer = await fetch(`${input.dataset.url}&q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } });
  const html = await answer.text();
  if (mine !== asked || !answer.ok) return;
  one("#kz-palette-results").innerHTML = html;
  choose(0);
}

const lines = () => all("[role=option]", dialog);
function choose(at) {
  const found = lines();
  found.forEach((line, place) => { line.classList.toggle("on", place === at); line.setAttribute("aria-selected", String(place === at)); });
  found[at]?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("kz:palette", () => show());
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
  if (line.hasAttribute("data-quick")) { dialog.close(); open("#kz-drawer", line.href); return; }
  if (beside) window.open(line.href, "_blank", "noopener");
  else window.location.assign(line.href);
}
on("click", "#kz-palette a[data-quick]", () => dialog.close());

// On a narrow screen the facets open above the results.
on("click", "[data-facets]", (event, button) => {
  const open_ = one("#kz-search").classList.toggle("kz-facets-open");
  button.setAttribute("aria-expanded", String(open_));
});

// The search page's facets apply themselves.
on("change", "form[data-live] input", (event, input) => input.form.requestSubmit());
