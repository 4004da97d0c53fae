// The value beside a condition: text, number, dates, options, people and records, pasted lists.
import { all, el, icon, one } from "./dom.js";
import { pick, sift } from "./many.js";

const LISTS = new Set(["in", "not_in"]);
const SEPARATORS = /[,，;；、\t\r\n]+/;
const MOST = 2000;
const NO_VALUE = new Set(["is_empty", "not_empty"]);

const option = (value, label, chosen) => el("option", { value, selected: chosen }, label);

export function control(field, operator, given, builder) {
  const { words } = builder;
  if (NO_VALUE.has(operator)) return [];
  const name = words.valueLabel;
  if (operator === "relative") return relative(field, given, words);
  if (field.options.length) return [searched(options(field, operator, given, words), field, words)];
  if (field.target) return [people(field, operator, given, builder)];
  const type = field.kind === "date" ? "date" : field.kind === "datetime" ? "datetime-local" : "text";
  const mode = field.kind === "number" ? { inputmode: "decimal" } : {};
  if (operator === "between") {
    const [low, high] = Array.isArray(given) ? given : ["", ""];
    return [el("input", { class: "form-control", type, value: low ?? "", "data-v": "pair", "aria-label": name, ...mode }), "–", el("input", { class: "form-control", type, value: high ?? "", "data-v": "pair", "aria-label": name, ...mode })];
  }
  if (LISTS.has(operator)) return [pasted(given, words)];
  return [el("input", { class: "form-control", type, value: Array.isArray(given) ? given.join(" ") : given ?? "", "data-v": "one", "aria-label": name, placeholder: operator === "contains" ? words.several : "", ...mode })];
}

function relative(field, given, words) {
  const counted = /^(last|next|before|after)_(\d+)_days$/.exec(given || "");
  const select = el("select", { class: "form-select", "data-v": "relative", "aria-label": words.valueLabel },
    ...field.relative.map(([value, label]) => option(value, label, value === given)),
    ...field.counted.map(([value, label]) => option(`${value}_N_days`, label, counted !== null && counted[1] === value)));
  const days = el("input", { class: "form-control kz-w kz-fb-number", type: "number", min: 1, max: 9999, value: counted ? counted[2] : 7, "data-days": true, "aria-label": words.days });
  const sees = () => { days.hidden = !select.value.includes("_N_"); };
  select.addEventListener("change", sees);
  sees();
  return [select, days];
}

// A list is typed or pasted, one value a line or between commas; how many there are is said at once.
function pasted(given, words) {
  const box = el("div", { class: "kz-fb-list", "data-v": "list" });
  const area = el("textarea", { class: "form-control", rows: 2, "aria-label": words.valueLabel, placeholder: words.paste });
  area.value = [].concat(given ?? []).join("\n");
  const note = el("span", { class: "kz-fs12 kz-dim", role: "status" });
  const count = () => {
    const values = split(area.value);
    note.textContent = values.length > MOST ? words.tooMany.replace("%n", values.length.toLocaleString()) : values.length > 1 ? words.counted.replace("%n", values.length.toLocaleString()) : "";
    area.rows = Math.min(6, Math.max(2, area.value.split("\n").length));
    area.setCustomValidity(values.length > MOST ? note.textContent : "");
  };
  area.addEventListener("input", count);
  count();
  box.append(area, note);
  return box;
}

const split = (text) => [...new Set(text.split(SEPARATORS).map((part) => part.trim()).filter(Boolean))];

function options(field, operator, given, words) {
  const chosen = new Set([].concat(given ?? []).map(String));
  if (!LISTS.has(operator) && field.kind !== "multiselect" && !["contains", "not_contains"].includes(operator)) return el("select", { class: "form-select", "data-v": "one", "aria-label": words.valueLabel }, ...(field.spelling ? [option("", words.choose, !chosen.size)] : []), ...field.options.map(([value, label]) => option(value, label, chosen.has(value))));
  return el("div", { class: "kz-fb-options", "data-v": "checks", role: "group", "aria-label": words.valueLabel }, ...field.options.map(([value, label]) => el("label", { class: "kz-option" }, el("input", { class: "kz-ck", type: "checkbox", value, checked: chosen.has(value) }), el("span", {}, label))));
}

