/* Who is here and who is working on what, as the desk's wire says it. Pure. */

/** The others here, by name, each once (somebody may have several windows): `{id, name, entries,
    idle}`, idle when every window of theirs is. */
export function others(people, me) {
  const found = new Map();
  for (const { id, name, entry, idle } of people) {
    if (id === me) continue;
    const one = found.get(id) ?? { id, name, entries: [], idle: true };
    if (entry && !one.entries.includes(entry)) one.entries.push(entry);
    one.idle &&= Boolean(idle);
    found.set(id, one);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** The names of the others who are working on an entry. */
export const workingOn = (people, me, entry) =>
  others(people, me)
    .filter(({ entries }) => entries.includes(entry))
    .map(({ name }) => name);
