/* What the shell shows where: the parts of the desk by their places. */

import { html, keyed } from "../vendor/lit.js";
import "./composer.js";
import "./library.js";
import { TIMELINE } from "./list.js";
import { DeskLive } from "./live.js";
import "./page-settings.js";
import "./people.js";
import "./presence.js";
import "./rail.js";

/** The places of a blog's desk, as `#/drafts`; anything else is the desk itself. */
export const PLACES = ["", "submitted", "scheduled", "drafts", "retracted", "media", "page", "people"];

const LISTS = {
  "": { heading: "Timeline", state: TIMELINE, none: "Nothing is published yet." },
  submitted: { heading: "Submitted", state: "submitted", none: "Nothing waits for an editor." },
  scheduled: { heading: "Scheduled", state: "scheduled", none: "Nothing waits for its time." },
  drafts: { heading: "Drafts", state: "draft", none: "No drafts." },
  retracted: { heading: "Retracted", state: "retracted", none: "Nothing was retracted." },
};

const OWN = { heading: "Published of yours", state: TIMELINE, none: "Nothing of yours yet." };

/** The desk's wire, connected: an EventTarget. */
export function wireOf(address) {
  const live = new DeskLive(address);
  live.connect();
  return live;
}

export const rail = (desk, place) => html`<lb-rail .desk=${desk} .place=${place}></lb-rail>`;

export const beside = (desk) => html`<lb-presence .desk=${desk}></lb-presence>`;

/** What stands in the middle; on the desk itself it stands below the composer. */
export function view(desk, place) {
  if (place === "media") return html`<lb-library .desk=${desk}></lb-library>`;
  if (place === "page") return html`<lb-page .desk=${desk}></lb-page>`;
  if (place === "people") return html`<lb-members .desk=${desk}></lb-members>`;
  // Whoever submits is shown at the desk what is theirs.
  const own = place === "" && desk.role === "contributor";
  const { heading, state, none } = own ? OWN : LISTS[place];
  return keyed(
    place,
    html`<lb-list .desk=${desk} .heading=${heading} .state=${state} .none=${none}></lb-list>`,
  );
}
