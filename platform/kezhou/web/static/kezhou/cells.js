// Editing in the list: double click, Enter or F2 on a cell; Enter saves, Esc leaves, Tab saves and goes on. The new value is shown
// at once and taken back when the server refuses it.
import { all, cookie, el, on, one } from "./dom.js";
import { askToSignIn, refusal, toast } from "./requests.js";
import { composing } from "./keys.js";

const ask = { headers: { "HX-Request": "true" } };
const address = (cell) => `/r/${one("#kz-list").dataset.type}/${cell.closest("[data-row]").dataset.row}/field/${cell.dataset.cell}?cell`;
let open = null;

async function begin(cell, html = null) {
  if (open?.cell === cell && html === null) return;
  close();
  let text = html;
  if (text === null) {
    const answer = await fetch(address(cell), ask);
    if (answer.headers.get("X-Kezhou-Session") === "expired") { askToSignIn(() => begin(cell)); return; }
    if (!answer.ok) { toast(refusal(answer), "no"); return; }
    text = await answer.text();
  }
  const box = el("div", { class: "kz-cellpop" });
  box.innerHTML = text;
  const form = one("form", box);
  form.removeAttribute("data-inline-form");
  form.setAttribute("data-cell-form", "");
  form.action = address(cell);
  cell.append(box);
  cell.classList.add("kz-celling");
  open = { cell, box };
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: box } }));
  const control = one("[aria-invalid=true], input:not([type=hidden]), select, textarea", box);
  control?.focus();
  control?.select?.();
}

function close() {
  if (!open) return;
  const { cell, box } = open;
  open = null;
  box.remove();
  cell.classList.remove("kz-celling");
}

function wanted(form) {
  const select = one("select", form);
  if (select) return select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : "—";
  const ticked = all("input:checked + span", form).map((text) => text.textContent);
  if (ticked.length) return ticked.join("、");
  return (one("input:not([type=hidden]), textarea", form)?.value || "").trim() || "—";
}

async function save(form, next = null) {
  const { cell } = open;
  const row = cell.closest("[data-row]");
  const body = new FormData(form);
  const shown = wanted(form);
  close();
  const kept = [...cell.childNodes];
  cell.replaceChildren(shown);
  cell.classList.add("kz-saving");
  if (next) begin(next);
  else cell.focus();
  let answer = null;
  try { answer = await fetch(address(cell), { method: "POST", body, headers: { ...ask.headers, "X-CSRFToken": cookie("csrftoken") } }); } catch { toast(document.body.dataset.offline, "no"); }
  cell.classList.remove("kz-saving");
  if (answer?.headers.get("X-Kezhou-Session") === "expired") { cell.replaceChildren(...kept); askToSignIn(() => begin(cell)); return; }
  if (answer?.ok) {
    cell.innerHTML = await answer.text();
    row.dataset.version = answer.headers.get("X-Kezhou-Version");
    row.classList.remove("kz-stale");
    one(".kz-stalenote", row)?.remove();
    return;
  }
  cell.replaceChildren(...kept);
  if (answer && (answer.status === 422 || answer.status === 409)) begin(cell, await answer.text());
  else if (answer) toast(refusal(answer), "no");
}

function neighbour(cell, step) {
  const cells = all("td[data-cell]", cell.closest("table"));
  return cells[cells.indexOf(cell) + step] || null;
}

on("dblclick", "td[data-cell]", (event, cell) => { if (!event.target.closest(".kz-cellpop")) { event.preventDefault(); begin(cell); } });
on("keydown", "td[data-cell]", (event, cell) => {
  if (composing(event)) return;
  const inside = event.target.closest("[data-cell-form]");
  if (!inside) {
    if (event.target === cell && (event.key === "Enter" || event.key === "F2")) { event.preventDefault(); begin(cell); }
    return;
  }
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); cell.focus(); }
  else if (event.key === "Tab") { event.preventDefault(); save(inside, neighbour(cell, event.shiftKey ? -1 : 1)); }
  else if (event.key === "Enter" && !event.target.matches("textarea, button") && one("[role=combobox][aria-expanded=true]", inside) === null) { event.preventDefault(); save(inside); }
});
on("submit", "[data-cell-form]", (event, form) => { event.preventDefault(); save(form); });
on("click", "[data-cell-form] [data-inline-cancel]", (event) => { event.stopPropagation(); const { cell } = open; close(); cell.focus(); });
document.addEventListener("pointerdown", (event) => { if (open && event.target instanceof Element && !open.cell.contains(event.target)) close(); });
