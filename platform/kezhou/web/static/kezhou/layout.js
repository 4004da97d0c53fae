// The layout editor: draws the model with the real controls, drags, keys, properties, saving. See layout_model.js.
import { all, cookie, el, one, on, say } from "./dom.js";
import { Model } from "./layout_model.js";
import { askToSignIn, toast } from "./requests.js";

const root = one("[data-layout]");
const data = JSON.parse(one("#layout-data").textContent);
const model = new Model(data);
const wide = window.matchMedia("(min-width: 1024px)");
const store = new Map(all("[data-piece]", root).map((node) => [node.dataset.piece, node]));
const canvas = one("[data-lay-canvas]", root);
const palette = one("[data-lay-pal]", root);
const strip = one("[data-lay-tabs]", root);
const properties = one("[data-lay-props]", root);
const words = one("[data-lay-words]", root).dataset;
const fill = (text, label, number) => text.replace("%s", label).replace("%n", number);
const glyph = (name) => one(`[data-i=${name}]`, one("[data-lay-icons]", root).content).firstElementChild.cloneNode(true);
const label = (key) => model.fact(key)?.label || key;

let tab = 0;
let chosen = null; // {kind: "field" | "section" | "tab", key}
let clash = null;
let leaving = false;
let sortables = [];

/* drawing */
function draw() {
  sortables.forEach((sortable) => sortable.destroy());
  sortables = [];
  tab = Math.min(tab, model.now.tabs.length - 1);
  drawTabs();
  const current = model.now.tabs[tab];
  const last = tab === model.now.tabs.length - 1;
  const drawn = model.arranged ? current.sections.map(drawSection) : [drawFlat()];
  const rest = last ? model.auto() : [];
  if (rest.length) drawn.push(drawAuto(rest));
  canvas.replaceChildren(...drawn);
  drawPalette();
  drawProperties();
  const count = model.count;
  const note = one("[data-lay-unsaved]", root);
  note.hidden = count === 0;
  note.textContent = fill(words.unsaved, "", count);
  one("[data-lay-save]", root).disabled = !model.changed;
  one("[data-lay-undo]", root).disabled = !model.past.length;
  one("[data-lay-redo]", root).disabled = !model.future.length;
  one("[data-lay-more]", root).hidden = !model.arranged;
  if (wide.matches) makeSortable();
}

function drawTabs() {
  strip.hidden = model.now.tabs.length < 2;
  strip.replaceChildren(...model.now.tabs.map((each, at) => el("button", {
    type: "button", class: `kz-lay-tab${at === tab ? " on" : ""}`, "data-lay-tab": each.key,
    "aria-pressed": String(at === tab),
  }, each.title || words.firstTab)));
}

function drawSection(section) {
  const fields = model.known(section);
  const needs = section.lazy && model.kind === "form" && fields.some((field) => model.fact(field.key).required);
  const head = el("h4", { "data-lay-section-head": section.key, tabindex: "0", role: "button", "aria-label": `${words.section} ${section.title}` },
    el("span", { class: "kz-lay-grip", "aria-hidden": "true" }, glyph("grip")), section.title,
    el("span", { class: "kz-fs12 kz-dim" }, fill(words.cols, "", section.columns)),
    section.lazy ? el("span", { class: `kz-tag1 ${needs ? "kz-amb" : "kz-gry"}` }, needs ? words.closedRequired : words.lazy) : null);
  const grid = el("div", { class: `kz-fgrid kz-cols-${section.columns} kz-lay-grid`, "data-lay-grid": section.key, "data-empty": words.empty },
    ...fields.map((field) => drawField(field)));
  return el("section", { class: `kz-lsec${picked("section", section.key) ? " kz-sel" : ""}`, "data-lay-section": section.key }, head, grid);
}

function drawAuto(keys) {
  const grid = el("div", { class: "kz-fgrid kz-lay-grid", "data-lay-grid": "" }, ...keys.map((key) => drawField({ key, wide: null })));
  return el("section", { class: "kz-lsec kz-lay-auto" },
    el("h4", {}, words.auto, el("span", { class: "kz-fs12 kz-dim" }, words.autoNote)), grid);
}

