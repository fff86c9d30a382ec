/* The bell: whether this blog's key developments are told to this browser. What asks for them and
   ends it is loaded with the first click (subscribe.js). */

const button = document.getElementById("push");

/** Where all that belongs to the subscription is kept; the service worker reads it, too. */
export const place = new URL(button.dataset.at, location.href).href;
export const kept = () => caches.open("liveblog-push-1");

/** Whether it is on, shown in the button: the server knows the address that the browser has. */
export async function show({ pushManager }) {
  const words = await (await (await kept()).match(place))?.json();
  const on = words && (await pushManager.getSubscription())?.endpoint === words.endpoint;
  button.setAttribute("aria-pressed", Boolean(on));
  return on;
}

async function offer(registration) {
  await show(registration);
  button.classList.add("is-offered");
  button.onclick = async () => {
    try {
      await (await import("./subscribe.js")).change(registration, button);
    } catch {
      // There is no network.
      document.getElementById("push-said").textContent = button.dataset.failed;
    }
  };
}

// In a frame of another site nobody may ask.
if (self === top && "PushManager" in self && "Notification" in self) {
  navigator.serviceWorker?.ready.then(offer).catch(() => {});
}
