// Controls of single field types: notes below an input, regions that narrow each other, files.
import { cookie, el, icon, on, one } from "./dom.js";

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

/* files: uploaded when they are chosen, so that a refused form loses none */
async function upload(box, file) {
  const note = one("[data-files-note]", box);
  const list = one("[data-files-list]", box);
  const body = new FormData();
  body.append("file", file);
  note.textContent = `${file.name} …`;
  const answer = await fetch(box.dataset.files, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } }).catch(() => null);
  const got = answer && (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
  note.textContent = answer?.ok ? "" : got.error || document.body.dataset.failed;
  if (!answer?.ok) return;
  const drop = el("button", { class: "kz-tb", type: "button", "data-files-drop": true, "aria-label": `${box.dataset.remove} ${got.name}` }, icon("x", "kz-s14"));
  const kept = el("input", { type: "hidden", name: list.dataset.name, value: `${got.pk}/${got.name}` });
  const sign = got.media.startsWith("image/") ? el("img", { class: "kz-thumb", src: `/files/held/${got.pk}?small`, alt: "" }) : icon("paperclip", "kz-s14");
  list.append(el("li", {}, kept, sign, el("span", { class: "kz-ell" }, got.name), drop));
  kept.dispatchEvent(new Event("change", { bubbles: true }));
}
on("change", "[data-files-pick]", async (event, input) => {
  const box = input.closest("[data-files]");
  for (const file of [...input.files]) await upload(box, file);
  input.value = "";
});
on("click", "[data-files-drop]", (event, button) => {
  const list = button.closest("[data-files-list]");
  button.closest("li").remove();
  list.dispatchEvent(new Event("change", { bubbles: true }));
});
