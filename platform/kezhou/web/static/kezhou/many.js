// Selects and lists of ticks with many values are searched: by a part of the name, by its pinyin or the initials of that. The select
// itself stays, hidden, and holds the value, so whatever reads or narrows it need not know.
import { all, each, el, icon } from "./dom.js";
import { composing } from "./keys.js";

const spellings = new Map(); // by address: asked once, when somebody types letters
let made = 0;

function spelled(url) {
  if (!url) return {};
  if (!spellings.has(url)) {
    const answer = fetch(url, { headers: { "HX-Request": "true" } }).then((got) => (got.ok ? got.json() : {})).catch(() => ({}));
    spellings.set(url, answer);
  }
  return spellings.get(url);
}

// 2: begins so, 1: holds it, 0: does not fit. Pinyin fits from the beginning of a syllable, so that rb is 日本 and not 阿尔巴尼亚.
function fit(word, label, read) {
  const starts = read.map((_, from) => [read.slice(from).join(""), read.slice(from).map((syllable) => syllable[0]).join("")]);
  const at = starts.findIndex((ways) => ways.some((way) => way.startsWith(word)));
  if (label.startsWith(word) || at === 0) return 2;
  return label.includes(word) || at > 0 ? 1 : 0;
}

async function matcher(text, url) {
  const words = text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const sounds = words.some((word) => /^[a-z]+$/.test(word)) ? await spelled(url) : {};
  return (key, label) => Math.min(2, ...words.map((word) => fit(word, label.trim().toLowerCase(), sounds[key] || [])));
}

export function pick(select, { url, hint, none }) {
  made += 1;
  const name = `kz-many-${made}`;
  const input = el("input", { role: "combobox", autocomplete: "off", placeholder: hint, "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": name });
  for (const fact of ["id", "aria-label", "aria-describedby", "aria-invalid", "aria-required"]) {
    if (select.hasAttribute(fact)) input.setAttribute(fact, select.getAttribute(fact));
  }
  select.removeAttribute("id");
  const list = el("div", { class: "kz-pop kz-suggest", id: name, role: "listbox", "aria-label": input.getAttribute("aria-label") || hint, hidden: true });
  const frame = el("div", { class: `form-control kz-inw${select.classList.contains("is-invalid") ? " is-invalid" : ""}` }, icon("search"), input);
  const box = el("div", { class: "kz-many" }, frame, list);
  select.hidden = true;
  select.after(box);

  const chosen = () => (select.value ? select.selectedOptions[0]?.textContent.trim() || "" : "");
  const sync = () => { input.value = chosen(); };
  const lines = () => all("[role=option]", list);
  const point = (line) => {
    lines().forEach((each_) => { each_.classList.toggle("kz-hov", each_ === line); each_.setAttribute("aria-selected", String(each_ === line)); });
    if (line) { input.setAttribute("aria-activedescendant", line.id); line.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  let asked = 0;
  const open = async (text) => {
    asked += 1;
    const mine = asked;
    const fits = await matcher(text, url);
    if (mine !== asked || input.disabled || !box.contains(document.activeElement)) return;
    const offered = [...select.options].filter((option) => !option.disabled && !option.hidden && (option.value || !text));
    const rated = offered.map((option) => [option, fits(option.value, option.textContent)]).filter(([, how]) => how > 0);
    const found = rated.sort((a, b) => b[1] - a[1]).map(([option]) => option);
    list.replaceChildren(...found.map((option, place) => el("div", { class: `kz-li${option.value ? "" : " kz-dim"}`, role: "option", id: `${name}-${place}`, "data-key": option.value }, option.textContent)));
    if (!found.length) list.append(el("div", { class: "kz-sec" }, none.replace("%t", text)));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    list.scrollIntoView({ block: "nearest" });
    point(lines().find((line) => line.dataset.key === select.value) || lines()[0]);
  };
  const take = (line) => {
    select.value = line.dataset.key;
    sync();
    close();
    for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
  };
  const leave = () => {
    const typed = input.value.trim();
    const same = [...select.options].find((option) => !option.disabled && option.value && option.textContent.trim() === typed);
    const wanted = same ? same.value : typed ? select.value : "";
    if (wanted !== select.value) take({ dataset: { key: wanted } });
    sync();
    close();
  };
  sync();
  select.addEventListener("change", sync);
  select.form?.addEventListener("reset", () => setTimeout(sync));
  input.addEventListener("focus", () => { input.select(); open(""); });
  input.addEventListener("click", () => { if (list.hidden) open(""); });
  input.addEventListener("input", (event) => { event.stopPropagation(); if (!event.isComposing) open(input.value); });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("compositionend", () => open(input.value));
  input.addEventListener("blur", leave);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const line = event.target.closest("[role=option]");
    if (line) take(line);
  });
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const found = lines();
    const at = found.findIndex((line) => line.classList.contains("kz-hov"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      else if (found.length) point(found[(at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length]);
    } else if (event.key === "Enter" && !list.hidden && found[at]) {
      event.preventDefault();
      event.stopPropagation();
      take(found[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      sync();
      close();
    }
  });
}

// Ticks that do not fit go out of sight; those that are set stay. Enter sets the first that fits.
export function sift(box, { url, hint }) {
  const input = el("input", { type: "search", autocomplete: "off", placeholder: hint, "aria-label": hint });
  const head = el("div", { class: "form-control kz-inw kz-sift" }, icon("search"), input);
  const show = async () => {
    const fits = await matcher(input.value, url);
    all(".kz-option", box).forEach((line) => {
      const tick = line.querySelector("input");
      line.classList.toggle("kz-sifted", !tick.checked && !fits(tick.value, line.textContent));
    });
  };
  box.classList.add("kz-manybox");
  box.before(head);
  input.addEventListener("input", (event) => { event.stopPropagation(); if (!event.isComposing) show(); });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("compositionend", show);
  input.addEventListener("keydown", (event) => {
    if (composing(event) || event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (input.value.trim()) all(".kz-option:not(.kz-sifted) input:not(:checked)", box)[0]?.click();
  });
}

const words = (place) => ({ url: place.dataset.many, hint: place.dataset.hint, none: place.dataset.none });
each("select[data-many]", (select) => pick(select, words(select)));
each(".kz-options[data-many]", (box) => sift(box, words(box)));
