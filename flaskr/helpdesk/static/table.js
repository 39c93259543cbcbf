// A table of many rows, of which only those in view are in the document.

import { h } from "./dom.js";

const BEYOND = 8;

export class Table {
  // `columns` are the titles; `make` returns the cells of a row that is new in the document, and
  // `fill` writes a row's values into them.
  constructor(place, columns, make, fill) {
    this.place = place;
    this.make = make;
    this.fill = fill;
    this.shown = [];
    this.elements = new Map();
    this.header = h("div", { role: "row", class: "line head", "aria-rowindex": "1" }, columns.map((title) => h("span", { role: "columnheader" }, title)));
    this.body = h("div", { role: "rowgroup", class: "body" });
    this.table = h("div", { role: "table", "aria-label": place.getAttribute("aria-label") }, h("div", { role: "rowgroup", class: "titles" }, this.header), this.body);
    place.replaceChildren(this.table);
    place.addEventListener("scroll", () => this.later(), { passive: true });
    // At once: who presses the Tab key again must find the next row there.
    place.addEventListener("focusin", ({ target }) => { if (target !== place) this.render(); });
    new ResizeObserver(() => { this.height = 0; this.later(); }).observe(place);
  }

  show(rows) {
    this.shown = rows;
    this.table.setAttribute("aria-rowcount", rows.length + 1);
    this.place.style.setProperty("--count", rows.length);
    this.later();
  }

  // Write what has changed, before the next frame.
  later() {
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.render(); });
  }

  render() {
    this.height ||= parseFloat(getComputedStyle(this.place).getPropertyValue("--line")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.body.style.height = `${this.shown.length * this.height}px`;
    const first = Math.max(0, Math.floor(this.place.scrollTop / this.height) - BEYOND);
    const last = Math.min(this.shown.length, Math.ceil((this.place.scrollTop + this.place.clientHeight) / this.height) + BEYOND);
    const wanted = this.shown.slice(first, last);
    this.remove(new Set(wanted));
    let next = this.body.firstElementChild;
    wanted.forEach((row, position) => {
      const element = this.elements.get(row) ?? this.add(row, next);
      if (element === next) next = element.nextElementSibling;
      element.setAttribute("aria-rowindex", first + position + 2);
      element.style.transform = `translateY(${(first + position) * this.height}px)`;
      this.fill(row, element);
    });
  }

  remove(wanted) {
    for (const [row, element] of this.elements) {
      if (wanted.has(row)) continue;
      if (element.contains(document.activeElement)) this.place.focus({ preventScroll: true });
      element.remove();
      this.elements.delete(row);
    }
  }

  add(row, next) {
    const element = h("div", { role: "row", class: "line" }, this.make(row));
    this.body.insertBefore(element, next);
    this.elements.set(row, element);
    return element;
  }
}
