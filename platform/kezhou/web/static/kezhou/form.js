// Forms: look-ups, twins, the first error, sections that follow the scroll, questions before what cannot be undone.
import { all, cookie, each, one, on } from "./dom.js";
import { belonging, bring, fill } from "./follow.js";
import { composing } from "./keys.js";

/* look-ups */
let timer;
const listOf = (box) => box.parentElement.querySelector("[role=listbox]");

async function suggest(box) {
  const input = one("[role=combobox]", box);
  const list = listOf(box);
  const answer = await fetch(`${box.dataset.lookup}?q=${encodeURIComponent(input.value)}${belonging(box)}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  list.innerHTML = await answer.text();
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  list.scrollIntoView({ block: "nearest" });
  point(list, 0);
}
const options = (list) => all("[role=option]", list);
function point(list, at) {
  options(list).forEach((option, place) => { option.classList.toggle("kz-hov", place === at); option.setAttribute("aria-selected", String(place === at)); });
}
function close(box) {
  listOf(box).hidden = true;
  one("[role=combobox]", box).setAttribute("aria-expanded", "false");
}
function choose(box, option) {
  bring(box, option);
  close(box);
  fill(box, option.dataset.pk, option.dataset.title);
}
on("input", "[data-lookup] [role=combobox]", (event, input) => {
  const box = input.closest("[data-lookup]");
  one("input[type=hidden]", box).value = "";
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => suggest(box), 150);
});
on("compositionend", "[data-lookup] [role=combobox]", (event, input) => suggest(input.closest("[data-lookup]")));
on("focusin", "[data-lookup] [role=combobox]", (event, input) => { if (!input.value) suggest(input.closest("[data-lookup]")); });
on("focusout", "[data-lookup]", (event, box) => setTimeout(() => { if (!box.parentElement.contains(document.activeElement)) close(box); }, 120));
on("mousedown", "[data-lookup] ~ [role=listbox] [role=option]", (event, option) => {
  event.preventDefault();
  choose(option.parentElement.parentElement.querySelector("[data-lookup]"), option);
});
on("keydown", "[data-lookup] [role=combobox]", (event, input) => {
  if (composing(event)) return;
  const box = input.closest("[data-lookup]");
  const list = listOf(box);
  const found = options(list);
  const at = found.findIndex((option) => option.classList.contains("kz-hov"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) suggest(box);
    else if (found.length) point(list, (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
  } else if (event.key === "Enter" && !list.hidden && found[at]) {
    event.preventDefault();
    event.stopPropagation();
    choose(box, found[at]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    close(box);
  }
});
on("click", "[data-lookup-clear]", (event, button) => {
  const box = button.closest("[data-lookup]");
  all("input", box).forEach((input) => { input.value = ""; });
  button.hidden = true;
  one("input[type=hidden]", box).dispatchEvent(new Event("change", { bubbles: true }));
  one("[role=combobox]", box).focus();
});

/* twins: asked when a field is left, shown before anything is saved */
on("focusout", "form[data-draft] input, form[data-draft] select", async (event, input) => {
  const form = input.form;
  const box = form && one("[data-twin-url]", form);
  if (!box || !input.value || input.closest("[data-twins]")) return;
  const parts = new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && name !== "csrfmiddlewaretoken"));
  const asked = parts.toString();
  if (box.dataset.asked === asked) return;
  box.dataset.asked = asked;
  const answer = await fetch(`${box.dataset.twinUrl}?${asked}`, { headers: { "HX-Request": "true" } });
  if (answer.ok && box.dataset.asked === asked) box.innerHTML = await answer.text();
});

/* after a refusal the first wrong control has the focus */
each("form[data-tried], #kz-drawer form", (form) => requestAnimationFrame(() => {
  const wrong = one("[aria-invalid=true]", form);
  wrong?.focus({ preventScroll: true });
  wrong?.scrollIntoView({ block: "center" });
}));
on("click", "[data-focus]", (event, link) => {
  const wrong = document.getElementById(link.hash.slice(1));
  if (!wrong) return;
  event.preventDefault();
  wrong.scrollIntoView({ block: "center" });
  (wrong.matches("input, select, textarea") ? wrong : one("input, select, textarea", wrong))?.focus();
});
// A sentence goes as soon as its value is touched; the server has the last word.
on("input", ".kz-bad input, .kz-bad textarea, .kz-bad select", (event, control) => {
  const field = control.closest(".kz-bad");
  field.classList.remove("kz-bad");
  all(".is-invalid", field).forEach((part) => part.classList.remove("is-invalid"));
  all("[aria-invalid]", field).forEach((part) => part.removeAttribute("aria-invalid"));
  all(".kz-err", field).forEach((line) => line.remove());
});

/* sections in the second column */
each(".kz-form", (form) => {
  const links = all("[data-spy]");
  if (!links.length) return;
  const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) links.forEach((link) => link.classList.toggle("on", link.dataset.spy === entry.target.id));
  }), { root: one("[data-form-body]", form), rootMargin: "0px 0px -70% 0px" });
  all("section[id]", form).forEach((section) => watcher.observe(section));
});

/* the drawer: save and make another */
document.addEventListener("kz:quick-again", async () => {
  const drawer = one("#kz-drawer");
  const form = one("form", drawer);
  if (!form) return;
  form.reset();
  const answer = await fetch(form.action, { headers: { "HX-Request": "true", "X-CSRFToken": cookie("csrftoken") } });
  drawer.innerHTML = await answer.text();
  window.htmx.process(drawer);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: drawer } }));
  one("input:not([type=hidden])", drawer)?.focus();
});

on("submit", "form[data-sure]", (event, form) => { if (!window.confirm(form.dataset.sure)) event.preventDefault(); });

/* figures of the person menu */
on("submit", "form[data-prefs]", (event, form) => { one("input[name=next]", form).value = location.pathname + location.search; });