function drawFlat() {
  const section = model.now.tabs[0].sections[0];
  const list = el("div", { class: "kz-lay-flat", "data-lay-grid": section.key, "data-empty": words.empty }, ...model.known(section).map(drawField));
  return el("section", { class: "kz-lsec", "data-lay-section": section.key }, list);
}

function drawField(field) {
  const fact = model.fact(field.key);
  const node = el("div", {
    class: `kz-lf${(field.wide ?? fact.wide) ? " kz-w2" : ""}${picked("field", field.key) ? " kz-sel" : ""}`,
    "data-lay-field": field.key, tabindex: "0", role: "button", "aria-pressed": String(picked("field", field.key)), "aria-label": fact.label,
  });
  node.append(...drawing(field, fact));
  const only = store.get(field.key)?.dataset.classes;
  if (only) node.append(el("span", { class: "kz-tag1 kz-vio kz-lay-only" }, fill(words.onlyClass, only)));
  if (picked("field", field.key)) node.append(tools(fact));
  return node;
}

function drawing(field, fact) {
  if (model.kind === "related") {
    const shown = (field.columns || []).map((key) => fact.columns.find((column) => column.key === key)?.label).filter(Boolean);
    return [el("b", {}, fact.label), el("span", { class: "kz-fs12 kz-dim" }, shown.join(" · ") || "—")];
  }
  const inner = el("div", { inert: true, class: "kz-lay-piece" });
  if (model.kind === "columns") inner.append(el("b", { class: "kz-lay-colhead" }, fact.label));
  inner.append(...[...(store.get(field.key)?.childNodes || [])].map((child) => child.cloneNode(true)));
  return [inner];
}

function tools(fact) {
  const button = (name, icon, text, disabled) => el("button", { type: "button", "data-lay-do": name, "aria-label": `${text}：${fact.label}`, title: text, disabled }, glyph(icon));
  return el("span", { class: "kz-tools" }, button("up", "up", words.up), button("down", "down", words.down),
    model.arranged ? button("wide", "wide", words.wide) : null, button("out", "out", words.out, Boolean(fact.required)));
}

function drawPalette() {
  const keys = model.off();
  const find = one("[data-lay-find]", root).value.trim().toLowerCase();
  one("[data-lay-pal-n]", root).textContent = keys.length;
  one("[data-lay-pal-empty]", root).hidden = keys.length > 0;
  palette.replaceChildren(...keys.filter((key) => label(key).toLowerCase().includes(find)).map((key) => el("div", { class: "kz-lay-item", "data-lay-field": key },
    el("span", { class: "kz-lay-grip", "aria-hidden": "true" }, glyph("grip")), el("span", { class: "kz-ell kz-sp" }, label(key)),
    el("span", { class: "kz-fs12 kz-dim" }, model.fact(key).type),
    el("button", { class: "btn kz-btn-quiet kz-btn-xs kz-btn-ico", type: "button", "data-lay-back": key, "aria-label": `${words.back}：${label(key)}` }, glyph("back")))));
}

/* dragging: after a drop the page is asked where things lie */
function makeSortable() {
  const common = { animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120, ghostClass: "kz-lay-drop", onEnd: dropped };
  const grids = [...all("[data-lay-grid]", canvas), palette];
  grids.forEach((grid) => sortables.push(new window.Sortable(grid, { ...common, group: "fields", draggable: "[data-lay-field]", filter: "button, input", preventOnFilter: false })));
  if (model.arranged) {
    sortables.push(new window.Sortable(canvas, { ...common, draggable: "[data-lay-section]", handle: "[data-lay-section-head]", onEnd: sectionDropped }));
    sortables.push(new window.Sortable(strip, { ...common, draggable: "[data-lay-tab]", onEnd: tabDropped }));
  }
}

