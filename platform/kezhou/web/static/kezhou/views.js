// Saving a view: what belongs to a choice is shown with it.
import { all, each, on, one } from "./dom.js";

const show = (select) => all("[data-shown-for]", select.form).forEach((part) => { part.hidden = part.dataset.shownFor !== select.value; });

each("select[data-shows]", show);
on("change", "select[data-shows]", (event, select) => show(select));

// A popover and a dialog are never open together.
on("click", "[popover] [data-dialog]", (event, link) => one(":popover-open")?.contains(link) && link.closest("[popover]").hidePopover());
