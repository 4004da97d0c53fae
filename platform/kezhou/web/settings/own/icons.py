"""The icons that a record type may have: chosen for companies of travel, meetings and services. All stand in `icons.txt`."""

ICONS = (
    "file-text", "clipboard-list", "clipboard-check", "checklist", "notes", "folder", "folders", "archive", "box",
    "package", "building", "building-store", "building-warehouse", "home", "map-pin", "map-2", "plane", "train", "bus",
    "car", "ship", "bed", "e-passport", "id-badge", "users", "user-heart", "user-star", "address-book", "phone-call",
    "message-circle", "mail", "calendar-event", "clock", "alarm", "bell", "gift", "trophy", "award", "star", "heart",
    "shopping-cart", "receipt", "coin-yuan", "wallet", "credit-card", "report-money", "chart-bar", "chart-pie",
    "device-laptop", "device-mobile", "printer", "tool", "settings", "shield-check", "certificate", "school", "book",
    "presentation", "microphone", "camera", "photo", "palette", "bulb", "rocket", "flag", "target", "key", "lock",
    "leaf", "bottle", "tools-kitchen-2", "coffee", "first-aid-kit", "stethoscope", "flask", "recycle",
)  # fmt: skip
