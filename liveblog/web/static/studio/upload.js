/* Pictures on their way to the library. Each goes with a key of its own, so that it arrives once,
   and waits for the network where there is none. The file itself is in this window only. */

import { newKey, told } from "./api.js";

const KINDS = /^image\//;

export class Uploads {
  #desk;
  #files = new Map();

  constructor(desk) {
    this.#desk = desk;
  }

  /** What the composer keeps of new files; those that are no pictures are left out. */
  taken(files) {
    return files.filter(({ type }) => KINDS.test(type)).map((file) => {
      const key = newKey();
      this.#files.set(key, { file, shown: URL.createObjectURL(file) });
      return { key, name: file.name, url: null, type: file.type, alt: "", decorative: false, proposed: [] };
    });
  }

  /** An address to look at: of the file while it is here. */
  shown({ key, url }) {
    return this.#files.get(key)?.shown ?? url;
  }

  /** Whether it can be sent (again): its file is still here. */
  has({ key }) {
    return this.#files.has(key);
  }

  /** Sends one. @returns what is to be changed of it */
  async send({ key, name }) {
    const { file } = this.#files.get(key);
    const path = `/blogs/${this.#desk.slug}/media?name=${encodeURIComponent(name || "picture")}`;
    for (;;) {
      try {
        const { body } = await this.#desk.api.send("POST", path, { file, key });
        return arrived(body);
      } catch (error) {
        if (!error.passing) return { failed: told(error) };
        await this.#desk.network.back();
        if (error.status) await new Promise((done) => setTimeout(done, (error.retryAfter ?? 2) * 1000));
      }
    }
  }

  close() {
    for (const { shown } of this.#files.values()) URL.revokeObjectURL(shown);
    this.#files.clear();
  }
}

/** One of the library, for the composer. */
export const fromLibrary = (medium) => ({ key: newKey(), name: medium.name, alt: "", decorative: false, ...arrived(medium) });

/** What was in the picture is proposed, and marked as that. */
function arrived({ id, url, type, proposed }) {
  const found = Object.entries(proposed ?? {}).filter(([, value]) => value);
  const marked = found.map(([name]) => name).filter((name) => name !== "taken_at");
  return { id, url, type, failed: "", ...Object.fromEntries(found), proposed: marked };
}
