// Settings: comforts of the field panel and the catalogue's dialog; every form works without this file.
(() => {
  const kind = document.querySelector("[data-kind]");
  const fit = () => {
    if (!kind) return;
    document.querySelectorAll(".kz-set-panelform [data-for]").forEach((part) => {
      part.hidden = !part.dataset.for.split(" ").includes(kind.value);
    });
  };
  if (kind) { kind.addEventListener("change", fit); fit(); }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-hue]")) return;
    const swatch = event.target.parentElement.querySelector("[data-swatch]");
    swatch.className = `kz-swatch kz-hue-${event.target.value}`;
  });

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-option]");
    const list = document.querySelector("[data-options]");
    if (!add || !list || !list.lastElementChild) return;
    event.preventDefault();
    const row = list.lastElementChild.cloneNode(true);
    row.querySelectorAll("input").forEach((input) => { input.value = ""; });
    const hue = row.querySelector("[data-hue]"); // a clone starts again at the first: take the one after the last row's
    hue.selectedIndex = (list.lastElementChild.querySelector("[data-hue]").selectedIndex + 1) % hue.options.length;
    row.querySelector("[data-swatch]").className = `kz-swatch kz-hue-${hue.value}`;
    list.append(row);
    row.querySelector("[name=option_label]").focus();
  });

  // Rows are dragged by their grip; the arrows in each row do the same without a mouse.
  const rows = document.querySelector("[data-sort-rows]");
  const order = document.querySelector("[data-sort-form]");
  if (rows && order && window.Sortable) {
    window.Sortable.create(rows, {
      handle: "[data-grip]",
      onMove: (event) => !event.related.hasAttribute("data-fixed"),
      animation: 120,
      onEnd: (event) => {
        if (event.oldIndex === event.newIndex) return;
        rows.querySelectorAll("[data-key]").forEach((row) => {
          const input = document.createElement("input");
          input.type = "hidden"; input.name = "order"; input.value = row.dataset.key;
          order.append(input);
        });
        order.submit();
      },
    });
  }

  // Lists whose order is kept with their form: what is dragged changes the order in which the form names it.
  if (window.Sortable) document.querySelectorAll("[data-sorted]").forEach((list) => {
    window.Sortable.create(list, { handle: "[data-sort-grip]", draggable: ":scope > [data-sortable]", animation: 120 });
  });

  document.addEventListener("keydown", (event) => {
    const dialog = document.querySelector("[data-switch-dialog]");
    if (event.key === "Escape" && dialog && !event.isComposing) window.location.assign(dialog.dataset.leaveTo);
  });

  // The dialog keeps the focus inside itself.
  const dialog = document.querySelector("[data-switch-dialog]");
  if (dialog) {
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Tab") return;
      const stops = [...dialog.querySelectorAll("a[href], button, input:not([type=hidden]), select")].filter((stop) => !stop.disabled);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement === edge) { event.preventDefault(); (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus(); }
    });
  }
})();