function dropped(event) {
  const key = event.item.dataset.layField;
  if (event.to === palette) { if (event.from !== palette) takeOff(key); } else if (event.to.dataset.layGrid) {
    const order = all("[data-lay-field]", event.to).map((node) => node.dataset.layField);
    const next = order[order.indexOf(key) + 1];
    const { section } = model.section(event.to.dataset.layGrid);
    const rest = section.fields.filter((field) => field.key !== key);
    const at = next ? rest.findIndex((field) => field.key === next) : -1;
    if (model.place(key, section.key, at)) tell(key);
  } else if (event.from !== event.to) model.release(key);
  chosen = { kind: "field", key };
  setTimeout(draw, 0);
}
function sectionDropped() {
  const order = all("[data-lay-section]", canvas).map((node) => node.dataset.laySection);
  model.step((state) => { state.tabs[tab].sections.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)); });
  setTimeout(draw, 0);
}
function tabDropped() {
  const shown = model.now.tabs[tab].key;
  const order = all("[data-lay-tab]", strip).map((node) => node.dataset.layTab);
  model.step((state) => { state.tabs.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)); });
  tab = model.now.tabs.findIndex((each) => each.key === shown);
  setTimeout(draw, 0);
}

/* what can be done, by pointer, keys and buttons alike */
const picked = (kind, key) => chosen?.kind === kind && chosen.key === key;
function pick(kind, key) {
  chosen = { kind, key };
  draw();
  focusChosen();
}
function focusChosen() {
  if (!chosen) return;
  const name = { field: "data-lay-field", section: "data-lay-section-head", tab: "data-lay-tab" }[chosen.kind];
  one(`[${name}="${CSS.escape(chosen.key)}"]`, root)?.focus({ preventScroll: false });
}
function tell(key) {
  const found = model.find(key);
  if (found) say(words.moved.replace("%s", label(key)).replace("%n", found.at + 1));
}
function takeOff(key) {
  if (model.fact(key).required) toast(fill(words.required, label(key)), "no");
  else if (model.putOff(key)) say(fill(words.off, label(key)));
}
function move(by) {
  if (chosen.kind === "field") moveField(chosen.key, by);
  else if (chosen.kind === "section") {
    const found = model.section(chosen.key);
    model.shift(found.tab.sections, found.at, by);
  } else {
    const at = model.now.tabs.findIndex((each) => each.key === chosen.key);
    if (model.shift(model.now.tabs, at, by)) tab = at + by;
  }
  draw();
  focusChosen();
}
// At the edge of a section a field goes on into the next one; one that lay in the last section by itself gets a place.
function moveField(key, by) {
  const found = model.find(key);
  const sections = model.now.tabs[tab].sections;
  if (!found) { if (sections.length) model.place(key, sections.at(-1).key, -1); return tell(key); }
  const near = model.known(found.section);
  const next = near[near.findIndex((field) => field.key === key) + by];
  if (next) model.place(key, found.section.key, found.section.fields.findIndex((field) => field.key === next.key));
  else {
    const other = found.tab.sections[found.tab.sections.indexOf(found.section) + by];
    if (other) model.place(key, other.key, by > 0 ? 0 : -1);
  }
  return tell(key);
}
const acts = {
  up: () => move(-1),
  down: () => move(1),
  out: () => { takeOff(chosen.key); chosen = null; draw(); },
  wide: () => {
    const key = chosen.key;
    if (!model.find(key)) moveField(key, 1);
    const { field } = model.find(key) || {};
    if (field) model.step(() => { field.wide = !(field.wide ?? model.fact(key).wide); });
    draw();
    focusChosen();
  },
};
on("click", "[data-lay-do]", (event, button) => { event.stopPropagation(); acts[button.dataset.layDo](); });
on("click", "[data-lay-canvas] [data-lay-field]", (event, node) => { if (wide.matches && !event.target.closest("button")) pick("field", node.dataset.layField); });
on("click", "[data-lay-section-head]", (event, node) => { if (wide.matches) pick("section", node.dataset.laySectionHead); });
on("click", "[data-lay-tab]", (event, node) => { tab = model.now.tabs.findIndex((each) => each.key === node.dataset.layTab); pick("tab", node.dataset.layTab); });
on("click", "[data-lay-back]", (event, button) => { model.putBack(button.dataset.layBack); pick("field", button.dataset.layBack); });
on("input", "[data-lay-find]", drawPalette);
on("click", "[data-lay-add]", () => {
  const key = model.fresh("s");
  model.step((state) => state.tabs[tab].sections.push({ key, title: words.newSection, columns: 2, lazy: false, fields: [] }));
  pick("section", key);
  one("[data-p=title]", properties)?.select();
});
on("click", "[data-lay-add-tab]", () => {
  const key = model.fresh("t");
  model.step((state) => {
    state.tabs.forEach((each) => { each.title ||= words.firstTab; });
    state.tabs.push({ key, title: words.newTab, sections: [{ key: model.fresh("s"), title: words.newSection, columns: 2, lazy: false, fields: [] }] });
  });
  tab = model.now.tabs.length - 1;
  pick("tab", key);
  one("[data-p=title]", properties)?.select();
});
document.addEventListener("keydown", (event) => {
  if (!wide.matches || event.isComposing) return;
  const typing = event.target.closest("input, select, textarea");
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !typing && (key === "z" || key === "y")) {
    event.preventDefault();
    turn(key === "y" || event.shiftKey ? "redo" : "undo");
  } else if ((event.ctrlKey || event.metaKey) && key === "s") {
    event.preventDefault();
    if (model.changed) save();
  } else if (!typing && event.target.closest("[data-lay-field], [data-lay-section-head], [data-lay-tab]")) pressed(event);
});
function pressed(event) {
  const { layField, laySectionHead, layTab } = event.target.dataset;
  const at = layField ? ["field", layField] : laySectionHead ? ["section", laySectionHead] : ["tab", layTab];
  if (!at[1] || event.target.closest("[data-lay-pal]")) return;
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(...at); }
  else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    chosen = { kind: at[0], key: at[1] };
    move(event.key === "ArrowUp" ? -1 : 1);
  } else if (event.key === "Delete" && layField) { event.preventDefault(); chosen = { kind: "field", key: layField }; acts.out(); }
  else if (event.key === "Escape" && chosen) { chosen = null; draw(); }
}
function turn(way) {
  if (model[way]()) { say(words[way]); draw(); }
}
on("click", "[data-lay-undo]", () => turn("undo"));
on("click", "[data-lay-redo]", () => turn("redo"));

