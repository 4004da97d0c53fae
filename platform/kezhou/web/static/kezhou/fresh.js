// Rows that somebody else saved meanwhile are marked; a bar offers to show what is there now, without a reload.
import { all, el, one, on } from "./dom.js";
import { part } from "./live.js";

const shown = () => all("#kz-list [data-row][data-version]");

part((body) => {
  const list = one("#kz-list");
  if (!list || !one("#kz-fresh")) return;
  body.set("list", list.dataset.fresh);
  body.set("rows", shown().map((row) => `${row.dataset.row}:${row.dataset.version}`).join(","));
  body.set("since", list.dataset.since);
}, (answer) => {
  const bar = one("#kz-fresh");
  const found = answer.list;
  if (!bar || !found) return;
  const by = new Map(found.changed.map((row) => [String(row.pk), bar.dataset.mine.replace("%w", row.by)]));
  found.gone.forEach((pk) => by.set(String(pk), bar.dataset.gone));
  shown().forEach((row) => mark(row, by.get(row.dataset.row), found.gone.includes(Number(row.dataset.row))));
  bar.hidden = found.count === 0;
  if (found.count) one("span", bar).textContent = bar.dataset.text.replace("%n", found.count);
});

function mark(row, note, gone) {
  row.classList.toggle("kz-stale", note !== undefined);
  row.classList.toggle("kz-gone", gone);
  const old = one(".kz-stalenote", row);
  if (note === undefined) { old?.remove(); return; }
  if (old) { old.textContent = note; return; }
  one("a[data-open]", row)?.after(el("span", { class: "kz-stalenote" }, note));
}

// The list as it is now, in the place of the old one; what was ticked and where it was scrolled to stay.
export async function refresh() {
  const list = one("#kz-list");
  const answer = await fetch(location.href, { headers: { "X-Kezhou-Refresh": "1" } });
  if (!answer.ok) { location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = one("#kz-list", page);
  if (!now) { location.reload(); return; }
  const ticked = new Set(all("input[data-pick]:checked", list).map((box) => box.value));
  const scrolled = [one("#kz-table", list)?.scrollTop || 0, one("#kz-table", list)?.scrollLeft || 0];
  list.replaceWith(document.adoptNode(now));
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: now } }));
  all("input[data-pick]", now).forEach((box) => { box.checked = ticked.has(box.value); });
  const table = one("#kz-table", now);
  if (table) [table.scrollTop, table.scrollLeft] = scrolled;
  document.dispatchEvent(new CustomEvent("kz:list-shown"));
}

on("click", "[data-refresh]", refresh);
