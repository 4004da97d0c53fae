// The dialog of a bulk change is made anew by the server with every change in it, so counts and examples are always true.
import { all, cookie, el, on, one } from "./dom.js";
import { toast } from "./requests.js";

let asked = 0;

async function renew(form, extra = {}) {
  asked += 1;
  const mine = asked;
  const body = new FormData(form);
  body.delete("sure");
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  const name = document.activeElement?.name;
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "X-Kezhou-Dialog": "1", "HX-Request": "true" } });
  if (mine !== asked) return;
  if (!answer.ok && answer.status !== 422) { toast(document.body.dataset.failed, "no"); return; }
  const made = el("div");
  made.innerHTML = await answer.text();
  const fresh = made.firstElementChild;
  form.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: fresh } }));
  const last = all("select[name=field]", fresh).at(-1);
  (("more" in extra ? last : name && one(`[name="${CSS.escape(name)}"]`, fresh)) || one("select", fresh))?.focus();
}

on("change", "form[data-bulk-edit]", (event, form) => renew(form));
on("click", "[data-line-off]", (event, button) => {
  const { form } = button;
  button.closest(".kz-editline").remove();
  renew(form);
});
on("click", "form[data-bulk-edit] [name=more]", (event, button) => { event.preventDefault(); renew(button.form, { more: "1" }); });
