/* Single keys for readers; off while typing, and off for good where the reader says so (WCAG
   2.1.4). */

/** Whether a key press is somebody's text, or the browser's own. */
export function isTyping(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return true;
  return Boolean(event.target.closest?.("input, textarea, select, [contenteditable], video, audio"));
}

/** The key's name; where letters are not Latin, what stands on it on a Latin keyboard. */
export function nameOf({ key, code }) {
  if (key === "؟") return "?";
  const foreign = key.length === 1 && key > "\x7f" && /^Key[A-Z]$/.test(code);
  return foreign ? code.at(-1).toLowerCase() : key;
}

/** Calls `actions[name]`; `enabled()` says whether single keys are wanted. */
export function listen(actions, enabled) {
  addEventListener("keydown", (event) => {
    const action = actions[nameOf(event)];
    if (!action || event.defaultPrevented || isTyping(event) || !enabled()) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    action();
  });
}
