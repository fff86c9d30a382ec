/* The reader's own time beside that of the event; `entry.js` loads it for those who want it.

   It is written into an attribute and shown by page.css, so the words of the server stay as
   they are for whatever reads them. */

const KEY = "liveblog:own-clock";

/** The clock and the calendar of a zone. */
export function clockOf(timeZone, lang) {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const day = { day: "numeric", month: "long" };
  const formats = [clock, day, { ...clock, ...day }].map(
    (options) => new Intl.DateTimeFormat(`${lang}-u-nu-latn`, { ...options, timeZone }),
  );
  return (at) => formats.map((format) => format.format(new Date(at)));
}

/** A moment on the reader's clock, with the date where it is another one there; "" where both
    clocks show the same. */
export function ownTime(at, event, own) {
  const [there, date] = event(at);
  const [here, day, whole] = own(at);
  if (day !== date) return whole;
  return here === there ? "" : here;
}

function keep(on) {
  try {
    localStorage.setItem(KEY, on);
  } catch {
    // Storage is forbidden: it holds for this visit.
  }
}

/** @param box is the switch; it has the zone of the event and the sentence to say. */
export function start(box) {
  const { zone, said } = box.dataset;
  const { lang } = document.documentElement;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clocks = [clockOf(zone, lang), clockOf(own, lang)];
  const mark = () => {
    // Not in the line above that says how fresh the page is: there it is part of a sentence.
    for (const time of document.querySelectorAll("main :not(.updated) > time:not([data-own])")) {
      const mine = ownTime(time.dateTime, ...clocks);
      time.dataset.own = mine && said.replace("%(time)s", mine);
    }
  };
  // What is pushed into the page has its time as well.
  const coming = new MutationObserver(mark);
  const show = () => {
    keep(box.checked);
    document.documentElement.classList.toggle("has-own-clock", box.checked);
    if (!box.checked) return coming.disconnect();
    mark();
    coming.observe(document.body, { childList: true, subtree: true });
  };
  box.addEventListener("change", show);
  show();
}
