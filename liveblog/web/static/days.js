/* The separators between days: before the first entry of each, wherever it came from. */

/** Puts them in their places. An article has its day and its name from the server. */
export function separate(list) {
  const before = new Map();
  for (const row of list.querySelectorAll(":scope > .day-line")) before.set(row.dataset.day, row);
  let day = "";
  for (let row of [...list.children]) {
    const article = row.querySelector("article[data-day]");
    if (!article || article.dataset.day === day) continue;
    day = article.dataset.day;
    const line = before.get(day) ?? made(list, article);
    before.delete(day);
    // What was removed on that day, right above, was published on it, too.
    while (row.previousElementSibling?.querySelector(`[data-gone="${day}"]`)) {
      row = row.previousElementSibling;
    }
    if (row.previousElementSibling !== line) row.before(line);
  }
  for (const row of before.values()) row.remove();
}

function made(list, article) {
  const line = document.createElement("li");
  const link = document.createElement("a");
  const { day } = article.dataset;
  line.className = "day-line";
  line.dataset.day = day;
  link.href = `${list.dataset.days}/${day}`;
  link.textContent = article.querySelector(".entry-date").textContent;
  line.append(link);
  return line;
}
