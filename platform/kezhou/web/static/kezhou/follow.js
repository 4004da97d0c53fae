// A choice or link that follows another shows only what belongs to it; a value alone brings along the one above it. The server has the last word.
import { all, on, one } from "./dom.js";

const followers = (root = document) => all("select[data-follows]", root);
/* inside lines the one above stands in the same row: lines.0.contact follows lines.0.customer */
const leaderName = (control, follows) => control.name.slice(0, control.name.lastIndexOf(".") + 1) + follows;
const leader = (select) => select.form && one(`select[name="${leaderName(select, select.dataset.follows)}"]`, select.form);

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
  followers(select.form || document).filter((each) => leaderName(each, each.dataset.follows) === select.name).forEach(narrow);
});
followers().forEach(narrow);
document.addEventListener("htmx:afterSwap", (event) => followers(event.target).forEach(narrow));
document.addEventListener("kz:opened", () => followers().forEach(narrow));

/* look-ups: the hidden input holds the key of the chosen record */
const keyOf = (box) => one("input[type=hidden]", box);
const boxAbove = (box) => {
  const key = keyOf(box);
  return key.form && one(`[data-lookup] input[type=hidden][name="${leaderName(key, box.dataset.follows)}"]`, key.form)?.closest("[data-lookup]");
};

/* what a look-up asks besides the words: only records that belong to the one chosen above */
export function belonging(box) {
  if (!box.dataset.through) return "";
  const above = boxAbove(box);
  const chosen = above ? keyOf(above).value : box.dataset.above;
  return `&by=${encodeURIComponent(box.dataset.through)}&in=${encodeURIComponent(chosen)}`;
}

export function fill(box, pk, title) {
  one("[role=combobox]", box).value = title;
  keyOf(box).value = pk;
  one("[data-lookup-clear]", box).hidden = !pk;
  keyOf(box).dispatchEvent(new Event("change", { bubbles: true }));
}

/* a record chosen first brings along the one that it belongs to */
export function bring(box, option) {
  const above = box.dataset.through && boxAbove(box);
  if (!above || !option.dataset.above) return;
  box.dataset.above = option.dataset.above;
  if (!keyOf(above).value) fill(above, option.dataset.above, option.dataset.aboveTitle);
}

on("change", "[data-lookup] input[type=hidden]", (event, key) => {
  if (!key.value) return;
  all("[data-lookup][data-through]", key.form).filter((box) => boxAbove(box) === key.closest("[data-lookup]")).forEach((box) => {
    if (keyOf(box).value && box.dataset.above !== key.value) fill(box, "", "");
    box.dataset.above = key.value;
  });
});
