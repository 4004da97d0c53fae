// Sections of forms and record pages: tabs, groups that are read when opened, and the fields of another record class.
import { all, each, on, one } from "./dom.js";

/* tabs: without this file all panels follow each other */
function show(list, key) {
  const strip = all("[data-tab]", list);
  const root = list.parentElement;
  strip.forEach((tab) => {
    const chosen = tab.dataset.tab === key;
    tab.classList.toggle("on", chosen);
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  });
  all("[data-panel]", root).forEach((panel) => { panel.hidden = panel.dataset.panel !== key; });
}
each(".kz-ftabs", (list) => show(list, one("[aria-selected=true]", list)?.dataset.tab || one("[data-tab]", list).dataset.tab));
on("click", ".kz-ftabs [data-tab]", (event, tab) => show(tab.parentElement, tab.dataset.tab));
on("keydown", ".kz-ftabs [data-tab]", (event, tab) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const strip = all("[data-tab]", tab.parentElement);
  const next = strip[(strip.indexOf(tab) + step + strip.length) % strip.length];
  show(tab.parentElement, next.dataset.tab);
  next.focus();
});
function reveal(element) {
  const panel = element?.closest("[data-panel]");
  if (panel?.hidden) show(one(".kz-ftabs", panel.parentElement), panel.dataset.panel);
}
on("click", "[data-focus], .kz-form-nav a", (event, link) => {
  const place = document.getElementById(link.hash.slice(1));
  reveal(place);
  if (place?.matches("details")) place.open = true;
}, { capture: true });

/* groups: what they bring is the measure for what was changed, not a change */
function measured(form, part) {
  const start = JSON.parse(form.dataset.start || "{}");
  const names = new Set(all("input[name], select[name], textarea[name]", part).map((control) => control.name));
  const now = new FormData(form);
  names.forEach((name) => { if (!(name in start)) start[name] = now.getAll(name).map(String); });
  form.dataset.start = JSON.stringify(start);
}
document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.detail.target?.closest?.("form[data-draft]");
  if (form && event.detail.target.matches("[data-group-in]")) measured(form, event.detail.target);
});
// A draft may hold values of groups that are still closed: open them, then put the values in.
document.addEventListener("kz:draft-taken", (event) => {
  const form = event.target;
  all("details[data-group]:not([open])", form).forEach((group) => {
    const mine = group.dataset.keys.split(" ").filter((key) => key in event.detail || `${key}__text` in event.detail);
    if (!mine.length || group.dataset.asked) return;
    group.dataset.asked = "1";
    group.addEventListener("htmx:afterSettle", () => event.target.dispatchEvent(new CustomEvent("kz:draft-again")), { once: true });
    group.open = true;
  });
});

/* another record class has other fields: the form is drawn anew with everything that was typed */
async function relay(form) {
  const data = new FormData(form);
  data.append("relaid", "1");
  const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: data, headers: { "X-Kezhou-Part": "form" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const body = one("[data-form-body]", form);
  const focus = document.activeElement?.id;
  const start = JSON.parse(form.dataset.start || "{}");
  body.replaceChildren(...one("[data-form-body]", page).childNodes);
  const nav = one("[data-form-nav]");
  if (nav) nav.replaceChildren(...one("[data-form-nav]", page).childNodes);
  window.htmx.process(body);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: body } }));
  form.dataset.start = JSON.stringify(start);
  if (focus) document.getElementById(focus)?.focus();
  form.dispatchEvent(new Event("change", { bubbles: true }));
}
on("change", "form[data-class-field] [name]", (event, control) => {
  if (control.name === control.form.dataset.classField) relay(control.form);
});
