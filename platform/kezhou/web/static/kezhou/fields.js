// Controls of single field types: notes below an input, regions that narrow each other, files.
import { on, one } from "./dom.js";

/* the note below an input: asked when its value has changed */
async function note(field) {
  const line = one("[data-note]", field);
  const form = field.closest("form");
  if (!line?.dataset.note || !form) return;
  const name = field.dataset.field;
  const parts = new URLSearchParams([...new FormData(form)].filter(([key, value]) => typeof value === "string" && (key === name || key.startsWith(`${name}__`))));
  const asked = parts.toString();
  if (line.dataset.asked === asked) return;
  line.dataset.asked = asked;
  const answer = await fetch(`${line.dataset.note}?${asked}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || line.dataset.asked !== asked) return;
  const { text, tone } = await answer.json();
  line.textContent = text;
  line.classList.toggle("kz-amber", tone === "warn");
}
on("change", "[data-field]:has([data-note])", (event, field) => note(field));
