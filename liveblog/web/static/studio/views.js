/* What the shell shows where: the parts of the desk by their places. */

import { html } from "../vendor/lit.js";
import "./composer.js";

/** The places of a blog's desk, as `#/drafts`; anything else is the desk itself. */
export const PLACES = ["", "submitted", "scheduled", "drafts", "retracted", "media", "page", "people"];

/** The desk's wire: an EventTarget. */
export const wireOf = (address) => new EventTarget();

export const rail = (desk, place) => html`<lb-rail .desk=${desk} .place=${place}></lb-rail>`;

export const beside = (desk) => html`<lb-presence .desk=${desk}></lb-presence>`;

/** What stands in the middle; on the desk itself it stands below the composer. */
export function view(desk, place) {
  switch (place) {
    case "media":
      return html`<lb-library .desk=${desk}></lb-library>`;
    case "page":
      return html`<lb-page .desk=${desk}></lb-page>`;
    case "people":
      return html`<lb-members .desk=${desk}></lb-members>`;
    case "":
      return html`<lb-timeline .desk=${desk}></lb-timeline>`;
    default:
      return html`<lb-list .desk=${desk} state=${place}></lb-list>`;
  }
}
