// Lists: choosing rows, the bulk bar, sorting by several columns, what the record page needs to go on from here.
import { all, cookie, each, el, one, on } from "./dom.js";

const table = () => one("#kz-table");
let last = null;

function picked() { return all("input[data-pick]:checked", table() || document); }

function refresh() {
  const form = table();
  if (!form) return;
  const boxes = all("input[data-pick]", form);
  const chosen = picked();
  boxes.forEach((box) => box.closest("tr").classList.toggle("kz-sel", box.checked));
  const whole = one("[data-pick-all]", form);
  if (whole) {
    whole.checked = chosen.length > 0 && chosen.length === boxes.length;
    whole.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const bar = one(".kz-bulk", form);
  bar.hidden = chosen.length === 0;
  const everything = one("input[name=all]", bar);
  if (chosen.length < boxes.length) everything.value = "";
  const total = Number(bar.dataset.total) || 0;
  const text = one("[data-bulk-text]", bar);
  text.textContent = text.dataset.text.replace("%n", everything.value ? (total ? total.toLocaleString() : bar.dataset.many) : chosen.length);
  const more = one("[data-bulk-all]", bar);
  more.hidden = chosen.length < boxes.length || (total !== 0 && total <= boxes.length);
  more.textContent = everything.value ? more.dataset.chosen : more.dataset.text;
}

on("click", "input[data-pick]", (event, box) => {
  const boxes = all("input[data-pick]", table());
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    boxes.slice(from, to + 1).forEach((between) => { between.checked = box.checked; });
  }
  last = box;
  refresh();
});
on("change", "input[data-pick-all]", (event, whole) => {
  all("input[data-pick]", table()).forEach((box) => { box.checked = whole.checked; });
  refresh();
});
on("click", "[data-bulk-none]", () => { all("input[data-pick]", table()).forEach((box) => { box.checked = false; }); refresh(); });
on("click", "[data-bulk-all]", (event, button) => { one("input[name=all]", button.closest(".kz-bulk")).value = "1"; refresh(); });
on("click", "[data-bulk-dialog]", async (event, button) => {
  event.preventDefault();
  const form = table();
  const body = new FormData(form);
  body.set("do", button.value);
  const answer = await fetch(button.getAttribute("formaction") || form.action, {
    method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "X-Kezhou-Dialog": "1", "HX-Request": "true" },
  });
  if (!answer.ok) { form.requestSubmit(button); return; }
  const dialog = one("#kz-dialog");
  dialog.innerHTML = await answer.text();
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: dialog } }));
  dialog.showModal();
  one("[autofocus], select, button[type=submit]", dialog)?.focus();
});

document.addEventListener("kz:list-shown", refresh);
// A branch was unfolded: pinned columns of the new rows stick as the others do, and nothing is ticked in what came.
document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.target.closest?.("#kz-table")) return;
  window.dispatchEvent(new Event("resize"));
  refresh();
});

/* sorting: Shift adds a second and third column */
function address(changes) {
  const url = new URL(location.href);
  const list = one("#kz-list");
  const base = new Set((list?.dataset.base || "").split(",").filter(Boolean));
  for (const name of ["page", "after", "before", "exact"]) url.searchParams.delete(name);
  if (list?.dataset.view) url.searchParams.set("view", list.dataset.view);
  for (const [name, value] of Object.entries(changes)) {
    if (value || base.has(name)) url.searchParams.set(name, value || "");
    else url.searchParams.delete(name);
  }
  return url;
}
export { address };

on("click", "a[data-sort]", (event, link) => {
  if (!event.shiftKey) return;
  event.preventDefault();
  const key = link.dataset.sort;
  const order = (new URL(location.href).searchParams.get("sort") || "").split(",").filter(Boolean);
  const at = order.findIndex((name) => name.replace("-", "") === key);
  if (at >= 0) order[at] = order[at].startsWith("-") ? key : `-${key}`;
  else order.push(key);
  location.assign(address({ sort: order.slice(0, 3).join(",") }));
});
on("submit", "form[data-sort-form]", (event, form) => {
  event.preventDefault();
  const keys = all("[data-sort-key]", form);
  const ways = all("[data-sort-way]", form);
  const order = keys.map((key, place) => key.value && ways[place].value + key.value).filter(Boolean);
  const unique = order.filter((name, place) => order.findIndex((other) => other.replace("-", "") === name.replace("-", "")) === place);
  location.assign(address({ sort: unique.join(",") }));
});

on("click", "a[data-count]", async (event, link) => {
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
  if (answer.ok) link.replaceWith(link.dataset.unit.replace("%n", (await answer.json()).count.toLocaleString()));
});

/* columns are as wide as they were drawn; a drag at the edge of a head changes that and is remembered */
each("#kz-table", (form) => {
  all("col[data-width]", form).forEach((col) => { col.style.width = `${col.dataset.width}px`; });
  all("thead th[data-key]", form).forEach((head) => head.append(handle(head, form)));
});
function handle(head, form) {
  const grip = el("span", { class: "kz-colgrip", "aria-hidden": "true" });
  const col = all("col", form)[[...head.parentElement.children].indexOf(head)];
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const was = head.getBoundingClientRect().width;
    const move = (to) => { col.style.width = `${Math.max(60, Math.min(800, Math.round(was + to.clientX - from)))}px`; };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => {
      grip.removeEventListener("pointermove", move);
      const body = new FormData();
      body.set("column", head.dataset.key);
      body.set("width", parseInt(col.style.width, 10) || Math.round(was));
      fetch(one("#kz-list").dataset.widths, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
      window.dispatchEvent(new Event("resize"));
    }, { once: true });
  });
  grip.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); });
  return grip;
}

/* pinned columns stick one beside the other */
each("#kz-table", (form) => {
  const widths = () => {
    let left = 0;
    all("thead th.kz-pin", form).forEach((head, place) => {
      const at = `${left}px`;
      all(`tr > :nth-child(${place + 1}).kz-pin`, form).forEach((cell) => { cell.style.left = at; });
      left += head.getBoundingClientRect().width;
    });
  };
  const edge = () => form.classList.toggle("kz-cut", form.scrollWidth - form.clientWidth - form.scrollLeft > 2);
  widths();
  edge();
  form.addEventListener("scroll", edge, { passive: true });
  window.addEventListener("resize", () => { widths(); edge(); });
  all("input[data-pick]", form).forEach((box) => { box.checked = false; });
});

/* the record page goes on to the neighbours in this list, and back to it as it was */
each("#kz-list", (list) => {
  const rows = all("[data-row]", list).map((row) => row.dataset.row);
  const link = (rel) => one(`a[rel=${rel}]`, list)?.href || "";
  sessionStorage.setItem(`kz:list:${list.dataset.type}`, JSON.stringify({ url: location.pathname + location.search, rows, next: link("next"), prev: link("prev") }));
});
