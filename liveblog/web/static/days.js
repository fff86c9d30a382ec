/* The separators between days: before the first entry of each, wherever it came from. */

/** Puts them in their places. An article has its day and its name from the server. */
export function separate(list) {
  const before = new Map();
  for (const row of list.querySelectorAll(":scope > .day-line")) before.set(row.dataset.day, row);
  let day = "";
  for (const row of [...list.children]) {
    const article = row.querySelector("article[data-day]");
    if (!article || article.dataset.day === day) continue;
    day = article.dataset.day;
    const line = before.get(day) ?? made(list, article);
    before.delete(day);
    if (row.previousElementSibling !== line) list.insertBefore(line, row);
  }
  for (const row of before.values()) row.remove();
}

function made(list, article) {
  const line = document.createElement("li");
  const { day } = article.dataset;
  line.className = "day-line";
  line.dataset.day = day;
  const link = document.createElement("a");
  link.href = `${list.dataset.days}/${day}`;
  link.textContent = article.querySelector(".entry-date")?.textContent ?? day;
  line.append(link);
  return line;
}
