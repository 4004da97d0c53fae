// Rows inside a form: add, remove, move (drag or Alt with the arrows), paste many from a spreadsheet, totals while typing.
import { all, each, on, one, say } from "./dom.js";
import { composing } from "./keys.js";

const rowsOf = (box) => all("[data-line]", one("[data-line-rows]", box));
const boxOf = (element) => element.closest("[data-lines]");

function changed(box) {
  const count = one("[data-line-count]", box);
  if (count) count.textContent = String(rowsOf(box).length);
  total(box);
  (one("input[name$=__given]", box) || box).dispatchEvent(new Event("change", { bubbles: true }));
}

const indexOf = (row) => one("[name$='.pk']", row).name.split(".")[1];
let serial = 0;
function add(box, before = null, index = "") {
  const blank = one("[data-line-blank]", box);
  const place = one("[data-line-rows]", box);
  serial = Math.max(serial, ...rowsOf(box).map((row) => Number(indexOf(row)) || 0)) + (index ? 0 : 1);
  const made = document.createElement("tbody");
  made.innerHTML = blank.innerHTML.replaceAll("__n__", index || String(serial));
  const row = one("[data-line]", made);
  place.insertBefore(row, before);
  able(row);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: row } }));
  changed(box);
  return row;
}

function able(row) {
  all("[data-line-remove], [data-line-grip]", row).forEach((button) => { button.hidden = false; });
  one("[data-line-tick]", row)?.remove();
  row.draggable = false;
}

// A draft that this device kept may hold rows that were added, and lack those that were taken away, in another order.
document.addEventListener("kz:draft-taken", (event) => {
  let again = false;
  all("[data-lines]", event.target).forEach((box) => {
    const wanted = Object.keys(event.detail).filter((name) => name.startsWith(`${box.dataset.lines}.`) && name.endsWith(".pk")).map((name) => name.split(".")[1]);
    if (!wanted.length || one("fieldset:disabled", box)) return;
    const rows = new Map(rowsOf(box).map((row) => [indexOf(row), row]));
    if (wanted.join() === [...rows.keys()].join()) return;
    again = true;
    rows.forEach((row, index) => { if (!wanted.includes(index)) row.remove(); });
    wanted.forEach((index) => one("[data-line-rows]", box).append(rows.get(index) || add(box, null, index)));
    changed(box);
  });
  if (again) event.target.dispatchEvent(new CustomEvent("kz:draft-again"));
});

each("[data-lines]", (box) => {
  all("[data-line-spare]", box).forEach((row) => row.remove());
  rowsOf(box).forEach(able);
  all("[data-line-add], [data-line-hint]", box).forEach((part) => { part.hidden = Boolean(one("fieldset:disabled", box)); });
  total(box);
});

const controls = (row) => all("input:not([type=hidden]), select, textarea", row).filter((control) => control.offsetParent);
on("click", "[data-line-add]", (event, button) => {
  const box = boxOf(button);
  controls(add(box))[0]?.focus();
  say(box.dataset.added);
});
on("click", "[data-line-remove]", (event, button) => {
  const box = boxOf(button);
  const row = button.closest("[data-line]");
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  changed(box);
  (next ? one("[data-line-remove]", next) : one("[data-line-add]", box))?.focus();
  say(box.dataset.removed);
});

/* order */
function move(row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  const box = boxOf(row);
  const had = document.activeElement;
  row.parentElement.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
  had?.focus();
  changed(box);
  say(box.dataset.moved.replace("%n", String(rowsOf(box).indexOf(row) + 1)));
}
on("keydown", "[data-line]", (event, row) => {
  if (composing(event)) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Enter" && !event.shiftKey && event.target.matches("input:not([role=combobox])")) {
    event.preventDefault(); // a table is filled row by row; the form is saved by its button
    const next = row.nextElementSibling || add(boxOf(row));
    const at = controls(row).indexOf(event.target);
    controls(next)[Math.max(at, 0)]?.focus();
  }
});
let dragged = null;
on("pointerdown", "[data-line-grip]", (event, grip) => { grip.closest("[data-line]").draggable = true; });
on("dragstart", "[data-line]", (event, row) => {
  dragged = row;
  row.classList.add("kz-dragged");
  event.dataTransfer.effectAllowed = "move";
});
on("dragover", "[data-line]", (event, row) => {
  if (!dragged || row === dragged || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  row.parentElement.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? row : row.nextElementSibling);
});
on("dragend", "[data-line]", (event, row) => {
  row.classList.remove("kz-dragged");
  row.draggable = false;
  dragged = null;
  changed(boxOf(row));
});

/* paste: cells of a spreadsheet fall into the cells from here to the right and down */
function put(cell, text) {
  const control = one("select, textarea, input:not([type=hidden]):not([type=checkbox])", cell);
  if (!control) return;
  if (control.tagName === "SELECT") {
    const found = [...control.options].find((option) => option.text.trim() === text || option.value === text);
    if (found) control.value = found.value;
  } else if (control.type === "date") {
    const parts = text.match(/(\d{4})\D+(\d{1,2})\D+(\d{1,2})/);
    control.value = parts ? `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}` : "";
  } else {
    control.value = text;
  }
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
on("paste", "[data-line] input, [data-line] textarea", (event, control) => {
  const text = event.clipboardData?.getData("text/plain") || "";
  if (!/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const box = boxOf(control);
  let row = control.closest("[data-line]");
  const from = all("td", row).indexOf(control.closest("td"));
  text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").forEach((line, place) => {
    if (place) row = row.nextElementSibling || add(box);
    line.split("\t").forEach((value, step) => {
      const cell = all("td", row)[from + step];
      if (cell && !cell.classList.contains("kz-lact")) put(cell, value.trim());
    });
  });
  changed(box);
});

/* totals: what can be read as a number counts; the server has the last word */
function read(text) {
  const plain = text.normalize("NFKC").replace(/[,\s¥元]/g, "");
  const value = Number(plain);
  return plain && Number.isFinite(value) ? value : 0;
}
function total(box) {
  all("[data-line-total]", box).forEach((place) => {
    const key = place.dataset.lineTotal;
    const cells = all(`[data-line-rows] [name$='.${CSS.escape(key)}']`, box);
    const sum = cells.reduce((whole, cell) => whole + read(cell.value), 0);
    place.textContent = sum.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  });
}
on("input", "[data-line] input", (event, input) => total(boxOf(input)));
