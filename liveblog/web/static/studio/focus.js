/* The focus stays in the desk. Where what had it goes (a button that did its work, a row that left
   its list), it goes to what came in its place, or to what stood beside it: whoever works by
   keyboard or by ear goes on where they were, not at the top of the page. */

const TAKES = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";

const alive = (one) => one.isConnected && !one.disabled && one.checkVisibility();

const takers = (around) => [...around.querySelectorAll(TAKES)].filter((one) => one.tabIndex >= 0 && alive(one));

/** @param root the element in which it stays */
export function keepFocus(root) {
  let last = null;
  let due = 0;

  root.addEventListener("focusin", ({ target }) => {
    const around = [];
    for (let one = target.parentElement; one && one !== root.parentElement; one = one.parentElement) around.push(one);
    last = { target, around, ring: takers(root) };
  });
  root.addEventListener("focusout", ({ target }) => {
    // Whoever clicks beside everything has left it; what goes has not been left.
    setTimeout(() => {
      if (last?.target === target && target !== document.activeElement && alive(target) && document.hasFocus()) last = null;
    });
  });

  function look() {
    const { activeElement: active } = document;
    if (last === null || alive(last.target) || (active !== document.body && active !== last.target)) return;
    const { around, ring, target } = last;
    const at = ring.indexOf(target);
    const near = (one) => Math.abs(ring.indexOf(one) - at - 0.5);
    for (const home of around.filter(alive)) {
      // All of a place went, as with the browser's Back: the other one begins with its heading.
      if (home.localName === "main") return (home.querySelector("h2[tabindex]") ?? home).focus();
      const here = takers(home);
      const came = here.find((one) => !ring.includes(one));
      const next = came ?? here.sort((one, other) => near(one) - near(other))[0];
      if (next) return next.focus();
    }
  }

  const watch = new MutationObserver(() => {
    clearTimeout(due);
    due = setTimeout(look);
  });
  const attributeFilter = ["disabled", "hidden", "open"];
  watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter });
}
