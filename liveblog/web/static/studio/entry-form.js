/* The fields of an entry that is edited in place; `put(changes)` is told of what was typed,
   `add(files)` of pictures. */

import { html, nothing } from "../vendor/lit.js";
import "./embed-card.js";
import { pastedIn } from "./text-area.js";
import { bylinesOf, tagsOf } from "./values.js";

/** The fields with their values; `own` makes their ids, `faults` says what is wrong by path. */
export function fields(values, { own, put, add, desk, entry, faults = {} }) {
  const { blog } = desk;
  const direction = entry.dir ?? blog.dir;
  const lang = entry.lang ?? blog.lang;
  const paste = (event) => {
    const { files, address } = pastedIn(event, values.embed === null);
    if (files) add(files);
    else if (address) put({ embed: { url: address, state: "pending" } });
  };
  return html`
    ${line("headline", "Headline", values.headline, { own, put, direction, lang, faults })}
    ${
      values.quote
        ? html`${area("Quote", values.quote.text, (text) => put({ quote: { ...values.quote, text } }), { own, id: "quote", direction, lang, rows: 3 })}
          <div class="pair">
            ${person("speaker", "Who said it", values, { own, put, direction })}
            ${person("role", "In which role", values, { own, put, direction })}
          </div>`
        : nothing
    }
    ${area("Text", values.body, (body) => put({ body }), { own, id: "body", direction, lang, rows: 6, fault: faults.body, paste })}
    ${values.media.map((medium, n) => pictured(medium, n, values.media, { own, put, direction, faults }))}
    ${
      values.embed
        ? html`<lb-embed-card .desk=${desk} .embed=${values.embed} @card=${({ detail }) => put({ embed: detail })}></lb-embed-card>`
        : nothing
    }
    <p class="field">
      <label for="${own}-files">Add pictures</label>
      <input
        id="${own}-files"
        type="file"
        accept="image/*"
        multiple
        @change=${({ target }) => {
          add([...target.files]);
          target.value = "";
        }}
      />
    </p>
    <div class="pair">
      ${line("bylines", "Bylines, by commas", names(values.bylines), {
        own,
        direction,
        put: ({ bylines }) => put({ bylines: bylinesOf(bylines, values.bylines) }),
        says: (text) => names(bylinesOf(text, [])),
      })}
      ${line("tags", "Tags, by commas", values.tags.join(", "), {
        own,
        direction,
        put: ({ tags }) => put({ tags: tagsOf(tags) }),
        says: (text) => tagsOf(text).join(", "),
      })}
    </div>
    <fieldset class="flags">
      <legend class="visually-hidden">Marks</legend>
      ${flag("key", "Key development", values, put)} ${flag("pinned", "Pinned", values, put)}
      ${flag("breaking", "Breaking", values, put)}
    </fieldset>
  `;
}

const names = (bylines) => bylines.map(({ name }) => name).join(", ");

/** A line. Where it is taken apart, `says` is what is read in a text: what stands there and says
    the value already stays as it was typed. */
function line(name, label, value, { own, put, direction, lang, faults = {}, says = (text) => text }) {
  const id = `${own}-${name}`;
  const typed = document.getElementById(id)?.value ?? value;
  return html`<p class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      name=${name}
      maxlength="300"
      dir=${direction}
      lang=${lang ?? nothing}
      autocomplete="off"
      .value=${says(typed) === value ? typed : value}
      aria-invalid=${faults[name] ? "true" : nothing}
      aria-describedby=${faults[name] ? `${id}-fault` : nothing}
      @input=${({ target }) => put({ [name]: target.value })}
    />
    ${faults[name] ? html`<span class="fault" id="${id}-fault">${faults[name]}</span>` : nothing}
  </p>`;
}

function area(label, value, take, { own, id, direction, lang, rows, fault, paste = null }) {
  return html`<p class="field">
    <label for="${own}-${id}">${label}</label>
    <textarea
      id="${own}-${id}"
      name=${id}
      rows=${rows}
      dir=${direction}
      lang=${lang}
      .value=${value}
      aria-invalid=${fault ? "true" : nothing}
      aria-describedby=${fault ? `${own}-${id}-fault` : nothing}
      @input=${({ target }) => take(target.value)}
      @paste=${paste}
    ></textarea>
    ${fault ? html`<span class="fault" id="${own}-${id}-fault">${fault}</span>` : nothing}
  </p>`;
}

const person = (name, label, { quote }, { own, put, direction }) =>
  line(`quote-${name}`, label, quote[name] ?? "", {
    own,
    direction,
    put: (said) => put({ quote: { ...quote, [name]: said[`quote-${name}`] || null } }),
  });

/** A picture with its words: what it shows is said by the editor, or it is decorative. */
function pictured(medium, n, media, { own, put, direction, faults }) {
  const change = (changes) =>
    put({ media: media.map((one, at) => (at === n ? { ...one, ...changes } : one)) });
  const word = (name, label) =>
    line(`${name}-${n}`, label, medium[name] ?? "", {
      own,
      direction,
      faults,
      put: (said) => change({ [name]: said[`${name}-${n}`] || undefined }),
    });
  return html`<fieldset class="pictured">
    <legend>Picture ${n + 1}</legend>
    ${medium.type.startsWith("image/") ? html`<img src=${medium.url} alt="" />` : nothing}
    <div>
      ${medium.alt === "" ? nothing : word("alt", `What picture ${n + 1} shows`)}
      <label class="check">
        <input
          type="checkbox"
          .checked=${medium.alt === ""}
          @change=${({ target }) => change({ alt: target.checked ? "" : undefined })}
        />
        Decorative: it says nothing that the text does not
      </label>
      ${word("caption", "Caption")} ${word("credit", "Credit")}
      <button type="button" @click=${() => put({ media: media.filter((one) => one !== medium) })}>
        Take picture ${n + 1} out
      </button>
    </div>
  </fieldset>`;
}

const flag = (name, label, values, put) => html`<label class="check">
  <input
    type="checkbox"
    name=${name}
    .checked=${values[name]}
    @change=${({ target }) => put({ [name]: target.checked })}
  />
  ${label}
</label>`;
