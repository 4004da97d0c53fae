// The arrangement that the editor works on: one form for all kinds, with undo and redo. Knows nothing of the page.
const copy = (value) => JSON.parse(JSON.stringify(value));
const ARRANGED = new Set(["form", "detail"]);

export class Model {
  constructor(data) {
    this.kind = data.kind;
    this.arranged = ARRANGED.has(data.kind);
    this.facts = new Map(data.kind === "related"
      ? data.lists.map((list) => [`${list.type}|${list.link}`, { key: `${list.type}|${list.link}`, label: list.title, type: "", columns: list.columns }])
      : data.fields.map((field) => [field.key, field]));
    this.start(data.content, data.version);
  }

  start(content, version) {
    this.version = version;
    this.now = this.read(content);
    this.saved = JSON.stringify(this.now);
    this.past = [];
    this.future = [];
  }

  read(content) {
    const state = this.arranged ? copy(content) : this.flat(content);
    if (!state.tabs.length) state.tabs.push({ key: "t1", title: "", sections: [] });
    return state;
  }

  flat(content) {
    const fields = this.kind === "related"
      ? content.lists.map((list) => ({ key: `${list.type}|${list.link}`, wide: null, columns: list.columns }))
      : content.fields.map((key) => ({ key, wide: null }));
    const placed = new Set(fields.map((field) => field.key));
    const off = this.kind === "related" ? new Set(content.hidden.map((list) => `${list.type}|${list.link}`)) : null;
    for (const fact of this.facts.values()) {
      const missing = this.kind === "related" ? !off.has(fact.key) : this.kind === "quick" && fact.required;
      if (missing && !placed.has(fact.key)) fields.push({ key: fact.key, wide: null, columns: [] });
    }
    return { tabs: [{ key: "t1", title: "", sections: [{ key: "s1", title: "", columns: 1, lazy: false, fields }] }], hidden: [] };
  }

  // What is sent to the server.
  content() {
    if (this.arranged) return this.now;
    const { fields } = this.now.tabs[0].sections[0];
    if (this.kind !== "related") return { fields: fields.map((field) => field.key) };
    const list = (key, columns) => ({ type: key.split("|")[0], link: key.split("|")[1], columns });
    return {
      lists: fields.map((field) => list(field.key, field.columns || [])),
      hidden: this.off().map((key) => list(key, [])),
    };
  }

  sections() { return this.now.tabs.flatMap((tab) => tab.sections); }
  placed() { return new Set(this.sections().flatMap((section) => section.fields.map((field) => field.key))); }
  known(section) { return section.fields.filter((field) => this.facts.has(field.key)); }
  fact(key) { return this.facts.get(key); }

  // Fields off the page, and those that come last by themselves because nobody placed them.
  off() {
    const placed = this.placed();
    if (this.arranged) return this.now.hidden.filter((key) => this.facts.has(key) && !placed.has(key) && !this.fact(key).required);
    return [...this.facts.keys()].filter((key) => !placed.has(key));
  }
  auto() {
    if (!this.arranged) return [];
    const placed = this.placed();
    const off = new Set(this.off());
    return [...this.facts.keys()].filter((key) => !placed.has(key) && !off.has(key));
  }

  find(key) {
    for (const tab of this.now.tabs) {
      for (const section of tab.sections) {
        const at = section.fields.findIndex((field) => field.key === key);
        if (at >= 0) return { tab, section, at, field: section.fields[at] };
      }
    }
    return null;
  }
  section(key) {
    for (const tab of this.now.tabs) {
      const at = tab.sections.findIndex((section) => section.key === key);
      if (at >= 0) return { tab, section: tab.sections[at], at };
    }
    return null;
  }

  // One step that can be undone; nothing is kept when nothing changed.
  step(change) {
    const before = JSON.stringify(this.now);
    change(this.now);
    if (JSON.stringify(this.now) === before) return false;
    this.past.push(before);
    this.future = [];
    return true;
  }
  undo() { return this.turn(this.past, this.future); }
  redo() { return this.turn(this.future, this.past); }
  turn(from, to) {
    if (!from.length) return false;
    to.push(JSON.stringify(this.now));
    this.now = JSON.parse(from.pop());
    return true;
  }
  get changed() { return JSON.stringify(this.now) !== this.saved; }
  get count() { return this.changed ? Math.max(1, this.past.length) : 0; }

  fresh(letter) {
    const taken = new Set([...this.now.tabs.map((tab) => tab.key), ...this.sections().map((section) => section.key)]);
    for (let number = 1; ; number += 1) if (!taken.has(`${letter}${number}`)) return `${letter}${number}`;
  }

  takeOut(key) {
    const found = this.find(key);
    if (found) found.section.fields.splice(found.at, 1);
    this.now.hidden = this.now.hidden.filter((other) => other !== key);
    return found?.field || { key, wide: null };
  }
  place(key, sectionKey, at) {
    return this.step(() => {
      const field = this.takeOut(key);
      const target = this.section(sectionKey).section.fields;
      target.splice(at < 0 ? target.length : at, 0, field);
    });
  }
  putOff(key) {
    return this.step((state) => {
      this.takeOut(key);
      if (this.arranged) state.hidden.push(key);
    });
  }
  release(key) { return this.step(() => this.takeOut(key)); }
  putBack(key) {
    if (this.arranged) return this.release(key);
    return this.place(key, this.now.tabs[0].sections[0].key, -1);
  }
  shift(list, at, by) {
    const to = at + by;
    if (to < 0 || to >= list.length) return false;
    return this.step(() => list.splice(to, 0, ...list.splice(at, 1)));
  }
}
