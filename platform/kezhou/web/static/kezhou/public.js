// Public pages: small comforts only; every form works without this file.
(() => {
  const byId = (id) => document.getElementById(id);

  document.querySelectorAll("[data-eye]").forEach((button) => { button.hidden = false; });

  document.addEventListener("click", (event) => {
    const eye = event.target.closest("[data-eye]");
    if (eye) {
      const input = byId(eye.dataset.eye);
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      eye.setAttribute("aria-pressed", String(shown));
      return;
    }
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      event.preventDefault();
      const input = byId(fill.dataset.fill);
      input.value = fill.value;
      input.focus();
      input.dispatchEvent(new Event("filled", { bubbles: true }));
    }
  });

  // A field that the server has just found right or wrong shows it at once.
  document.addEventListener("htmx:afterSwap", (event) => {
    const note = event.detail.target;
    if (!note.id || !note.id.endsWith("-note")) return;
    const input = byId(note.id.slice(0, -5));
    const frame = input && (input.closest(".kz-inw") || input);
    if (frame) frame.classList.toggle("is-invalid", Boolean(note.querySelector(".kz-err")));
  });

  document.querySelectorAll("[data-countdown]").forEach((button) => {
    let left = Number(button.dataset.countdown);
    const tick = () => {
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${button.dataset.label} ${left}` : button.dataset.label;
      left -= 1;
      if (left >= 0) setTimeout(tick, 1000);
    };
    tick();
  });

  // One press, one company: the button is busy after the first submit.
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!button || !button.dataset.busy) return;
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      button.textContent = button.dataset.busy;
      button.setAttribute("aria-busy", "true");
    });
    window.addEventListener("pageshow", () => { delete form.dataset.sent; });
  });
})();
