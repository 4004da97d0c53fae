// The filter builder: conditions joined by and/or, with one level of groups; writes the same JSON that the address holds.
import { all, each, el, icon, one, on } from "./dom.js";
import { address } from "./list.js";

const NO_VALUE = new Set(["is_empty", "not_empty"]);
const LISTS = new Set(["in", "not_in"]);

const option = (value, label, chosen) => el("option", { value, selected: chosen }, label);

class Builder {
  constructor(form, fields) {
    this.form = form;
    this.fields = fields;
    this.words = form.dataset;
    const value = form.dataset.value ? JSON.parse(form.dataset.value) : null;
    const root = value && (value[0] === "and" || value[0] === "or") ? value : ["and", value ? [value] : []];
    if (!root[1].length) root[1].push([fields[0].key, fields[0].operators[0][0], null]);
    one("[data-filter-body]", form).replaceChildren(this.group(root, 0));
  }

  group([joint, parts], depth) {
    const box = el("div", { class: depth ? "kz-fb kz-fb-in" : "kz-fb", "data-fb": joint });
    const lines = el("div", { class: "kz-fb-lines" }, ...parts.map((part) => this.part(part, depth)));
    const switcher = el("button", { class: "kz-fand", type: "button" }, joint === "or" ? this.words.or : this.words.and);
    switcher.addEventListener("click", () => {
      box.dataset.fb = box.dataset.fb === "or" ? "and" : "or";
      switcher.textContent = box.dataset.fb === "or" ? this.words.or : this.words.and;
    });
    const add = el("button", { class: "btn kz-btn-quiet kz-btn-xs", type: "button" }, icon("plus", "kz-s14"), this.words.add);
    add.addEventListener("click", () => lines.append(this.leaf([this.fields[0].key, this.fields[0].operators[0][0], null])));
    const foot = el("div", { class: "kz-row1 kz-gap4" }, switcher, add);
    if (depth === 0) {
      const more = el("button", { class: "btn kz-btn-quiet kz-btn-xs", type: "button" }, icon("parentheses", "kz-s14"), this.words.group);
      more.addEventListener("click", () => lines.append(this.group(["or", [[this.fields[0].key, this.fields[0].operators[0][0], null]]], 1)));
      foot.append(more);
    } else foot.append(this.remover(box));
    box.append(lines, foot);
    return box;
  }

  part(part, depth) {
    return part[0] === "and" || part[0] === "or" ? this.group(part, depth + 1) : this.leaf(part);
  }

  remover(box) {
    const button = el("button", { class: "btn kz-btn-quiet kz-btn-xs kz-btn-ico", type: "button", "aria-label": this.words.remove }, icon("x", "kz-s14"));
    button.addEventListener("click", () => box.remove());
    return button;
  }

  leaf([key, operator, value]) {
    const line = el("div", { class: "kz-fb-leaf", "data-leaf": true });
    const field = el("select", { class: "form-select", "aria-label": this.words.fieldLabel }, ...this.fields.map((each_) => option(each_.key, each_.label, each_.key === key)));
    const how = el("select", { class: "form-select", "aria-label": this.words.operatorLabel });
    const place = el("div", { class: "kz-fb-value" });
    const spec = () => this.fields.find((each_) => each_.key === field.value);
    const operators = (chosen) => how.replaceChildren(...spec().operators.map(([name, label]) => option(name, label, name === chosen)));
    const control = (given) => place.replaceChildren(...this.value(spec(), how.value, given));
    field.addEventListener("change", () => { operators(); control(null); });
    how.addEventListener("change", () => control(null));
    operators(operator);
    control(value);
    line.append(field, how, place, this.remover(line));
    return line;
  }

  value(field, operator, given) {
    if (NO_VALUE.has(operator)) return [];
    const name = this.words.valueLabel;
    if (operator === "relative") return [el("select", { class: "form-select", "data-v": "one", "aria-label": name }, ...field.relative.map(([value, label]) => option(value, label, value === given)))];
    if (field.options.length) return [this.options(field, operator, given, name)];
    if (field.target) return [this.people(field, operator, given, name)];
    const type = field.kind === "date" ? "date" : field.kind === "datetime" ? "datetime-local" : "text";
    if (operator === "between") {
      const [low, high] = Array.isArray(given) ? given : ["", ""];
      return [el("input", { class: "form-control", type, value: low ?? "", "data-v": "pair", "aria-label": name }), "–", el("input", { class: "form-control", type, value: high ?? "", "data-v": "pair", "aria-label": name })];
    }
    const shown = Array.isArray(given) ? given.join("，") : given ?? "";
    return [el("input", { class: "form-control", type: LISTS.has(operator) ? "text" : type, value: shown, "data-v": LISTS.has(operator) ? "list" : "one", "aria-label": name })];
  }

