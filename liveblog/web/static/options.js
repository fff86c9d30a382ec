/* What a reader chose, kept in this browser: `data-option` names it, its control holds it. */

const KEY = "liveblog:options";

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export class Options {
  #values = stored();

  /** @param changed is told `(name, value)` now and whenever the reader chooses. */
  constructor(root, changed) {
    for (const control of root.querySelectorAll("[data-option]")) {
      const { option } = control.dataset;
      const box = control.type === "checkbox";
      if (option in this.#values) control[box ? "checked" : "value"] = this.#values[option];
      const tell = () => changed(option, box ? control.checked : control.value);
      control.addEventListener("change", () => {
        this.#values[option] = box ? control.checked : control.value;
        this.#keep();
        tell();
      });
      tell();
    }
  }

  #keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values));
    } catch {
      // Storage is forbidden: it holds for this visit.
    }
  }
}
