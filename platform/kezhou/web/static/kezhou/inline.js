// Editing a value where it stands.
import { all, cookie, el, one, on } from "./dom.js";
import { askToSignIn, refusal, toast } from "./requests.js";
import { composing } from "./keys.js";

const ask = { headers: { "HX-Request": "true" } };

async function open(line) {
  if (one("[data-inline-form]", line)) return;
  all("[data-inline-form]").forEach((form) => close(form.closest("[data-inline]")));
  const answer = await fetch(line.dataset.inline, ask);
  if (answer.headers.get("X-Kezhou-Session") === "expired") { askToSignIn(() => open(line)); return; }
  if (answer.status === 403) { toast(refusal(answer), "no"); return; }
  if (!answer.ok) { location.assign(line.dataset.inline.replace(/\/field\/.*$/, "/edit")); return; }
  const value = one(".kz-v", line);
  line.kept = [...value.childNodes];
  value.innerHTML = await answer.text();
  line.classList.add("kz-editing");
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: value } }));
  const control = one("input:not([type=hidden]), select, textarea", value);
  control?.focus();
  control?.select?.();
}

function close(line) {
  if (!line.kept) return;
  one(".kz-v", line).replaceChildren(...line.kept);
  line.kept = null;
  line.classList.remove("kz-editing");
  one("[data-inline-open]", line)?.focus();
}

async function send(form) {
  const line = form.closest("[data-inline]");
  const body = new FormData(form);
  form.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { ...ask.headers, "X-CSRFToken": cookie("csrftoken") } });
  } catch {
    form.removeAttribute("aria-busy");
    toast(document.body.dataset.offline, "no");
    return;
  }
  form.removeAttribute("aria-busy");
  if (answer.headers.get("X-Kezhou-Session") === "expired") { askToSignIn(() => send(form)); return; }
  const html = await answer.text();
  if (answer.ok) {
    const made = el("div");
    made.innerHTML = html;
    const fresh = made.firstElementChild;
    line.replaceWith(fresh);
    one("[data-inline-open]", fresh)?.focus();
    document.dispatchEvent(new CustomEvent("kz:record-changed", { detail: { fields: answer.headers.has("X-Kezhou-Fields") } }));
  } else if (answer.status === 422 || answer.status === 409) {
    one(".kz-v", line).innerHTML = html;
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: one(".kz-v", line) } }));
    one("[aria-invalid=true], input:not([type=hidden]), select, textarea", line)?.focus();
  } else toast(refusal(answer), "no");
}

on("dblclick", "[data-inline]", (event, line) => { if (!event.target.closest("a, form")) { event.preventDefault(); open(line); } });
on("click", "[data-inline-open]", (event, button) => open(button.closest("[data-inline]")));
on("click", "[data-inline-form] [data-inline-cancel]", (event, button) => close(button.closest("[data-inline]")));
on("submit", "[data-inline-form]", (event, form) => { event.preventDefault(); send(form); });
on("keydown", "[data-inline-form]", (event, form) => {
  if (composing(event)) return;
  if (event.key === "Escape") { event.preventDefault(); close(form.closest("[data-inline]")); }
  if (event.key === "Enter" && event.target.matches("textarea") && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(form); }
});

// The stream beside the fields shows the change that was just made; the fields themselves where others come, go or close by it.
document.addEventListener("kz:record-changed", async (event) => {
  const record = one(".kz-record[data-record]");
  if (!record) return;
  const answer = await fetch(location.href, ask);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fields = event.detail?.fields ? [".kz-rfields"] : [];
  for (const part of [".kz-tl", ".kz-schips", ".kz-facts", ".kz-rtitle h1", ...fields]) {
    const now = one(part);
    const fresh = one(part, page);
    if (now && fresh) { now.replaceWith(fresh); window.htmx.process(fresh); }
  }
});
