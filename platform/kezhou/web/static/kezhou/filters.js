// The filter builder: conditions joined by and/or, groups in groups, fields of linked records and records that point here.
// It writes the same JSON that the address and saved views hold.
import { all, el, icon, on, one } from "./dom.js";
import { address } from "./list.js";
import { control, read } from "./filtervalue.js";

const DEEPEST = 4;
const NO_VALUE = new Set(["is_empty", "not_empty"]);

const option = (value, label, chosen) => el("option", { value, selected: chosen }, label);
const kinds = new Map(); // what the builder offers for a type, asked once

export async function offered(url) {
  if (!kinds.has(url)) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    kinds.set(url, await answer.json());
  }
  return kinds.get(url);
}

export class Builder {
  constructor(form, kind) {
    this.form = form;
    this.words = form.dataset;
    this.titles = kind.titles;
    const value = form.dataset.value ? JSON.parse(form.dataset.value) : null;
    const root = value && (value[0] === "and" || value[0] === "or") ? value : ["and", value ? [value] : []];
    if (!root[1].length) root[1].push(this.fresh(kind));
    one("[data-filter-body]", form).replaceChildren(this.group(root, 0, kind));
  }

  fresh(kind) { return [kind.fields[0].key, kind.fields[0].operators[0][0], null]; }

  of(type) { return offered(this.words.fields.replace("TYPE", type)); }

  group([joint, parts], depth, kind, fixed = depth === 0) {
    const box = el("div", { class: depth ? "kz-fb kz-fb-in" : "kz-fb", "data-fb": joint, role: "group" });
    const lines = el("div", { class: "kz-fb-lines" });
    parts.forEach((part) => lines.append(this.part(part, depth, kind)));
    const switcher = el("button", { class: "kz-fand", type: "button" }, joint === "or" ? this.words.or : this.words.and);
    switcher.addEventListener("click", () => {
      box.dataset.fb = box.dataset.fb === "or" ? "and" : "or";
      switcher.textContent = box.dataset.fb === "or" ? this.words.or : this.words.and;
    });
    const button = (name, text, act) => {
      const made = el("button", { class: "btn kz-btn-quiet kz-btn-xs", type: "button" }, icon(name, "kz-s14"), text);
      made.addEventListener("click", act);
      return made;
    };
    const put = (line) => { lines.append(line); one("select", line)?.focus(); };
    const foot = el("div", { class: "kz-row1 kz-gap4 kz-wraps" }, switcher, button("plus", this.words.add, () => put(this.leaf(this.fresh(kind), kind))));
    if (depth < DEEPEST) foot.append(button("parentheses", this.words.group, () => put(this.group(["or", [this.fresh(kind)]], depth + 1, kind))));
    if (kind.pointing.length && depth < DEEPEST) foot.append(button("link", this.words.pointing, () => put(this.pointing(["any", kind.pointing[0].key, ["and", []]], depth, kind))));
    if (!fixed) foot.append(el("span", { class: "kz-sp" }), this.remover(box));
    box.append(lines, foot);
    return box;
  }

  part(part, depth, kind) {
    if (part[0] === "and" || part[0] === "or") return this.group(part, depth + 1, kind);
    if (part[0] === "any") return this.pointing(part, depth, kind);
    if (part[0] === "not" || part[0] === "pk") return this.kept(part);
    return this.leaf(part, kind);
  }

  // What the builder does not draw is kept as it is and can only be removed.
  kept(part) {
    const line = el("div", { class: "kz-fb-leaf kz-fb-kept", "data-kept": JSON.stringify(part) }, el("span", { class: "kz-dim kz-fs12" }, this.words.kept));
    line.append(this.remover(line));
    return line;
  }

  remover(box) {
    const button = el("button", { class: "btn kz-btn-quiet kz-btn-xs kz-btn-ico", type: "button", "aria-label": this.words.remove }, icon("x", "kz-s14"));
    button.addEventListener("click", () => {
      const next = box.nextElementSibling || box.previousElementSibling || box.parentElement;
      box.remove();
      one("select, button", next || this.form)?.focus();
    });
    return button;
  }

