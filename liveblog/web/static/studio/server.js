/* What the desk asks of the server, by name: addresses and methods stand here and nowhere else. */

const blogOf = (desk) => `/blogs/${desk.slug}`;
const deskOf = (desk) => `/blogs/${desk.slug}/desk`;
const entryOf = (desk, id) => `/blogs/${desk.slug}/entries/${id}`;

export const readBlog = (desk) => desk.api.get(blogOf(desk));
export const changeBlog = (desk, patch, revision) => desk.api.patch(blogOf(desk), patch, { revision });
export const readSnapshot = (desk) => desk.api.get(`${blogOf(desk)}/snapshot`);

export const readDesk = (desk) => desk.api.get(deskOf(desk));
export const changeDesk = (desk, patch, revision) => desk.api.patch(deskOf(desk), patch, { revision });

export const readEntries = (desk, query) => desk.api.get(`${deskOf(desk)}/entries?${query}`);
export const readAuthors = (desk) => desk.api.get(`${deskOf(desk)}/authors`);
export const readEntry = (desk, id) => desk.api.get(`${deskOf(desk)}/entries/${id}`);
export const readRevisions = (desk, id, before = null) =>
  desk.api.get(`${deskOf(desk)}/entries/${id}/revisions${before ? `?before=${before}` : ""}`);

/** Who made the version that stands; whoever that is has a name. */
export async function readLastBy(desk, id) {
  try {
    return (await readRevisions(desk, id)).body.revisions[0].by.name || "Somebody";
  } catch {
    return "Somebody";
  }
}

export const bulk = (desk, body, key) => desk.api.post(`${deskOf(desk)}/bulk`, body, { key });

export const createEntry = (desk, body, key) => desk.api.post(`${blogOf(desk)}/entries`, body, { key });
export const changeEntry = (desk, id, patch, revision, key) =>
  desk.api.patch(entryOf(desk, id), patch, { revision, key });
export const retractEntry = (desk, id, note, revision) =>
  desk.api.post(`${entryOf(desk, id)}/retract`, { note: note || null }, { revision });
export const restoreEntry = (desk, id, revision) =>
  desk.api.post(`${entryOf(desk, id)}/restore`, {}, { revision });
export const withhold = (desk, id, revision) =>
  desk.api.patch(`${entryOf(desk, id)}/revisions/${revision}`, { withheld: true });

export const readDay = (desk, date) => desk.api.get(`${blogOf(desk)}/days/${date}`);
export const changeDay = (desk, date, patch, revision) =>
  desk.api.patch(`${blogOf(desk)}/days/${date}`, patch, { revision });
/** Key entries of a day, or the latest 100 of all days. */
export const readKeyEntries = (desk, date = null) =>
  desk.api.get(`${blogOf(desk)}/entries?key=true&limit=100${date ? `&day=${date}` : ""}`);

export const readLibrary = (desk, query) => desk.api.get(`${blogOf(desk)}/media?${query}`);
export const readMedium = (desk, id) => desk.api.get(`${blogOf(desk)}/media/${id}`);
export const deleteMedium = (desk, id) => desk.api.delete(`${blogOf(desk)}/media/${id}`);

export const readMembers = (desk) => desk.api.get(`${blogOf(desk)}/members`);
export const putMember = (desk, id, role) =>
  desk.api.put(`${blogOf(desk)}/members/${id}`, { role });
export const dropMember = (desk, id) => desk.api.delete(`${blogOf(desk)}/members/${id}`);
export const invite = (desk, email, role) =>
  desk.api.post("/invitations", { email, role, blog: desk.slug });
export const readInvitations = (desk) => desk.api.get(`/invitations?blog=${desk.slug}`);
export const withdrawInvitation = (desk, id) => desk.api.delete(`/invitations/${id}`);
