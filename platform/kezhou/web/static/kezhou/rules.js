// Conditional rules in forms: the server says what is hidden, demanded, locked and left to choose; nothing is decided here.
import { all, cookie, each, el, icon, one, on } from "./dom.js";

const boxOf = (form, key) => one(`[data-field="${CSS.escape(key)}"]`, form);
const timers = new WeakMap();
const asked = new WeakMap();

function apply(form, state) {
  for (const box of all("[data-field]", form)) {
    const key = box.dataset.field;
    box.hidden = state.hidden.includes(key);
    demand(box, state.required.includes(key));
    lock(box, state.readonly[key] || "", box.hidden);
    narrow(box, state.options[key]);
  }
  all("section.kz-fblk", form).forEach((section) => {
    const boxes = all("[data-field]", section);
    section.hidden = boxes.length > 0 && boxes.every((box) => box.hidden);
  });
  refuse(form, state.problems);
}

function demand(box, wanted) {
  const label = one("label.form-label, legend.form-label", box);
  if (!label) return;
  const mark = one("[data-rule-mark]", label);
  if (wanted && !mark && !one(".kz-req", label)) label.append(el("span", { class: "kz-req", "aria-hidden": "true", "data-rule-mark": true }, "*"));
  if (!wanted && mark) mark.remove();
  all("input:not([type=hidden]), select, textarea", box).forEach((input) => {
    if (wanted) input.setAttribute("aria-required", "true");
    else if (!one(".kz-req", label)) input.removeAttribute("aria-required");
  });
}

// What is hidden or locked is not sent: it keeps the value it had, and what was typed stays in the page.
function lock(box, why, hidden) {
  const note = one("[data-rule-lock]", box);
  const off = hidden || Boolean(why);
  if (off !== box.hasAttribute("data-rule-off")) {
    box.toggleAttribute("data-rule-off", off);
    all("input, select, textarea, button", box).forEach((input) => { input.disabled = off; });
  }
  if (!why && !note) return;
  if (why && !note) box.append(el("p", { class: "kz-hint", "data-rule-lock": true }, icon("lock", "kz-s14"), ` ${why}`));
  else if (why) note.lastChild.textContent = ` ${why}`;
  else note.remove();
}

function narrow(box, allowed) {
  all("select option", box).forEach((option) => {
    const out = Boolean(allowed) && option.value !== "" && !allowed.includes(option.value);
    option.hidden = out && !option.selected;
    option.disabled = out && !option.selected;
  });
  all(".kz-option", box).forEach((line) => {
    const input = one("input", line);
    const out = Boolean(allowed) && !allowed.includes(input.value);
    line.hidden = out && !input.checked;
  });
}

function refuse(form, problems) {
  let place = one("[data-rule-problems]", form);
  if (!place) {
    place = el("div", { "data-rule-problems": true, "aria-live": "polite" });
    (one("[data-form-body], .kz-dbd", form) || form).prepend(place);
  }
  place.replaceChildren(...problems.map(([, sentence]) => el("div", { class: "kz-note kz-warn" }, icon("alert-triangle"), el("span", {}, sentence))));
}

async function ask(form) {
  const data = new FormData(form);
  data.set("pk", form.dataset.rulesPk || "");
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  const turn = (asked.get(form) || 0) + 1;
  asked.set(form, turn);
  const answer = await fetch(form.dataset.rules, { method: "POST", body: data, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
  if (answer.ok && asked.get(form) === turn) apply(form, await answer.json());
}

function soon(event, form) {
  if (event.isComposing) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => ask(form), event.type === "input" ? 350 : 60));
}

each("form[data-rules]", (form) => apply(form, JSON.parse(form.dataset.rulesState)));
on("input", "form[data-rules]", soon);
on("change", "form[data-rules]", soon);
// Fields that come later (another class's, a closed section's) are judged as well.
document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt instanceof Element ? event.detail.elt.closest("form[data-rules]") : null;
  if (form && form !== event.detail.elt) ask(form);
});
