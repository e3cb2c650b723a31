"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const value = (row) => {
      const text = row.cells[column].textContent.trim();
      return head.dataset.kind === "number" ? Number.parseFloat(text.replaceAll(",", "")) : text;
    };
    const compare = (one, other) => {
      const [a, b] = [value(one), value(other)];
      if (typeof a === "string") return a.localeCompare(b);
      return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b);
    };
    button.addEventListener("click", () => {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort(compare);
      table.tBodies[0].append(...(isUp ? rows : rows.reverse()));
    });
  });
}
