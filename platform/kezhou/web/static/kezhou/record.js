// The record page: neighbours in the list one came from, parts on narrow screens, last changes of a field, news from others.
import { all, each, el, one, on } from "./dom.js";
import { part } from "./live.js";
import { place } from "./popovers.js";

const ask = { headers: { "HX-Request": "true" } };

/* neighbours; at the end of a page of the list the next one is fetched */
const keyOf = (steps) => `kz:list:${steps.dataset.steps}`;
const known = (steps) => JSON.parse(sessionStorage.getItem(keyOf(steps)) || "null");

async function further(steps, list, way) {
  const answer = await fetch(list[way] || "", { headers: { Accept: "text/html" } });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = all("[data-row]", page).map((row) => row.dataset.row);
  const at = new URL(list[way], location.origin + list.url);
  const link = (rel) => { const found = one(`a[rel=${rel}]`, page); return found ? new URL(found.getAttribute("href"), at).href : ""; };
  sessionStorage.setItem(keyOf(steps), JSON.stringify({ url: at.pathname + at.search, rows, next: link("next"), prev: link("prev") }));
  return way === "next" ? rows[0] : rows.at(-1);
}

each("[data-steps]", (steps) => {
  const list = known(steps);
  if (!list) return;
  all(".kz-crumb a").forEach((link) => { if (list.url.startsWith(link.getAttribute("href"))) link.href = list.url; });
  const at = list.rows.indexOf(steps.dataset.pk);
  if (at < 0) return;
  steps.hidden = false;
  one("[data-step-text]", steps).textContent = `${at + 1} / ${list.rows.length}`;
  all("[data-step]", steps).forEach((link) => {
    const step = Number(link.dataset.step);
    const next = list.rows[at + step];
    const way = step > 0 ? "next" : "prev";
    if (next) link.href = `/r/${steps.dataset.steps}/${next}`;
    else if (list[way]) {
      link.href = list[way];
      link.addEventListener("click", async (event) => {
        event.preventDefault();
        const found = await further(steps, list, way);
        location.assign(found ? `/r/${steps.dataset.steps}/${found}` : list.url);
      });
    } else { link.removeAttribute("href"); link.setAttribute("aria-disabled", "true"); }
  });
});

/* narrow screens: one part at a time */
function show(record, pane) {
  record.dataset.pane = pane;
  all("[data-pane]", one(".kz-panes", record)).forEach((button) => {
    button.classList.toggle("on", button.dataset.pane === pane);
    button.setAttribute("aria-pressed", String(button.dataset.pane === pane));
  });
}
each(".kz-record[data-news]", (record) => show(record, "stream"));
on("click", ".kz-panes [data-pane]", (event, button) => show(button.closest(".kz-record"), button.dataset.pane));

/* the last changes of one field */
let resting;
async function changesOf(link, chosen) {
  const popover = one("#kz-fieldchanges");
  const answer = await fetch(link.href, ask);
  if (!answer.ok) { if (chosen) location.assign(link.href); return; }
  popover.innerHTML = await answer.text();
  popover.showPopover();
  place(popover, link);
  if (!chosen) return;
  one("a", popover)?.focus({ preventScroll: true });
  popover.addEventListener("toggle", (change) => { if (change.newState === "closed") link.focus({ preventScroll: true }); }, { once: true });
}
on("click", "[data-changes]", (event, link) => {
  if (!one("#kz-fieldchanges") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  clearTimeout(resting);
  changesOf(link, true);
});
on("pointerover", "[data-changes]", (event, link) => { // a mouse that rests on it is enough
  if (event.pointerType !== "mouse" || !one("#kz-fieldchanges") || one("#kz-fieldchanges:popover-open")) return;
  clearTimeout(resting);
  resting = setTimeout(() => changesOf(link, false), 400);
});
on("pointerout", "[data-changes]", () => clearTimeout(resting));

/* what others did meanwhile */
const watched = () => one("[data-news]");
function news(page, line) {
  const at = one("[data-news-at]", page);
  if (at) at.replaceChildren(line);
}
const opened = new Date().toISOString();
part((body) => {
  const page = watched();
  if (!page || page.dataset.lost) return;
  body.set("record", page.dataset.news);
  body.set("version", page.dataset.version);
  body.set("seen", one("[data-since]", page)?.dataset.since || opened);
  if (page.matches("form")) body.set("editing", "1");
}, (answer) => {
  const page = watched();
  if (!page || !answer.record) return;
  if (answer.record.gone && page.dataset.gone) {
    page.dataset.lost = "1";
    news(page, el("div", { class: "kz-note kz-bad kz-news", role: "alert" }, page.dataset.gone));
  } else if (answer.record.line) {
    const made = el("div");
    made.innerHTML = answer.record.line;
    if (made.firstElementChild) news(page, made.firstElementChild);
  }
});
document.addEventListener("kz:record-changed", () => { // one's own change is no news
  const record = one(".kz-record[data-version]");
  if (record) record.dataset.version = String(Number(record.dataset.version) + 1);
});