/* properties of what is chosen */
function drawProperties() {
  const there = chosen && { field: () => model.facts.has(chosen.key), section: () => model.section(chosen.key), tab: () => model.now.tabs.some((each) => each.key === chosen.key) }[chosen.kind]();
  if (!there) chosen = null;
  properties.replaceChildren();
  if (!chosen || !wide.matches) return;
  properties.append(one(`[data-lay-form-${chosen.kind}]`, root).content.cloneNode(true));
  ({ field: fieldProperties, section: sectionProperties, tab: tabProperties })[chosen.kind](chosen.key);
}
function fieldProperties(key) {
  const fact = model.fact(key);
  const found = model.find(key);
  one("[data-p-name]", properties).textContent = fact.label;
  one("[data-p-type]", properties).textContent = fact.type;
  one("[data-p-type]", properties).hidden = !fact.type;
  one("[data-p-required]", properties).hidden = !fact.required;
  one("[data-p-remove]", properties).disabled = Boolean(fact.required);
  one("[data-p-wide-box]", properties).hidden = !model.arranged || !found;
  one("[data-p=wide]", properties).checked = found?.field.wide ?? fact.wide;
  const places = one("[data-p-section-box]", properties);
  places.hidden = !model.arranged;
  one("select", places).replaceChildren(...(found ? [] : [el("option", { value: "" }, words.auto)]), ...model.sections().map((section) => el("option", { value: section.key, selected: section === found?.section }, section.title)));
  const columns = one("[data-p-columns-box]", properties);
  columns.hidden = model.kind !== "related";
  if (model.kind === "related" && found) {
    const order = [...(found.field.columns || []), ...fact.columns.map((column) => column.key)];
    one("[data-p-columns]", columns).replaceChildren(...[...new Set(order)].map((name) => fact.columns.find((column) => column.key === name)).filter(Boolean).map((column) => el("label", { class: "kz-row1 kz-gap6 kz-fs13" },
      el("input", { class: "kz-ck", type: "checkbox", "data-p-column": column.key, checked: (found.field.columns || []).includes(column.key) }), column.label)));
  }
}
function sectionProperties(key) {
  const { section } = model.section(key);
  one("[data-p=title]", properties).value = section.title;
  all("[data-p-cols]", properties).forEach((button) => { const same = Number(button.dataset.pCols) === section.columns; button.classList.toggle("on", same); button.setAttribute("aria-pressed", String(same)); });
  one("[data-p=lazy]", properties).checked = section.lazy;
  one("[data-p-remove]", properties).disabled = model.sections().length < 2;
  const box = one("[data-p-tab-box]", properties);
  box.hidden = model.now.tabs.length < 2;
  one("select", box).replaceChildren(...model.now.tabs.map((each, at) => el("option", { value: each.key, selected: at === tab }, each.title)));
}
function tabProperties(key) {
  const each = model.now.tabs.find((other) => other.key === key);
  one("[data-p=title]", properties).value = each.title;
  one("[data-p-remove]", properties).disabled = model.now.tabs.length < 2;
}
const target = () => ({ field: () => model.find(chosen.key)?.field, section: () => model.section(chosen.key)?.section, tab: () => model.now.tabs.find((each) => each.key === chosen.key) })[chosen.kind]();
on("change", "[data-lay-props] [data-p]", (event, control) => {
  const name = control.dataset.p;
  if (name === "section") { if (control.value) model.place(chosen.key, control.value, -1); tab = model.now.tabs.indexOf(model.find(chosen.key)?.tab); }
  else if (name === "tab") moveSection(control.value);
  else model.step(() => { target()[name] = control.type === "checkbox" ? control.checked : control.value.trim() || target()[name]; });
  draw();
});
function moveSection(tabKey) {
  model.step((state) => {
    const found = model.section(chosen.key);
    found.tab.sections.splice(found.at, 1);
    state.tabs.find((each) => each.key === tabKey).sections.push(found.section);
  });
  tab = model.now.tabs.findIndex((each) => each.key === tabKey);
}
on("change", "[data-p-column]", () => {
  const names = all("[data-p-column]:checked", properties).map((box) => box.dataset.pColumn);
  model.step(() => { target().columns = names; });
  draw();
});
on("click", "[data-p-cols]", (event, button) => { model.step(() => { target().columns = Number(button.dataset.pCols); }); draw(); });
on("click", "[data-p-move]", (event, button) => move(Number(button.dataset.pMove)));
on("click", "[data-p-remove]", () => {
  if (chosen.kind === "field") acts.out();
  else if (chosen.kind === "section") {
    const found = model.section(chosen.key);
    model.step(() => found.tab.sections.splice(found.at, 1));
  } else removeTab();
  chosen = null;
  draw();
});
function removeTab() {
  const at = model.now.tabs.findIndex((each) => each.key === chosen.key);
  model.step((state) => {
    const [gone] = state.tabs.splice(at, 1);
    state.tabs[Math.max(0, at - 1)].sections.push(...gone.sections);
    if (state.tabs.length === 1) state.tabs[0].title = "";
  });
  tab = Math.max(0, at - 1);
}

