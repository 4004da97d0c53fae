// The column chooser: find, tick, drag or move by keys, pin. Works as a plain form without this.
import { all, each, one, on } from "./dom.js";
import { address } from "./list.js";

const items = (form) => all("li.kz-li", form);
const rest = (form) => one("[data-columns-rest]", form);

function count(form) {
  one("[data-columns-count]", form).textContent = all("input[name=column]:checked", form).length;
}

on("input", "[data-columns-search]", (event, input) => {
  const text = input.value.trim().toLowerCase();
  items(input.form).forEach((item) => { item.hidden = text !== "" && !item.dataset.label.toLowerCase().includes(text); });
});
on("change", "form[data-columns] input[name=column]", (event, box) => {
  const item = box.closest("li");
  if (box.checked) rest(box.form).before(item);
  else rest(box.form).after(item);
  one(".kz-grip", item).hidden = !box.checked;
  one("[data-pin]", item).hidden = !box.checked;
  count(box.form);
});
on("click", "[data-pin]", (event, button) => {
  const form = button.form;
  const place = items(form).indexOf(button.closest("li")) + 1;
  const was = Number(one("input[name=pinned]", form).value);
  const now = was === place ? Math.max(1, place - 1) : place;
  one("input[name=pinned]", form).value = now;
  all("[data-pin]:not([hidden])", form).forEach((other) => {
    const on_ = items(form).indexOf(other.closest("li")) < now;
    other.classList.toggle("on", on_);
    other.setAttribute("aria-pressed", String(on_));
  });
});
on("keydown", ".kz-grip", (event, grip) => {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const item = grip.closest("li");
  const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
  if (!other || other.matches("[data-columns-rest]")) return;
  if (event.key === "ArrowUp") other.before(item);
  else other.after(item);
  grip.focus();
});
on("click", "[data-columns-once]", (event, button) => {
  const chosen = all("input[name=column]:checked", button.form).map((box) => box.value);
  location.assign(address({ columns: chosen.join(",") }));
});

each("[data-columns-list]", (list) => {
  let moved = null;
  list.addEventListener("dragstart", (event) => { moved = event.target.closest("li"); event.dataTransfer.effectAllowed = "move"; });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li.kz-li");
    if (!moved || !over || over === moved || !one("input", over).checked) return;
    event.preventDefault();
    const after = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
    if (after) over.after(moved);
    else over.before(moved);
  });
  list.addEventListener("dragend", () => { moved = null; });
});
