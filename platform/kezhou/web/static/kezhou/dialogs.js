// Dialogs and drawers are <dialog>; their content comes from the server when they are opened.
import { one, on } from "./dom.js";

export async function fill(dialog, address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true", "X-Kezhou-Dialog": "1" } });
  if (answer.headers.get("X-Kezhou-Session") === "expired" || answer.status >= 500) {
    window.location.assign(address);
    return false;
  }
  dialog.innerHTML = await answer.text();
  window.htmx.process(dialog);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: dialog } }));
  return true;
}

export async function open(selector, address) {
  const dialog = one(selector);
  if (!(await fill(dialog, address))) return;
  if (!dialog.open) dialog.showModal();
  (one("[autofocus]", dialog) || one("input:not([type=hidden]), select, textarea", dialog) || dialog).focus();
}

const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;

on("click", "[data-quick]", (event, link) => {
  if (!plain(event) || link.tagName !== "A") return;
  event.preventDefault();
  open("#kz-drawer", link.href);
});
on("click", "[data-dialog]", (event, link) => {
  if (!plain(event) || link.tagName !== "A") return;
  event.preventDefault();
  open("#kz-dialog", link.href);
});
on("click", "[data-inbox-open]", (event, link) => {
  if (!plain(event)) return;
  event.preventDefault();
  open("#kz-inbox", link.href);
});
on("click", "dialog [data-fill]", (event, link) => {
  event.preventDefault();
  fill(link.closest("dialog"), link.href);
});
on("click", "[data-close]", (event, button) => {
  const dialog = button.closest("dialog");
  if (!dialog) return; // a page of its own: the link leads back
  event.preventDefault();
  dialog.close();
});
on("click", "dialog", (event, dialog) => {
  if (event.target === dialog && dialog.id !== "kz-session") dialog.close();
});
on("click", "[data-back]", () => window.history.back());

document.addEventListener("kz:close-drawer", () => one("#kz-drawer")?.close());
