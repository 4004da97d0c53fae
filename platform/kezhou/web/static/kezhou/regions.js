// A region: three selects that narrow each other, over the input that is there without scripts. Choosing fills postcode, area code, province and city.
import { all, each, el, one, on } from "./dom.js";

const FILLS = [["postcode", "fillPostcode", "heldPostcode"], ["area_code", "fillAreaCode", "heldAreaCode"], ["province", "fillProvince", "heldProvince"], ["city", "fillCity", "heldCity"]];
const asked = new WeakMap();

each("[data-region]", (box) => {
  const input = one("input", box);
  const selects = all("select", box);
  const chosen = selects.map((select) => select.value).filter(Boolean).at(-1) || "";
  if (input.value && !chosen) return; // what was typed is not understood: it stays to be mended
  input.type = "hidden";
  selects[0].id = input.id;
  input.removeAttribute("id");
  const described = input.getAttribute("aria-describedby");
  selects.forEach((select) => {
    select.hidden = false;
    if (described) select.setAttribute("aria-describedby", described);
  });
});

async function choose(box, select) {
  const selects = all("select", box);
  const level = selects.indexOf(select);
  const code = select.value || selects[level - 1]?.value || "";
  const input = one("input", box);
  input.value = code;
  selects.slice(level + 1).forEach((lower) => offer(lower, []));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  asked.set(box, code);
  const answer = await fetch(`${box.dataset.region}?of=${encodeURIComponent(code)}`).catch(() => null);
  if (!answer?.ok || asked.get(box) !== code) return;
  const found = await answer.json();
  if (select.value && selects[level + 1]) offer(selects[level + 1], found.places);
  FILLS.forEach(([fact, target, held]) => fill(box, target, held, found[fact]));
}

function offer(select, places) {
  select.replaceChildren(select.options[0], ...places.map(([code, name]) => el("option", { value: code }, name)));
  select.value = "";
  select.disabled = places.length === 0;
}

// Filled is what is empty or still says what the place before said.
function fill(box, target, held, value) {
  const name = box.dataset[target];
  const input = name && one(`[name="${CSS.escape(name)}"]`, box.closest("form"));
  const before = box.dataset[held] || "";
  if (!input) return;
  box.dataset[held] = value;
  if ((input.value && input.value !== before) || input.value === value) return;
  input.value = value;
  ["input", "change"].forEach((type) => input.dispatchEvent(new Event(type, { bubbles: true })));
}

on("change", "[data-region] select", (event, select) => choose(select.closest("[data-region]"), select));
