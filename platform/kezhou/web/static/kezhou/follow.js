// A choice that follows another shows only what belongs to it; a value alone brings along the one above it. The server has the last word.
import { all, on, one } from "./dom.js";

const followers = (root = document) => all("select[data-follows]", root);
const leader = (select) => select.form && one(`select[name="${select.dataset.follows}"]`, select.form);

function narrow(select) {
  const above = leader(select);
  if (!above) return;
  all("option[data-above]", select).forEach((option) => {
    const belongs = !above.value || option.dataset.above === above.value;
    option.hidden = !belongs;
    option.disabled = !belongs;
  });
  const chosen = select.selectedOptions[0];
  if (!chosen || !chosen.disabled) return;
  select.value = "";
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

on("change", "select", (event, select) => {
  if (select.dataset.follows && select.value) {
    const above = leader(select);
    const wanted = select.selectedOptions[0].dataset.above;
    if (above && wanted && above.value !== wanted) {
      above.value = wanted;
      above.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  followers(select.form || document).filter((each) => each.dataset.follows === select.name).forEach(narrow);
});
followers().forEach(narrow);
document.addEventListener("htmx:afterSwap", (event) => followers(event.target).forEach(narrow));
document.addEventListener("kz:opened", () => followers().forEach(narrow));
