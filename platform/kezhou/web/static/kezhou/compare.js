// Two saves of one record: the button stays off until every collision is decided and says how many are missing.
import { all, each, one, on } from "./dom.js";

function refresh(form) {
  const hits = all("[data-collision]", form);
  const open = hits.filter((hit) => !one("input[type=radio]:checked", hit));
  hits.forEach((hit) => {
    const chosen = one("input[type=radio]:checked", hit);
    all("label", hit).forEach((label) => label.classList.toggle("on", label.contains(chosen)));
    const result = one("[data-result]", hit);
    if (!chosen) return;
    if (chosen.value === "both") result.textContent = result.dataset.both;
    else result.replaceChildren(...[...one("span", chosen.closest("label")).cloneNode(true).childNodes]);
  });
  const button = one("[data-compare-save]", form);
  const own = all("[data-own]", form).length;
  button.disabled = open.length > 0;
  button.textContent = open.length ? form.dataset.missing.replace("%n", open.length) : form.dataset.ready.replace("%n", hits.length + own);
}
each("form[data-compare]", refresh);
on("change", "form[data-compare] input[type=radio]", (event, radio) => refresh(radio.form));
on("click", "[data-pick-all-mine]", (event, button) => {
  all("input[type=radio][value=mine]", button.form).forEach((radio) => { radio.checked = true; });
  refresh(button.form);
});