  leaf([key, operator, value], kind) {
    const line = el("div", { class: "kz-fb-leaf", "data-leaf": true });
    const [head, ...rest] = key.split(".");
    const field = el("select", { class: "form-select", "aria-label": this.words.fieldLabel });
    field.append(...kind.fields.map((each) => option(each.key, each.label, !rest.length && each.key === head)));
    const links = kind.fields.filter((each) => each.further);
    if (links.length) field.append(el("optgroup", { label: this.words.further }, ...links.map((each) => option(`${each.key}.`, `${each.label} ›`, rest.length > 0 && each.key === head))));
    const deeper = el("span", { class: "kz-fb-deeper" });
    const how = el("select", { class: "form-select", "aria-label": this.words.operatorLabel });
    const place = el("div", { class: "kz-fb-value" });
    line.append(el("div", { class: "kz-fb-fields" }, field, deeper), how, place, this.remover(line));
    const show = (spec, chosen, given) => {
      line.spec = spec;
      how.replaceChildren(...spec.operators.map(([name, label]) => option(name, label, name === chosen)));
      place.replaceChildren(...control(spec, how.value, given, this));
    };
    how.addEventListener("change", () => place.replaceChildren(...control(line.spec, how.value, null, this)));
    const choose = async (path, chosen, given) => {
      deeper.replaceChildren();
      line.path = "";
      if (!field.value.endsWith(".")) { show(kind.fields.find((each) => each.key === field.value), chosen, given); return; }
      const link = kind.fields.find((each) => `${each.key}.` === field.value);
      const far = await this.of(link.further);
      const select = el("select", { class: "form-select", "aria-label": link.label }, ...far.fields.map((each) => option(each.key, each.label, each.key === path)));
      deeper.replaceChildren(select);
      const set = (c, g) => { line.path = `${link.key}.${select.value}`; show(far.fields.find((each) => each.key === select.value), c, g); };
      select.addEventListener("change", () => set(null, null));
      set(chosen, given);
    };
    field.addEventListener("change", () => choose("", null, null));
    choose(rest.join("."), operator, value);
    return line;
  }

  pointing([, key, tree, least = 1, most = null], depth, kind) {
    const box = el("div", { class: "kz-fb kz-fb-in kz-fb-any", "data-any": true, role: "group" });
    const which = el("select", { class: "form-select", "aria-label": this.words.pointing }, ...kind.pointing.map((each) => option(each.key, each.label, each.key === key)));
    const modes = [["some", this.words.some], ["none", this.words.none], ["least", this.words.least], ["most", this.words.most], ["exact", this.words.exact]];
    const mode = most === 0 ? "none" : most === null ? (least === 1 ? "some" : "least") : least === most ? "exact" : "most";
    const how = el("select", { class: "form-select kz-w", "data-how": true, "aria-label": this.words.some }, ...modes.map(([name, label]) => option(name, label, name === mode)));
    const number = el("input", { class: "form-control kz-w kz-fb-number", type: "number", min: 0, max: 1000, value: mode === "most" || mode === "exact" ? most : least, "aria-label": this.words.number });
    const sees = () => { number.hidden = how.value === "some" || how.value === "none"; };
    how.addEventListener("change", sees);
    sees();
    const inside = el("div", {});
    const fill = async (given) => {
      const other = await this.of(kind.pointing.find((each) => each.key === which.value).type);
      const root = given && (given[0] === "and" || given[0] === "or") ? given : ["and", given ? [given] : []];
      inside.replaceChildren(this.group(root, depth + 1, other, true));
      inside.firstElementChild.classList.remove("kz-fb-in");
    };
    which.addEventListener("change", () => fill(null));
    box.append(el("div", { class: "kz-row1 kz-gap6 kz-wraps" }, how, number, which, el("span", { class: "kz-sp" }), this.remover(box)), inside);
    fill(tree);
    return box;
  }

  read(box = one("[data-fb]", this.form)) {
    const lines = one(":scope > .kz-fb-lines", box);
    const parts = [...lines.children].map((child) => this.readPart(child)).filter(Boolean);
    return parts.length ? [box.dataset.fb, parts] : null;
  }

  readPart(child) {
    if (child.dataset.kept) return JSON.parse(child.dataset.kept);
    if (child.hasAttribute("data-any")) return this.readPointing(child);
    return child.hasAttribute("data-leaf") ? this.readLeaf(child) : this.read(child);
  }

  readPointing(box) {
    const [how, which] = all(":scope > .kz-row1 > select", box);
    const inner = one("[data-fb]", box);
    const tree = (inner && this.read(inner)) || ["and", []];
    const number = Number(one(".kz-fb-number", box).value) || 0;
    const range = { some: [], none: [0, 0], least: [Math.max(1, number), null], most: [0, number], exact: [number, number] }[how.value];
    return ["any", which.value, tree, ...range];
  }

  readLeaf(line) {
    const field = one("select", line).value;
    const how = one(":scope > select", line).value;
    const name = line.path || field;
    if (!line.spec) return null;
    if (NO_VALUE.has(how)) return [name, how, null];
    const value = read(line, line.spec);
    const empty = value === undefined || value === "" || (Array.isArray(value) && value.every((part) => part === ""));
    return empty ? null : [name, how, value];
  }
}

document.addEventListener("toggle", async (event) => {
  const form = event.target;
  if (!(form instanceof Element) || !form.matches("form[data-filter]") || event.newState !== "open" || form.builder) return;
  try {
    form.builder = new Builder(form, await offered(form.dataset.url));
    one("select, input", form)?.focus();
  } catch {
    one("[data-filter-body]", form).textContent = document.body.dataset.failed;
  }
}, true);
on("submit", "form[data-filter]", (event, form) => {
  event.preventDefault();
  const tree = form.builder?.read();
  location.assign(address({ filter: tree ? JSON.stringify(tree) : "" }));
});
on("click", "[data-filter-clear]", () => location.assign(address({ filter: "" })));
on("keydown", "form[data-filter]", (event, form) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
