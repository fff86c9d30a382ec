"""A draft on its way to the server (draft.js): one entry with every word, whatever is lost."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.nodetools import evaluated
from tests.unit.test_studio_merge import STUDIO

CONTENT: dict[str, Any] = {
    "kind": None, "headline": "", "body": "", "key": False, "pinned": False, "breaking": False,
    "card": False, "quote": None, "media": [], "embed": None, "bylines": [], "tags": [],
    "sources": [],
}  # fmt: skip

LIFE = """([content, steps]) => {
  const entries = new Map(), answers = new Map();
  let draft = m.draftOf("d", content, 0), keys = 0, refusals = 0;
  // What a server with keys and revisions does: each key once.
  const hear = ({ method, path, body, key, revision }) => {
    if (answers.has(key)) return entries.get(answers.get(key));
    const id = method === "POST" ? `e${entries.size + 1}` : path.split("/").at(-1);
    const before = entries.get(id) ?? { id, revision: 0, state: "published" };
    if (method === "PATCH" && revision !== before.revision) throw { status: 412, message: "moved" };
    const state = body.state ?? before.state;
    const entry = { ...before, state, body: body.body, revision: before.revision + 1 };
    entries.set(id, entry);
    answers.set(key, id);
    return entry;
  };
  const send = (heard, answered) => {
    const next = m.due(draft, "/e", `k${(keys += 1)}`);
    if (!next) return false;
    draft = next;
    if (!heard) return true;
    try {
      const entry = hear(draft.op);
      if (answered) draft = m.answered(draft, entry);
    } catch (problem) {
      refusals += 1;
      draft = m.refused(draft, problem);
    }
    return true;
  };
  for (const [what, value] of steps) {
    if (draft.over) break;
    const { body } = draft.content;
    if (what === "type") draft = m.typed(draft, { ...draft.content, body: body + value }, 0);
    else if (what === "want") draft = m.wanting(draft, { state: value }, 0);
    else if (what === "send") send(true, true);
    else if (what === "lose") send(true, false);
    else if (what === "cut") send(false, false);
    else if (what === "reopen") draft = JSON.parse(JSON.stringify(draft));
    else if (what === "elsewhere" && draft.entry && entries.has(draft.entry)) {
      const entry = entries.get(draft.entry);
      entries.set(entry.id, { ...entry, body: "theirs", revision: entry.revision + 1 });
    }
  }
  // At last everything gets through, and somebody types one more word.
  let last = "last ";
  for (let turn = 0; turn < 20 && !draft.over; turn += 1) {
    if (send(true, true)) continue;
    if (!last && !draft.trouble) break;
    draft = m.typed(draft, { ...draft.content, body: draft.content.body + last }, 0);
    last = "";
  }
  return { entries: [...entries.values()], words: draft.content.body, refusals };
}"""


def lives(count: int, *more: str) -> list[list[list[str]]]:
    """What may happen to a draft: typed, sent with or without an answer, reopened, wanted."""
    chance = random.Random(20251125)
    made = []
    for number in range(count):
        steps = []
        for step in range(chance.randrange(2, 14)):
            what = chance.choice(["type", "send", "lose", "cut", "reopen", *more])
            steps.append([what, f"{number}.{step} "])
        wanted = chance.choice(["published", "submitted", "draft"])
        ending = [["want", wanted]] if chance.random() < 0.7 else []
        made.append([["type", "first "], *steps, *ending, ["lose", ""], ["reopen", ""]])
    return made


def typed(steps: list[list[str]]) -> str:
    """Everything that was typed."""
    return "".join(value for what, value in steps if what == "type")


def life(cases: list[Any]) -> list[Any]:
    """What became of each."""
    return evaluated(STUDIO / "draft.js", LIFE, [[CONTENT, steps] for steps in cases])


def test_whatever_is_lost_there_is_one_entry_with_every_word() -> None:
    cases = lives(400)
    for steps, found in zip(cases, life(cases), strict=True):
        wanted = [value for what, value in steps if what == "want"]
        assert found["words"] == typed(steps) + ("" if wanted else "last "), steps
        assert [one["body"] for one in found["entries"]] == [found["words"]], steps
        assert [one["state"] for one in found["entries"]] == (wanted or ["draft"]), steps
        assert found["refusals"] == 0, steps


def test_what_was_changed_elsewhere_stays_and_so_do_the_words() -> None:
    cases = lives(400, "elsewhere")
    kinds: Counter[int] = Counter()
    for steps, found in zip(cases, life(cases), strict=True):
        bodies = [one["body"] for one in found["entries"]]
        kinds[found["refusals"]] += 1
        assert len(bodies) <= 1 + found["refusals"], steps
        assert bodies == ["theirs"] * (len(bodies) - 1) + [found["words"]], steps
        assert found["words"].startswith(typed(steps)), steps
    assert kinds[1] > 20


def test_what_is_refused_waits_for_another_word() -> None:
    tried = """([content]) => {
      const wanting = m.wanting(m.draftOf("d", content, 0), { state: "published" }, 0);
      const draft = m.due(wanting, "/e", "k");
      const after = m.refused(draft, { status: 422, message: "Too long." });
      const passing = m.refused(draft, { status: 503, passing: true, message: "Busy." });
      const typed = m.due(m.typed(after, { ...content, body: "b" }, 1), "/e", "k2");
      const again = m.due(after, "/e", "k2");
      return [after.trouble, after.want, again, passing.op.key, typed.op.body.state];
    }"""
    (found,) = evaluated(STUDIO / "draft.js", tried, [[CONTENT | {"body": "a"}]])
    assert found == ["Too long.", None, None, "k", "draft"]


def test_a_draft_is_kept_before_it_is_finished() -> None:
    """What the server would refuse of a finished entry does not keep it from saving a draft."""
    unfinished = CONTENT | {"key": True, "body": "Words.", "media": [{"key": "1", "url": None}]}
    (draft, whole) = evaluated(
        STUDIO / "content.js", "(c) => m.bodyOf(...c)", [[unfinished, True], [unfinished, False]]
    )
    assert (draft["key"], whole["key"]) == (False, True)
    assert draft["media"] == whole["media"] == []
    assert draft["kind"] == "text"


def test_a_film_that_came_by_the_api_keeps_all_that_was_said_of_it() -> None:
    film = {"url": "https://cdn.example/a.mp4", "type": "video/mp4", "width": 640, "height": 360}
    film |= {"poster": "https://cdn.example/a.jpg", "duration": 9, "silent": True}
    film |= {"tracks": [{"url": "https://cdn.example/a.vtt", "kind": "captions", "lang": "en"}]}
    entry = CONTENT | {"kind": "video", "media": [film]}
    (found,) = evaluated(STUDIO / "content.js", "(e) => m.bodyOf(m.contentOf(e))", [entry])
    assert found["media"] == [film]
    own = film | {"url": f"/media/{'0' * 26}/a.jpg", "type": "image/jpeg"}
    (found,) = evaluated(
        STUDIO / "content.js", "(e) => m.bodyOf(m.contentOf(e))", [entry | {"media": [own]}]
    )
    assert found["media"] == [{"url": own["url"], "type": own["type"]}], "the server knows the rest"


MEDIUM = {"url": "/media/1/a.jpg", "type": "image/jpeg"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"body": "a"}, "text"),
        ({"media": [MEDIUM]}, "image"),
        ({"media": [MEDIUM], "body": "a"}, "text"),
        ({"media": [{"key": "1", "url": None}]}, "text"),
        ({"embed": {"url": "https://x.example"}}, "embed"),
        ({"embed": {"url": "https://x.example"}, "kind": "video"}, "video"),
        ({"kind": "video", "body": "a"}, "text"),
        ({"kind": "summary", "headline": "a"}, "summary"),
        ({"kind": "summary"}, "text"),
        ({"quote": {"text": "a", "speaker": "b"}, "kind": "summary"}, "quote"),
    ],
)
def test_the_kind_follows_from_what_is_there(changes: dict[str, Any], kind: str) -> None:
    assert evaluated(STUDIO / "content.js", "(c) => m.kindOf(c)", [CONTENT | changes]) == [kind]
