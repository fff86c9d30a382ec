/* The live page in a frame: its links open a page of their own, except those within it. */

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link) return;
  const inside = link.hash && link.href.split("#")[0] === location.href.split("#")[0];
  if (inside) link.target = "_self";
});
