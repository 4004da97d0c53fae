// Members and roles: copy a link, colour a scope as it is chosen, count what is not saved yet, ask an address only when one is needed.
import { all, each, on, one, say } from "./dom.js";

on("click", "[data-copy]", async (event, button) => {
  const input = document.getElementById(button.dataset.copy);
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    say(button.dataset.done);
    button.lastChild.textContent = button.dataset.done;
  } catch {
    input.focus();
  }
});
on("focusin", "[data-select]", (event, input) => input.select());

const width = (value) => ["none", "own", "department", "below", "all"].indexOf(value);

function paint(select) {
  const two = select.options.length === 2;
  const shown = two && select.value === "all" && select.options[1].textContent.trim().length === 1 ? 1 : width(select.value);
  select.className = `kz-scp kz-s${shown}${select.value === select.dataset.was ? "" : " kz-chgd"}`;
}

each("form[data-role]", (form) => {
  const note = one("[data-changed]", form);
  const scopes = all("[data-scope]", form);
  scopes.forEach((select) => { select.dataset.was = select.value; });
  const tell = () => {
    scopes.forEach(paint);
    const count = scopes.filter((select) => select.value !== select.dataset.was).length;
    note.hidden = count === 0;
    note.textContent = note.dataset.text.replace("{n}", String(count));
  };
  form.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell, 0));
});

each("form[data-invite]", (form) => {
  const address = one("[data-address]", form);
  const tell = () => { address.hidden = one("input[name=channel]:checked", form)?.value === "link"; };
  form.addEventListener("change", tell);
  tell();
});
