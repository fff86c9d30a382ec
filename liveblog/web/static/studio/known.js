/* Bylines and tags that are used on a blog: who is on duty, and what the latest entries have. */

const LATEST = 50;

/** `{bylines, tags}`, those on duty first. What cannot be read is left out. */
export async function readKnown({ api, slug }) {
  const [desk, latest] = await Promise.allSettled([
    api.get(`/blogs/${slug}/desk`),
    api.get(`/blogs/${slug}/entries?limit=${LATEST}`),
  ]);
  const entries = latest.value?.body.entries ?? [];
  const bylines = [...(desk.value?.body.duty ?? []), ...entries.flatMap((entry) => entry.bylines ?? [])];
  const tags = entries.flatMap((entry) => entry.tags ?? []);
  return { bylines: once(bylines, ({ name }) => name), tags: once(tags, (tag) => tag) };
}

function once(values, name) {
  return [...new Map(values.map((value) => [name(value), value]).reverse()).values()].reverse();
}
