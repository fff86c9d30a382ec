/* What differs between texts: by word between two, by passage and word between three. Pure.

   The three-way comparison is that of diff3: where one side only changed something, that is
   taken; where both did, differently, it is a conflict that somebody has to decide. */

/* Pairs of tokens that are compared: a longer passage is shown as changed whole. */
const MOST_PAIRS = 1_000_000;

const WORDS = /\S+[^\S\n]*|\s+/g;
const FINE = /\s+|\S+/g;
const LINES = /\n+|[^\n]+/g;

/** The pieces of both texts in order, `{kind, text}`: without what was "added" they are
    `before`, without what was "removed" they are `after`. */
export function wordDiff(before, after) {
  const was = before.match(WORDS) ?? [];
  const now = after.match(WORDS) ?? [];
  const found = [];
  const add = (kind, tokens) => {
    if (tokens.length === 0) return;
    const text = tokens.join("");
    if (found.at(-1)?.kind === kind) found.at(-1).text += text;
    else found.push({ kind, text });
  };
  for (const { same, one, other } of runs(was, now)) {
    if (same) add("same", one);
    else {
      add("removed", one);
      add("added", other);
    }
  }
  return found;
}

/** Three texts as passages in order: `{kind: "same" | "mine" | "theirs", base, mine, theirs,
    text}`, where `text` is what follows from them; "combined" is a passage in which both
    changed other words, `text` is then worth a look; a "conflict" has no `text`. */
export function merge(base, mine, theirs) {
  const parts = [base, mine, theirs].map((text) => text.match(LINES) ?? []);
  return three(...parts, () => true).map(decided);
}

/** The text that the passages come to; `choose(passage, n)` decides a conflict. */
export function joined(passages, choose) {
  return passages.map((passage, n) => passage.text ?? choose(passage, n)).join("");
}

function decided(passage) {
  const { base, mine, theirs } = passage;
  if (mine === theirs) return { ...passage, kind: base === mine ? "same" : "both", text: mine };
  if (base === mine) return { ...passage, kind: "theirs", text: theirs };
  if (base === theirs) return { ...passage, kind: "mine", text: mine };
  const text = byWord(base, mine, theirs);
  return text === null ? { ...passage, kind: "conflict" } : { ...passage, kind: "combined", text };
}

/** Both changes in one passage, or null where they touch the same words. A blank between two
    changed words does not hold them apart. */
function byWord(base, mine, theirs) {
  const parts = [base, mine, theirs].map((text) => text.match(FINE) ?? []);
  let text = "";
  for (const { base: was, mine: one, theirs: other } of three(...parts, (t) => t.trim() !== "")) {
    if (one === other || was === other) text += one;
    else if (was === one) text += other;
    else return null;
  }
  return text;
}

/** The tokens of three texts as passages that are the same in all, or not. `anchors(token)`
    says which tokens hold passages apart. */
function three(base, mine, theirs, anchors) {
  const inMine = matches(base, mine);
  const inTheirs = matches(base, theirs);
  const found = [];
  let [b, m, t] = [0, 0, 0];
  const take = (toB, toM, toT) => {
    found.push({
      base: base.slice(b, toB).join(""),
      mine: mine.slice(m, toM).join(""),
      theirs: theirs.slice(t, toT).join(""),
    });
    [b, m, t] = [toB, toM, toT];
  };
  while (b < base.length || m < mine.length || t < theirs.length) {
    let same = 0;
    while (inMine[b + same] === m + same && inTheirs[b + same] === t + same) same += 1;
    if (same > 0) {
      take(b + same, m + same, t + same);
      continue;
    }
    let next = b;
    const holds = (n) => inMine[n] >= m && inTheirs[n] >= t && anchors(base[n]);
    while (next < base.length && !holds(next)) next += 1;
    const end = next === base.length;
    take(next, end ? mine.length : inMine[next], end ? theirs.length : inTheirs[next]);
  }
  return found;
}

/** Where each token of `one` stands in `other`, or -1; in order. */
function matches(one, other) {
  const at = new Array(one.length).fill(-1);
  let [i, j] = [0, 0];
  for (const run of runs(one, other)) {
    if (run.same) run.one.forEach((_, n) => (at[i + n] = j + n));
    i += run.one.length;
    j += run.other.length;
  }
  return at;
}

/** Runs of both, in order, and whether they are the same. */
function runs(one, other) {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  const most = Math.min(one.length, other.length) - start;
  while (end < most && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const a = one.slice(start, one.length - end);
  const b = other.slice(start, other.length - end);
  const head = one.slice(0, start);
  const tail = one.slice(one.length - end, one.length);
  const found = [{ same: true, one: head, other: head }];
  if (a.length * b.length > MOST_PAIRS) found.push({ same: false, one: a, other: b });
  else found.push(...longest(a, b));
  found.push({ same: true, one: tail, other: tail });
  return found.filter((run) => run.one.length + run.other.length > 0);
}

/** By the longest common subsequence. */
function longest(a, b) {
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const here = i * width + j;
      const longer = Math.max(length[here + width], length[here + 1]);
      length[here] = a[i] === b[j] ? length[here + width + 1] + 1 : longer;
    }
  }
  const found = [];
  let [i, j] = [0, 0];
  const run = (same) => {
    if (found.at(-1)?.same !== same) found.push({ same, one: [], other: [] });
    return found.at(-1);
  };
  while (i < a.length || j < b.length) {
    const here = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      const both = run(true);
      both.one.push(a[i++]);
      both.other.push(b[j++]);
    } else if (j === b.length || (i < a.length && length[here + width] >= length[here + 1])) {
      run(false).one.push(a[i++]);
    } else {
      run(false).other.push(b[j++]);
    }
  }
  return found;
}
