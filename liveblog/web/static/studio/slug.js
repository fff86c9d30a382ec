/* A blog's name in addresses, proposed from its title. Pure. */

const LONGEST = 80;

/** Letters and digits of the Latin alphabet, the marks on them left away; may be empty. */
export function slugOf(title) {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST).replace(/^-+|-+$/g, "");
}
