// What was typed and not saved is kept on the server for its author, and on this device in case the server is away.
import { all, cookie, each, one, on } from "./dom.js";

const KEEP = 7 * 24 * 3600 * 1000;
const keyOf = (form) => `kz:draft:${location.host}:${form.dataset.draft}`;
const skip = new Set(["csrfmiddlewaretoken", "version", "back", "password"]);

function values(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (skip.has(name) || name.endsWith("__given") || typeof value !== "string") continue;
    (found[name] ||= []).push(value);
  }
  return found;
}

const changed = (form) => {
  if (form.matches("[data-composer]")) return one("textarea", form).value.trim() ? ["text"] : [];
  const start = JSON.parse(form.dataset.start || "{}");
  const now = values(form);
  const names = new Set([...Object.keys(start), ...Object.keys(now)]);
  return [...names].filter((name) => !name.endsWith("__text") && JSON.stringify(start[name] || [""]) !== JSON.stringify(now[name] || [""]));
};

function tell(form) {
  const count = changed(form).length;
  const note = one("[data-unsaved-note]", form);
  if (note) {
    note.hidden = count === 0;
    one("[data-unsaved-text]", note).textContent = (form.dataset.unsaved || "").replace("%n", count);
  }
  form.dataset.unsavedCount = count;
  return count;
}

// The server keeps the form as it would be posted; a page that is left sends it with its last breath.
function body(form) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "csrfmiddlewaretoken") data.append(name, value);
  return data;
}
const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
function state(form, text) {
  const place = one("[data-draft-state]", form);
  if (place) place.textContent = (text || "").replace("%t", clock());
}
async function send(form, count) {
  clearTimeout(form.sending);
  const now = count ? body(form).toString() : "";
  if (!form.dataset.draftUrl || form.dataset.sentDraft === now || form.dataset.leaving === "1") return;
  const before = form.dataset.sentDraft;
  form.dataset.sentDraft = now;
  if (!count && before === undefined && !form.hasAttribute("data-refilled")) return;
  try {
    const answer = await fetch(count ? form.dataset.draftUrl : `${form.dataset.draftUrl}/drop`, {
      method: "POST", body: now, keepalive: now.length < 60_000,
      headers: { "X-CSRFToken": cookie("csrftoken"), "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    state(form, count ? form.dataset.draftKept : "");
  } catch { // what stands on this device is offered next time
    delete form.dataset.sentDraft;
    state(form, form.dataset.draftLocal);
  }
}

function keep(form) {
  if (form.dataset.leaving === "1") return;
  const count = tell(form);
  clearTimeout(form.sending);
  form.sending = setTimeout(() => send(form, count), 1200);
  try {
    if (count) localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: values(form) }));
    else localStorage.removeItem(keyOf(form));
  } catch { /* storage full or off: the page itself still holds everything */ }
}

function stored(form) {
  try {
    const draft = JSON.parse(localStorage.getItem(keyOf(form)) || "null");
    if (draft && Date.now() - draft.at < KEEP) return draft;
    localStorage.removeItem(keyOf(form));
  } catch { /* unreadable: as if there were none */ }
  return null;
}

function take(form, draft) {
  for (const [name, list] of Object.entries(draft.values)) {
    all(`[name="${CSS.escape(name)}"]`, form).forEach((control) => {
      if (control.type === "checkbox" || control.type === "radio") control.checked = list.includes(control.value);
      else [control.value] = list;
    });
  }
  form.addEventListener("kz:draft-again", () => take(form, draft), { once: true });
  form.dispatchEvent(new CustomEvent("kz:draft-taken", { bubbles: true, detail: draft.values }));
  keep(form);
}

function setUp(form) {
  if (form.dataset.start) return;
  const first = keyOf(form).replace("draft", "start");
  form.dataset.start = JSON.stringify(values(form));
  const draft = stored(form);
  const note = one("[data-draft-note]", form);
  const silent = form.matches("[data-quick-form], [data-composer]");
  if (draft && silent && !form.hasAttribute("data-refilled") && !one("textarea", form)?.value && !form.querySelector("[aria-invalid]")) take(form, draft);
  else if (draft && note && !form.hasAttribute("data-tried")) {
    note.hidden = false;
    one("[data-draft-when]", note).textContent = new Date(draft.at).toLocaleString(document.documentElement.lang);
    one("[data-draft-take]", note).addEventListener("click", () => { take(form, draft); note.hidden = true; });
    one("[data-draft-drop]", note).addEventListener("click", () => { localStorage.removeItem(keyOf(form)); note.hidden = true; });
  }
  try { // a refused form comes back filled: what it was before it was sent is the measure
    if (form.hasAttribute("data-tried") || form.hasAttribute("data-refilled")) form.dataset.start = sessionStorage.getItem(first) || "{}";
    else sessionStorage.setItem(first, form.dataset.start);
  } catch { form.dataset.start = form.hasAttribute("data-tried") ? "{}" : form.dataset.start; }
  if (form.matches("[data-tried], [data-refilled]")) tell(form);
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 250); });
  form.addEventListener("change", () => keep(form));
  window.addEventListener("pagehide", () => send(form, changed(form).length));
}
each("form[data-draft]", setUp);

// A sent form's draft goes when the next page shows that it was accepted.
on("submit", "form[data-draft]", (event, form) => {
  if (event.defaultPrevented) return;
  sessionStorage.setItem("kz:sent", keyOf(form));
  form.dataset.leaving = "1";
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches?.("form[data-draft]")) event.detail.elt.dataset.leaving = "1";
});
document.addEventListener("htmx:beforeSwap", (event) => { // before the next form looks for a draft of its own
  const form = event.detail.requestConfig?.elt;
  if (form?.matches?.("form[data-draft]") && event.detail.xhr.status < 300) localStorage.removeItem(keyOf(form));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("form[data-draft]")) return;
  if (event.detail.successful) localStorage.removeItem(keyOf(form));
  else delete form.dataset.leaving;
});
on("click", "[data-draft-first]", (event, link) => { // the other form finds there what was typed here
  const form = link.closest("form");
  const count = changed(form).length;
  if (!count || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  send(form, count).then(() => location.assign(link.href));
});
on("click", "[data-draft-forget]", (event, button) => {
  const form = one("form[data-draft-url]");
  form.dataset.leaving = "1";
  localStorage.removeItem(keyOf(form));
});
on("click", "[data-cancel-quietly]", (event, link) => { const form = link.closest("form"); form.dataset.leaving = "1"; });
const sent = sessionStorage.getItem("kz:sent");
if (sent && !one("form[data-tried], [data-compare]")) localStorage.removeItem(sent);
sessionStorage.removeItem("kz:sent");

window.addEventListener("beforeunload", (event) => {
  const open = all("form[data-draft][data-unsaved]").some((form) => form.dataset.leaving !== "1" && Number(form.dataset.unsavedCount) > 0);
  if (open) event.preventDefault();
});
on("click", "[data-cancel]", (event, link) => {
  const form = link.closest("form[data-draft]");
  if (Number(form.dataset.unsavedCount) > 0 && !window.confirm(form.dataset.leave)) event.preventDefault();
  else form.dataset.leaving = "1";
});
