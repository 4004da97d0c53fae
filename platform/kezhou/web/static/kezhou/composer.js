// Comments: @ picks a colleague or a department, Ctrl+Enter publishes, another wording in place.
import { all, el, one, on } from "./dom.js";
import { composing } from "./keys.js";

const ask = { headers: { "HX-Request": "true" } };

/* @: what stands between the mark and the caret */
const typed = (box) => {
  const found = /@([^\s@]{0,20})$/.exec(box.value.slice(0, box.selectionStart));
  return found ? found[1] : null;
};
const listOf = (box) => one(".kz-ats", box.form);
const options = (list) => all("[role=option]", list);
const point = (list, at) => options(list).forEach((option, place) => {
  option.classList.toggle("kz-hov", place === at);
  option.setAttribute("aria-selected", String(place === at));
});

let timer;
async function suggest(box) {
  const text = typed(box);
  const list = listOf(box);
  if (text === null) { list.hidden = true; return; }
  const answer = await fetch(`${box.form.dataset.mention}?q=${encodeURIComponent(text)}`, ask);
  if (!answer.ok || typed(box) !== text) return;
  list.innerHTML = await answer.text();
  list.hidden = false;
  point(list, 0);
}
function choose(box, option) {
  const at = box.selectionStart;
  const start = at - typed(box).length;
  box.setRangeText(`${option.dataset.title} `, start, at, "end");
  if (option.dataset.kind === "member") box.form.append(el("input", { type: "hidden", name: "mention", value: option.dataset.pk }));
  listOf(box).hidden = true;
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
on("input", "[data-composer] textarea", (event, box) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => suggest(box), 120);
});
on("compositionend", "[data-composer] textarea", (event, box) => suggest(box));
on("focusout", "[data-composer]", (event, form) => setTimeout(() => {
  const list = one(".kz-ats", form);
  if (list && !form.contains(document.activeElement)) list.hidden = true;
}, 150));
on("mousedown", ".kz-ats [role=option]", (event, option) => {
  event.preventDefault();
  choose(one("textarea", option.closest("form")), option);
});
on("click", "[data-at]", (event, button) => {
  const box = one("textarea", button.closest("form"));
  box.focus();
  box.setRangeText("@", box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
on("keydown", "[data-composer] textarea", (event, box) => {
  if (composing(event)) return;
  const list = listOf(box);
  const found = list.hidden ? [] : options(list);
  const at = found.findIndex((option) => option.classList.contains("kz-hov"));
  if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    point(list, (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
  } else if (found.length && (event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    choose(box, found[Math.max(at, 0)]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    list.hidden = true;
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    box.form.requestSubmit();
  }
});

/* another wording, where the comment stands */
on("click", "[data-reword]", async (event, link) => {
  event.preventDefault();
  const said = one("[data-said]", link.closest(".kz-reply") || link.closest(".kz-bub"));
  const answer = await fetch(link.href, ask);
  if (!answer.ok || !said) { location.assign(link.href); return; }
  said.kept = [...said.childNodes];
  said.innerHTML = await answer.text();
  window.htmx.process(said);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: said } }));
  const box = one("textarea", said);
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
});
on("click", "[data-reword-cancel]", (event, link) => {
  const said = link.closest("[data-said]");
  if (!said?.kept) return;
  event.preventDefault();
  said.replaceChildren(...said.kept);
});
on("click", "[data-say]", () => { one(".kz-record")?.setAttribute("data-pane", "stream"); one("#kz-say")?.focus(); });
on("toggle", ".kz-answer", (event, answer) => { if (answer.open) one("textarea", answer)?.focus(); }, true);
