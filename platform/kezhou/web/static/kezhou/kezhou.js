// The frame's behaviour, one small module per topic. Every page works without any of it.
import "./requests.js";
import "./popovers.js";
import "./dialogs.js";
import "./keys.js";
import "./drafts.js";
import "./form.js";
import "./fields.js";
import "./sections.js";
import "./list.js";
import "./columns.js";
import "./views.js";
import "./filters.js";
import "./inline.js";
import "./compare.js";
import "./palette.js";
