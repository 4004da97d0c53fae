// Requests: the token on every post, a sign-in that expired, a server that is away.
import { all, cookie, el, icon, one, on } from "./dom.js";

let waiting = null; // what was being saved when the sign-in expired

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.getResponseHeader("X-Kezhou-Session") !== "expired") return;
  event.detail.shouldSwap = false;
  event.detail.isError = false;
  askToSignIn(() => window.htmx.ajax(requestConfig.verb, requestConfig.path, {
    source: requestConfig.elt,
    target: requestConfig.target,
    values: { ...Object.fromEntries(requestConfig.formData), csrfmiddlewaretoken: cookie("csrftoken") },
  }));
});

document.addEventListener("htmx:sendError", () => toast(document.body.dataset.offline, "no"));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.getResponseHeader("X-Kezhou-Session") === "expired") return;
  toast(sentence(event.detail.xhr.getResponseHeader("X-Kezhou-Message")), "no");
});

// What the server says about a refusal, or that it failed.
export const sentence = (message) => (message ? decodeURIComponent(message) : document.body.dataset.failed);
export const refusal = (answer) => sentence(answer.headers.get("X-Kezhou-Message"));

// Show a line at the foot, as the server does with its own.
export function toast(text, kind = "ok") {
  if (!text) return;
  const line = el("div", { class: "kz-toast1", "data-toast": true },
    icon(kind === "no" ? "alert-circle" : "circle-check", kind === "no" ? "kz-no" : "kz-ok"),
    el("span", { class: "kz-sp" }, text));
  one("#kz-toasts").append(line);
  leaveSoon(line);
}

function leaveSoon(line) {
  let timer = setTimeout(() => line.remove(), 6000);
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("pointerleave", () => { timer = setTimeout(() => line.remove(), 2000); });
}
all("[data-toast]").forEach(leaveSoon);
document.addEventListener("htmx:oobAfterSwap", () => all("[data-toast]").forEach(leaveSoon));
on("click", "[data-toast] [data-close]", (event, button) => button.closest("[data-toast]").remove());

// A plain form's save: the server is asked first whether the sign-in still holds, so that the page is never lost.
on("submit", "form[data-save]", async (event, form) => {
  if (event.defaultPrevented || form.dataset.checked === "1" || form.hasAttribute("hx-post")) return;
  event.preventDefault();
  const { submitter } = event;
  const send = () => {
    const token = one("input[name=csrfmiddlewaretoken]", form);
    if (token && cookie("csrftoken")) token.value = cookie("csrftoken");
    form.dataset.checked = "1";
    form.requestSubmit(submitter);
    setTimeout(() => { delete form.dataset.checked; }, 0);
  };
  try {
    const answer = await fetch("/session", { headers: { "HX-Request": "true" } });
    if (answer.status === 401) askToSignIn(send);
    else send();
  } catch {
    toast(document.body.dataset.offline, "no");
  }
});

export async function askToSignIn(goOn) {
  const dialog = one("#kz-session");
  if (!dialog) return;
  waiting = goOn;
  const answer = await fetch(dialog.dataset.url, { headers: { "HX-Request": "true" } });
  dialog.innerHTML = await answer.text();
  if (!dialog.open) dialog.showModal();
  one("input[type=password]", dialog)?.focus();
}

on("submit", "#kz-session form", async (event, form) => {
  event.preventDefault();
  const button = one("[type=submit]", form);
  button.setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" },
  });
  button.removeAttribute("aria-busy");
  const dialog = one("#kz-session");
  if (answer.ok) {
    dialog.close();
    dialog.replaceChildren();
    // A sign-in makes a new token; the forms that are open still hold the old one.
    all("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = cookie("csrftoken"); });
    const goOn = waiting;
    waiting = null;
    if (goOn) goOn();
    return;
  }
  dialog.innerHTML = await answer.text();
  one("input[type=password]", dialog)?.focus();
});