/* taking over: another audience's, an older one, the other administrator's */
function takeOver(content) {
  model.step((state) => Object.assign(state, model.read(content)));
  toast(words.taken);
  draw();
}
on("click", "[data-lay-copy-go]", () => takeOver(data.others[Number(one("[data-lay-copy]", root).value)]));
on("click", "[data-lay-past]", (event, button) => takeOver(data.history[Number(button.dataset.layPast)]));

/* saving */
const sentence = (text) => {
  one("[data-lay-error]", root).hidden = !text;
  one("[data-lay-error-text]", root).textContent = text || "";
};
async function send(parts, address = location.href) {
  const body = new FormData();
  Object.entries(parts).forEach(([name, value]) => body.append(name, value));
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" } });
    if (answer.status === 401) { askToSignIn(() => save()); return null; }
    if (answer.status >= 500) { toast(document.body.dataset.failed, "no"); return null; }
    return answer;
  } catch {
    toast(document.body.dataset.offline, "no");
    return null;
  }
}
async function save(how = "save") {
  const answer = await send({ do: how, version: model.version, content: JSON.stringify(model.content()) });
  if (!answer) return;
  if (answer.status === 409) return showClash(await answer.json());
  if (answer.status === 422) {
    const told = await answer.json();
    sentence(told.sentence);
    if (told.place) pick(model.section(told.place) ? "section" : "tab", told.place);
    return;
  }
  if (!answer.ok) return toast(document.body.dataset.failed, "no");
  const now = await answer.json();
  sentence("");
  one("[data-lay-clash]", root).hidden = true;
  model.start(now.content, now.version);
  one("[data-lay-origin]", root).textContent = now.origin;
  one("[data-lay-reset]", root).disabled = how === "reset";
  one("[data-lay-reset-why]", root).hidden = how !== "reset";
  toast(how === "reset" ? words.resetDone : words.saved);
  draw();
}
function showClash(told) {
  clash = told;
  one("[data-lay-clash-text]", root).textContent = told.sentence;
  one("[data-lay-clash-list]", root).replaceChildren(...told.changes.map((change) => el("li", {}, change)));
  one("[data-lay-clash]", root).hidden = false;
  one("[data-lay-theirs]", root).focus();
}
on("click", "[data-lay-theirs]", () => { model.version = clash.version; one("[data-lay-clash]", root).hidden = true; takeOver(clash.content); model.saved = JSON.stringify(model.now); draw(); });
on("click", "[data-lay-mine]", () => { model.version = clash.version; save(); });
on("click", "[data-lay-save]", () => save());
on("click", "[data-lay-reset]", () => { if (window.confirm(words.sureReset)) save("reset"); });

