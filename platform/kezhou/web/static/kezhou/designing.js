// Settings of computed fields and rules: the condition builder inside a form, the formula's live check, rows of effects.
import { all, cookie, each, one, on } from "./dom.js";
import { Builder, offered } from "./filters.js";

// A condition stands in a hidden input; the builder is drawn before it and read when the form is sent.
each("[data-condition]", (place) => {
  const form = place.closest("form");
  const input = one(`input[name="${place.dataset.condition}"]`, form);
  const source = place.dataset.conditionOf ? one(`[name="${place.dataset.conditionOf}"]`, form) : null;
  const body = document.createElement("div");
  body.dataset.filterBody = "";
  place.append(body);
  const draw = async (value) => {
    const type = source ? source.selectedOptions[0]?.dataset.type : place.dataset.type;
    if (!type) { place.builder = null; return; }
    const kind = await offered(place.dataset.fields.replace("TYPE", type));
    place.dataset.value = value;
    place.builder = new Builder(place, { ...kind, pointing: [] });
    if (!value) one(".kz-fb-lines", place).replaceChildren();
  };
  source?.addEventListener("change", () => draw(""));
  form.addEventListener("submit", () => {
    if (!place.builder) return;
    const tree = place.builder.read();
    input.value = tree ? JSON.stringify(tree) : "";
  }, true);
  draw(input.value);
});

// A select whose options belong to the value of another one.
each("[data-of]", (select) => {
  const other = one(`[name="${select.dataset.of}"]`, select.closest("form"));
  const fit = () => {
    all("option[data-in]", select).forEach((option) => { option.hidden = option.dataset.in !== other.value; option.disabled = option.hidden; });
    if (select.selectedOptions[0]?.disabled) select.value = all("option", select).find((option) => !option.disabled)?.value ?? "";
  };
  other.addEventListener("change", fit);
  fit();
});

let timer;
let turn = 0;
async function check(area) {
  const form = area.closest("form");
  const said = one("[data-formula-said]", form);
  const mine = ++turn;
  const body = new URLSearchParams({ formula: area.value, result: one("[name=result]", form)?.value || "number" });
  const answer = await fetch(area.dataset.formula, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
  if (!answer.ok || mine !== turn) return;
  const found = await answer.json();
  said.textContent = found.sentence;
  said.classList.toggle("kz-red", !found.ok);
  const result = one("select[name=result]", form);
  if (found.ok && result && !result.dataset.chosen) result.value = found.result;
}
on("input", "[data-formula]", (event, area) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => check(area), 350);
});
each("[data-formula]", (area) => { if (area.value) check(area); });
on("change", "select[name=result]", (event, select) => { select.dataset.chosen = "1"; });
on("change", "[data-piece]", (event, select) => {
  const area = one("[data-formula]", select.closest("form"));
  const piece = select.dataset.piece === "field" ? `{${select.value}}` : `${select.value.split("(")[0]}(`;
  if (select.value) area.setRangeText(piece, area.selectionStart, area.selectionEnd, "end");
  select.value = "";
  area.focus();
  check(area);
});

// What an effect asks for depends on what it does.
function fitEffect(row) {
  const chosen = one("[data-effect-do]", row).value;
  all("[data-effect-for]", row).forEach((part) => { part.hidden = !part.dataset.effectFor.split(" ").includes(chosen); });
}
each("[data-effect]", fitEffect);
on("change", "[data-effect-do]", (event, select) => fitEffect(select.closest("[data-effect]")));