  options(field, operator, given, name) {
    const chosen = new Set([].concat(given ?? []).map(String));
    if (!LISTS.has(operator)) return el("select", { class: "form-select", "data-v": "one", "aria-label": name }, ...field.options.map(([value, label]) => option(value, label, chosen.has(value))));
    return el("div", { class: "kz-fb-options", "data-v": "checks", role: "group", "aria-label": name }, ...field.options.map(([value, label]) => el("label", { class: "kz-option" }, el("input", { class: "kz-ck", type: "checkbox", value, checked: chosen.has(value) }), el("span", {}, label))));
  }

  people(field, operator, given, name) {
    const words = field.target === "core.member" ? [["me", this.words.me], ["my_departments_below", this.words.mydept]] : field.target === "core.department" ? [["my_departments_below", this.words.mydept]] : [];
    const values = [].concat(given ?? []).map(String);
    const box = el("div", { class: "kz-fb-people", "data-v": LISTS.has(operator) ? "chips" : "chip" });
    const add = (value, label) => {
      if (!LISTS.has(operator)) all("[data-chip]", box).forEach((chip) => chip.remove());
      if (one(`[data-chip="${CSS.escape(value)}"]`, box)) return;
      const chip = el("span", { class: "kz-tag1 kz-blue", "data-chip": value }, label);
      const off = el("button", { class: "kz-chipx", type: "button", "aria-label": this.words.remove }, icon("x", "kz-s14"));
      off.addEventListener("click", () => chip.remove());
      chip.append(off);
      box.prepend(chip);
    };
    const input = el("input", { class: "form-control", type: "search", placeholder: this.words.search, "aria-label": name, autocomplete: "off" });
    const found = el("div", { class: "kz-fb-found" });
    const show = async () => {
      const answer = await fetch(`${this.words.suggest.replace("TYPE", field.target)}?q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } });
      found.innerHTML = answer.ok ? await answer.text() : "";
      if (!input.value) words.forEach(([value, label]) => found.prepend(el("div", { class: "kz-li", role: "option", "data-pk": value, "data-title": label }, label)));
    };
    input.addEventListener("input", show);
    input.addEventListener("focus", show);
    found.addEventListener("click", (event) => {
      const line = event.target.closest("[data-pk]");
      if (!line) return;
      add(line.dataset.pk, line.dataset.title);
      input.value = "";
      found.replaceChildren();
    });
    box.append(input, found);
    values.filter(Boolean).forEach((value) => add(value, (words.find(([word]) => word === value) || [])[1] || this.name(value)));
    return box;
  }

  name(value) {
    return `#${value}`;
  }

  read(box = one("[data-fb]", this.form)) {
    const parts = [...one(".kz-fb-lines", box).children].map((child) => (child.hasAttribute("data-leaf") ? this.readLeaf(child) : this.read(child))).filter(Boolean);
    if (!parts.length) return null;
    return [box.dataset.fb, parts];
  }

  readLeaf(line) {
    const [field, how] = all("select", line);
    const holder = one("[data-v]", line);
    if (NO_VALUE.has(how.value)) return [field.value, how.value, null];
    if (!holder) return null;
    const spec = this.fields.find((each_) => each_.key === field.value);
    const numbers = (list) => list.map((value) => (/^\d+$/.test(value) && spec.target ? Number(value) : value));
    const kind = holder.dataset.v;
    let value;
    if (kind === "checks") value = all("input:checked", holder).map((box) => box.value);
    else if (kind === "chips") value = numbers(all("[data-chip]", holder).map((chip) => chip.dataset.chip));
    else if (kind === "chip") [value] = numbers(all("[data-chip]", holder).map((chip) => chip.dataset.chip));
    else if (kind === "pair") value = all("[data-v=pair]", line).map((input) => input.value);
    else if (kind === "list") value = holder.value.split(/[,，;；、\n]/).map((part) => part.trim()).filter(Boolean);
    else value = holder.value.trim();
    const empty = value === undefined || value === "" || (Array.isArray(value) && value.every((part) => part === ""));
    return empty ? null : [field.value, how.value, value];
  }
}

document.addEventListener("toggle", async (event) => {
  const form = event.target;
  if (!(form instanceof Element) || !form.matches("form[data-filter]") || event.newState !== "open" || form.builder) return;
  const answer = await fetch(form.dataset.url, { headers: { "HX-Request": "true" } });
  if (answer.ok) form.builder = new Builder(form, (await answer.json()).fields);
}, true);
on("submit", "form[data-filter]", (event, form) => {
  event.preventDefault();
  const tree = form.builder?.read();
  location.assign(address({ filter: tree ? JSON.stringify(tree) : "" }));
});
on("click", "[data-filter-clear]", () => location.assign(address({ filter: "" })));
