"use strict";
for (const tools of document.querySelectorAll(".tools")) {
  tools.hidden = false;
  const table = document.getElementById(tools.dataset.table);
  const count = tools.querySelector("output");
  const show = () => {
    const text = tools.querySelector("input").value.toLowerCase();
    const picks = [...tools.querySelectorAll("select")].filter(pick => pick.value !== "");
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !(row.textContent.toLowerCase().includes(text)
        && picks.every(pick => row.dataset[pick.name] === pick.value));
      if (!row.hidden) shown += 1;
    }
    count.textContent = shown + " of " + table.tBodies[0].rows.length;
  };
  tools.addEventListener("input", show);
  show();
}
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    const key = row => {
      const cell = row.cells[column];
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
    };
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].map(row => [key(row), row]);
      const number = typeof rows[0]?.[0] === "number";
      const order = (a, b) => number ? a[0] - b[0] : a[0].localeCompare(b[0]);
      rows.sort((a, b) => up ? order(a, b) : order(b, a));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  });
}
