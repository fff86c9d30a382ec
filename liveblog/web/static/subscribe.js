/* Asks the browser and the server for push messages of this blog, or ends them. */

import { kept, place, show } from "./push.js";

const said = document.getElementById("push-said");

/** The browser's subscription; one that was made for another key of ours is replaced. */
async function subscribe({ pushManager }, applicationServerKey) {
  const options = { userVisibleOnly: true, applicationServerKey };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    const other = await pushManager.getSubscription();
    if (!other) throw error;
    await other.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function begin(registration, { key, at, on, denied, removed, stop }) {
  if ((await Notification.requestPermission()) !== "granted") return denied;
  const { endpoint, keys } = (await subscribe(registration, key)).toJSON();
  const cache = await kept();
  const before = await (await cache.match(place))?.json();
  const replaces = before?.address.split("/").at(-1);
  const answer = await fetch(at, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint, keys, replaces }),
  });
  if (!answer.ok) throw new Error(answer.status);
  const { id } = await answer.json();
  const words = { address: `${at}/${id}`, endpoint, key, removed, stop };
  await cache.put(place, new Response(JSON.stringify(words)));
  // Where the browser's address is a new one, the reader's other blogs have to know it, too.
  registration.active.postMessage({ renew: { endpoint, keys } });
  return on;
}

async function end({ pushManager }) {
  const cache = await kept();
  const { address } = await (await cache.match(place)).json();
  const answer = await fetch(address, { method: "DELETE" });
  if (!answer.ok) throw new Error(answer.status);
  await cache.delete(place);
  // Other blogs may need it still.
  if (!(await cache.keys()).length) await (await pushManager.getSubscription())?.unsubscribe();
  return "";
}

/** Turns it on or off, and says how that went. */
export async function change(registration, button) {
  button.disabled = true;
  const turn = (await show(registration)) ? end : begin;
  said.textContent = await turn(registration, button.dataset).catch(() => button.dataset.failed);
  await show(registration);
  button.disabled = false;
  button.focus();
}
