// Rows as files: in the forms that POST /cms/plan answers and POST /cms/apply takes.

import { h } from "./dom.js";

const FIRST = ["userid", "action", "coSpace"];
const LAST = ["message", "outcome"];
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INNER = /(?<=[;\t\r\n])(?= *['=+\-@＝＋－＠])/g;

// As the portal writes cells: an apostrophe before what a spreadsheet would change or carry out.
export function cell(value) {
  if (value === undefined) return "";
  if (value === "") return "none";
  const text = value.replace(INNER, "'");
  const isPlain = GUID.test(value) || (/^\p{L}/u.test(value) && !/^(true|false|none)$/i.test(value.trim()));
  return isPlain ? text : `'${text}`;
}

const quoted = (text) => (/[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function asCsv(rows) {
  const names = [...new Set(rows.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)]))];
  const values = names.flatMap((name) => [["before", name], ["after", name]]);
  const plain = (text) => (text ? cell(text) : "");
  const line = (row) => [
    ...FIRST.map((name) => plain(row[name])), ...values.map(([when, name]) => cell(row[when][name])),
    ...LAST.map((name) => plain(row[name])),
  ];
  const head = [...FIRST, ...values.map((each) => each.join(".")), ...LAST];
  return `\ufeff${[head, ...rows.map(line)].map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("")}`;
}

export const asNdjson = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