/* the page as somebody would see it */
on("change", "[data-lay-person]", async (event, select) => {
  const shot = one("[data-lay-shot]", root);
  const off = !select.value;
  if (!off) {
    const answer = await send({ person: select.value, content: JSON.stringify(model.content()) }, `${location.pathname}/preview${location.search}`);
    if (!answer) return;
    if (answer.status === 422) { sentence((await answer.json()).sentence); select.value = ""; return; }
    sentence("");
    shot.innerHTML = await answer.text();
    all("[data-shot]", shot).forEach((place) => {
      place.append(...[...(store.get(place.dataset.shot)?.childNodes || [])].map((child) => child.cloneNode(true)));
      if (model.fact(place.dataset.shot)?.wide) place.classList.add("kz-w2");
    });
    all(".kz-lay-shot-f", shot).forEach((place) => { place.inert = true; });
  }
  shot.hidden = off;
  [canvas, strip, one("[data-lay-more]", root)].forEach((part) => { part.classList.toggle("kz-lay-away", !off); });
});

/* leaving */
on("change", "[data-audience] select", (event, select) => select.form.requestSubmit());
on("submit", "[data-audience]", (event) => { if (model.changed && !window.confirm(words.leave)) { event.preventDefault(); event.target.reset(); } else leaving = true; });
window.addEventListener("beforeunload", (event) => { if (model.changed && !leaving) event.preventDefault(); });
wide.addEventListener("change", draw);
draw();
