/* Push messages of this blog's key developments, where the reader asks for them. What belongs to
   a subscription lies in a cache that the service worker reads, too (sw.js). */

const button = document.getElementById("push");
const said = document.getElementById("push-said");
const { key, at, on, denied, failed, removed, stop } = button.dataset;
const mine = new URL(at, location.href).href;

const kept = () => caches.open("liveblog-push-1");

/** The browser's subscription; one that was made for another key of ours is replaced. */
async function subscribe({ pushManager }) {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    const other = await pushManager.getSubscription();
    if (!other) throw error;
    await other.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function begin(registration) {
  if ((await Notification.requestPermission()) !== "granted") return denied;
  const { endpoint, keys } = (await subscribe(registration)).toJSON();
  const answer = await fetch(at, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint, keys }),
  });
  if (!answer.ok) throw new Error(answer.status);
  const { id } = await answer.json();
  const words = { address: `${at}/${id}`, removed, stop };
  await (await kept()).put(mine, new Response(JSON.stringify(words)));
  return on;
}

async function end({ pushManager }) {
  const cache = await kept();
  const { address } = await (await cache.match(mine)).json();
  const answer = await fetch(address, { method: "DELETE" });
  if (!answer.ok) throw new Error(answer.status);
  await cache.delete(mine);
  // Other blogs may need it still.
  if (!(await cache.keys()).length) await (await pushManager.getSubscription())?.unsubscribe();
  return "";
}

async function show({ pushManager }) {
  const asked = (await (await kept()).match(mine)) && (await pushManager.getSubscription());
  button.setAttribute("aria-pressed", Boolean(asked));
  return Boolean(asked);
}

async function offer(registration) {
  await show(registration);
  button.classList.add("is-offered");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const change = (await show(registration)) ? end : begin;
    said.textContent = await change(registration).catch(() => failed);
    await show(registration);
    button.disabled = false;
    button.focus();
  });
}

// In a frame of another site nobody may ask.
if (self === top && "PushManager" in self && "Notification" in self) {
  navigator.serviceWorker?.ready.then(offer).catch(() => {});
}
