/* What of ours may become HTML or a script's address: the one policy of the page (Trusted Types).
   HTML is the server's fragments; the only address is the service worker's. */

const policy = { createHTML: (html) => html, createScriptURL: (url) => url };

export const trusted = globalThis.trustedTypes?.createPolicy("liveblog", policy) ?? policy;

/** Has this page kept for when there is no network; where that is forbidden there is no copy. */
export async function keepPage(address) {
  const { serviceWorker } = navigator;
  // It kept the page as that came through it.
  const seen = serviceWorker?.controller;
  await serviceWorker?.register(trusted.createScriptURL(address));
  const ready = await serviceWorker?.ready;
  if (!seen) ready?.active.postMessage({ keep: location.href.split("#")[0] });
}