// Beyond the fiftieth option nobody reads on: then they are searched.
function searched(holder, field, words) {
  if (!field.spelling) return holder;
  const box = el("div", { class: "kz-fb-many" }, holder);
  const said = { url: field.spelling, hint: words.search, none: words.nothing };
  if (holder.matches("select")) pick(holder, said);
  else sift(holder, said);
  return box;
}

function people(field, operator, given, builder) {
  const { words } = builder;
  const member = [["me", words.me], ["my_department", words.dept], ["my_departments_below", words.mydept], ["my_reports", words.reports]];
  const short = field.target === "core.member" ? member : field.target === "core.department" ? member.slice(1, 3) : [];
  const values = [].concat(given ?? []).map(String);
  const box = el("div", { class: "kz-fb-people", "data-v": LISTS.has(operator) ? "chips" : "chip" });
  const add = (value, label) => {
    if (!LISTS.has(operator)) all("[data-chip]", box).forEach((chip) => chip.remove());
    if (one(`[data-chip="${CSS.escape(value)}"]`, box)) return;
    const chip = el("span", { class: "kz-tag1 kz-blue", "data-chip": value }, label);
    const off = el("button", { class: "kz-chipx", type: "button", "aria-label": words.remove }, icon("x", "kz-s14"));
    off.addEventListener("click", () => chip.remove());
    chip.append(off);
    input.before(chip);
  };
  const input = el("input", { class: "form-control", type: "search", placeholder: words.search, "aria-label": words.valueLabel, autocomplete: "off", role: "combobox", "aria-expanded": "false" });
  const found = el("div", { class: "kz-fb-found", role: "listbox" });
  let asked = 0;
  const show = async () => {
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${words.suggest.replace("TYPE", field.target)}?any=1&q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } });
    if (mine !== asked || !answer.ok) return;
    found.innerHTML = await answer.text();
    if (!input.value) [...short].reverse().forEach(([value, label]) => found.prepend(el("div", { class: "kz-li", role: "option", "data-pk": value, "data-title": label }, label)));
    input.setAttribute("aria-expanded", "true");
  };
  const take = (line) => {
    add(line.dataset.pk, line.dataset.title);
    input.value = "";
    found.replaceChildren();
    input.setAttribute("aria-expanded", "false");
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const lines = all("[data-pk]", found);
    const at = lines.findIndex((line) => line.classList.contains("kz-hov"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = lines[(at + (event.key === "ArrowDown" ? 1 : -1) + lines.length) % lines.length];
      lines.forEach((line) => line.classList.toggle("kz-hov", line === next));
      next?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && lines.length) { event.preventDefault(); take(lines[Math.max(0, at)]); }
    else if (event.key === "Escape" && lines.length) { event.preventDefault(); event.stopPropagation(); found.replaceChildren(); }
    else if (event.key === "Backspace" && !input.value) all("[data-chip]", box).at(-1)?.remove();
  });
  found.addEventListener("click", (event) => { const line = event.target.closest("[data-pk]"); if (line) { take(line); input.focus(); } });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) setTimeout(() => { if (!box.contains(document.activeElement)) found.replaceChildren(); }, 150); });
  box.append(input, found);
  values.filter(Boolean).forEach((value) => add(value, (short.find(([word]) => word === value) || [])[1] || builder.titles[`${field.target}:${value}`] || `#${value}`));
  return box;
}

export function read(line, field) {
  const holder = one("[data-v]", line);
  if (!holder) return undefined;
  const numbers = (list) => list.map((value) => (/^\d+$/.test(value) && field.target ? Number(value) : value));
  const kind = holder.dataset.v;
  if (kind === "checks") return all("input:checked", holder).map((box) => box.value);
  if (kind === "chips") return numbers(all("[data-chip]", holder).map((chip) => chip.dataset.chip));
  if (kind === "chip") return numbers(all("[data-chip]", holder).map((chip) => chip.dataset.chip))[0];
  if (kind === "pair") return all("[data-v=pair]", line).map((input) => input.value.trim());
  if (kind === "list") return split(one("textarea", holder).value);
  if (kind === "relative") return holder.value.replace("_N_", `_${Math.max(1, Number(one("[data-days]", line).value) || 7)}_`);
  return holder.value.trim();
}
