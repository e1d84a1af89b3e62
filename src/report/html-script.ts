/** The page's script: search, filter, sort, copy. The page is whole without it; the controls appear only when it runs. */
export const script = `
"use strict";
for (const tools of document.querySelectorAll(".tools")) {
  const table = document.getElementById(tools.dataset.for);
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const search = tools.querySelector("input");
  const selects = [...tools.querySelectorAll("select")];
  const shown = tools.querySelector("output");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => texts[index].includes(word)) && selects.every((select) => select.value === "" || row.dataset[select.name] === select.value);
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count === rows.length ? rows.length + " shown" : count + " of " + rows.length + " shown";
  };
  search.addEventListener("input", filter);
  for (const select of selects) select.addEventListener("change", filter);
  tools.hidden = false;
  filter();
  for (const link of document.querySelectorAll("a[data-question]")) {
    if (tools.dataset.for !== "findings-table") continue;
    link.addEventListener("click", () => {
      for (const select of selects) select.value = select.name === "question" ? link.dataset.question : "";
      search.value = "";
      filter();
    });
  }
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
      const sorted = [...rows].sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }));
      if (down) sorted.reverse();
      body.append(...sorted);
    });
  });
}
for (const command of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const code = command.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  command.append(button);
}
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll(".findings > tbody > tr > td > details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
const reveal = () => {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  for (let node = target; node !== null; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  const inner = target?.querySelector(":scope > td > details");
  if (inner) inner.open = true;
};
addEventListener("hashchange", reveal);
reveal();
`;
