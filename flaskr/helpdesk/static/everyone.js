// Many users at once: a plan, looked at row by row, then applied as it comes.

import { may, role, rows } from "./api.js";
import { ask, button, $, during, focusOn, h, problem, say, show } from "./dom.js";
import { asCsv, asNdjson, save } from "./export.js";
import { Table } from "./table.js";

const ACTIONS = ["create", "modify", "remove", "keep", "refuse"];
const WORK = ["create", "modify", "remove"];
const NOT_REACHED = "not reached";
const OUTCOMES = ["done", "unchanged", "stale", "failed", NOT_REACHED];
const FINISHED = ["done", "unchanged"];
const UNFINISHED = ["stale", "failed", NOT_REACHED];
const LEAST_SECONDS = 2; // before a guess of what is left means anything
const SVG = "http://www.w3.org/2000/svg";

// A row of the plan: `plan` as the API answered it, whether it is ticked, and what came of it.
let plan = { rows: [], order: null };
let only = ""; // the action or outcome that is shown alone
let shown = [];
let table = null;
let stopping = null;

export function startEveryone() {
  table = new Table($("rows"), ["Apply", "User ID", "Action", "What is to be done", "Outcome"], cells, fill);
  $("order").addEventListener("submit", (event) => { event.preventDefault(); order(); });
  $("order").addEventListener("change", choose);
  $("file").addEventListener("change", () => nameFile($("file").files[0]));
  $("everyone").addEventListener("dragover", (event) => event.preventDefault());
  $("everyone").addEventListener("drop", drop);
  $("filter").addEventListener("input", filter);
  $("tick-all").addEventListener("click", () => tick(true));
  $("tick-none").addEventListener("click", () => tick(false));
  $("apply").addEventListener("click", confirmApplying);
  for (const id of ["stop-plan", "stop-apply"]) $(id).addEventListener("click", () => stopping?.abort());
  $("export-csv").addEventListener("click", () => exportCsv(shown));
  $("export-ndjson").addEventListener("click", () => exportNdjson(shown));
  addEventListener("beforeunload", (event) => { if (isApplying()) event.preventDefault(); });
  choose();
}

export function showEveryone() {
  $("apply").hidden = $("tick-all").hidden = $("tick-none").hidden = !may.apply();
  $("rows").classList.toggle("without-ticks", !may.apply());
  $("may-not").hidden = may.apply();
  $("may-not").textContent = `Your key has the role ${role()}: it may look at plans. To apply one takes the role admin.`;
  table.later();
}

const isApplying = () => !$("applying").hidden;
const whom = () => $("order").elements.whom.value;
let file = null;

function choose() {
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== whom();
}

function nameFile(chosen) {
  file = chosen ?? null;
  $("file-name").textContent = file ? `${file.name}, ${Math.ceil(file.size / 1024)} KB` : "";
}

function drop(event) {
  event.preventDefault();
  const [dropped] = event.dataTransfer.files;
  if (!dropped) return;
  $("order").elements.whom.value = "file";
  choose();
  nameFile(dropped);
  $("make-plan").focus();
}

// What is asked for, kept with the plan, so that the same can be planned again.
async function ordered() {
  const query = { leavers: $("leavers").value, deep: String($("deep").checked) };
  if (whom() === "users") return { query, body: new URLSearchParams({ users: $("users").value }).toString(), type: "application/x-www-form-urlencoded" };
  if (whom() === "file") return { query, body: file ? await file.arrayBuffer() : "", type: "text/csv" };
  const department = whom() === "department" ? { department: $("department").value.trim() } : {};
  return { query: { ...query, everyone: "true", ...department } };
}

async function order() {
  if (!isApplying()) await makePlan(await ordered());
}

async function makePlan(wanted, again) {
  stopping = new AbortController();
  $("stop-plan").hidden = false;
  const found = await during($("make-plan"), $("planning"), "CMS", () => read(wanted, again));
  $("stop-plan").hidden = true;
  if (!found) return;
  plan = { rows: found, order: wanted };
  only = "";
  $("filter").value = "";
  $("applied").replaceChildren();
  $("plan").hidden = false;
  $("plan-about").textContent = again ? `Planned again for what was left of ${again.size} users.` : "";
  picture();
  filter();
  $("rows").scrollTop = 0;
  $("plan-title").focus();
}

async function read(wanted, again) {
  const found = [];
  for await (const row of rows("cms/plan", { ...wanted, signal: stopping.signal })) {
    if (again && !again.has(row.userid)) continue;
    found.push({ plan: row, ticked: WORK.includes(row.action), outcome: "", message: row.message, text: textOf(row) });
    if (found.length % 500 === 0) $("planning").textContent = `${found.length} rows …`;
  }
  return found;
}

const textOf = (row) => [row.userid, row.message, ...Object.values(row.before), ...Object.values(row.after)].join("\n").toLowerCase();

const counted = (kinds, kindOf) => {
  const counts = new Map(kinds.map((kind) => [kind, 0]));
  for (const row of plan.rows) if (counts.has(kindOf(row))) counts.set(kindOf(row), counts.get(kindOf(row)) + 1);
  return [...counts].filter(([, count]) => count > 0);
};

// A bar of as many parts as there are actions, as wide as their shares; the chips below name them.
function picture() {
  const counts = counted(ACTIONS, (row) => row.plan.action);
  const total = Math.max(plan.rows.length, 1);
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: `0 0 ${total} 10`, preserveAspectRatio: "none", role: "img", "aria-label": `The plan has ${inWords(counts)}.` };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  let x = 0;
  for (const [action, count] of counts) {
    const part = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x, y: 0, width: count, height: 10, class: action })) part.setAttribute(name, value);
    svg.append(part);
    x += count;
  }
  $("picture").replaceChildren(plan.rows.length > 0 ? svg : h("p", { class: "empty" }, "The plan has no row: there is nobody like that."));
}

const inWords = (counts) => counts.map(([kind, count]) => `${count.toLocaleString("en")} ${kind}`).join(", ") || "nothing";

function chips() {
  const all = ["", plan.rows.length];
  const found = [all, ...counted(ACTIONS, (row) => row.plan.action), ...counted(OUTCOMES, (row) => row.outcome)];
  const held = $("chips").contains(document.activeElement) ? document.activeElement.dataset.kind : null;
  $("chips").replaceChildren(...found.map(([kind, count]) => h("button", {
    type: "button", class: `chip ${kind.replace(" ", "-")}`, "data-kind": kind, "aria-pressed": String(kind === only),
    onclick: () => { only = kind; filter(); },
  }, `${kind || "all"} ${count.toLocaleString("en")}`)));
  if (held !== null) $("chips").querySelector(`[data-kind="${held}"]`)?.focus();
}

function filter() {
  const text = $("filter").value.trim().toLowerCase();
  shown = plan.rows.filter((row) => (!only || row.plan.action === only || row.outcome === only) && (!text || row.text.includes(text)));
  table.show(shown);
  $("rows").hidden = shown.length === 0;
  $("none-shown").hidden = shown.length > 0 || plan.rows.length === 0;
  chips();
  summary();
}

const isToDo = (row) => row.ticked && WORK.includes(row.plan.action) && !FINISHED.includes(row.outcome);

function summary() {
  const ticked = plan.rows.filter(isToDo).length;
  const words = `${shown.length.toLocaleString("en")} of ${plan.rows.length.toLocaleString("en")} rows shown`;
  $("shown").textContent = may.apply() ? `${words}, ${ticked.toLocaleString("en")} ticked.` : `${words}.`;
  $("apply").textContent = ticked === 1 ? "Apply 1 row" : `Apply ${ticked.toLocaleString("en")} rows`;
  if (ticked && !isApplying()) $("apply").removeAttribute("aria-disabled");
  else $("apply").setAttribute("aria-disabled", "true");
}

function tick(ticked) {
  if (isApplying()) return;
  for (const row of shown) row.ticked = ticked && WORK.includes(row.plan.action);
  table.later();
  summary();
}

// The cells of a row that comes into view.
function cells(row) {
  const { userid, action } = row.plan;
  const name = userid || "(no user ID)";
  const box = h("input", { type: "checkbox", "aria-label": `Apply to ${name}`, onchange: () => { row.ticked = box.checked; summary(); } });
  const cell = (kind, ...content) => h("span", { role: "cell", class: kind }, content);
  return [
    cell("tick", WORK.includes(action) && h("label", {}, box)),
    h("span", { role: "rowheader", class: "userid" }, button(name, () => details(row), "link")),
    cell("action", h("span", { class: `tag ${action}` }, action)), cell("what"), cell("outcome"),
  ];
}

function fill(row, element) {
  const box = element.querySelector("input");
  if (box) {
    box.checked = row.ticked;
    box.disabled = isApplying() || FINISHED.includes(row.outcome);
  }
  const [, , , what, outcome] = element.children;
  const text = row.outcome ? row.message : whatIs(row.plan);
  if (what.textContent !== text) what.textContent = what.title = text;
  if (outcome.textContent !== row.outcome) outcome.replaceChildren(h("span", { class: `tag ${row.outcome.replace(" ", "-")}` }, row.outcome));
}

function whatIs({ action, before, after, message }) {
  if (action === "create") return [after.name, after.uri, after.secondaryUri].filter(Boolean).join(" · ");
  if (action === "modify") return Object.keys(after).map((name) => `${name}: ${before[name] || "—"} → ${after[name] || "—"}`).join(" · ");
  return message;
}

function details(row) {
  const { userid, action, before, after, coSpace } = row.plan;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const cell = (value) => h("td", {}, value === undefined ? "" : value === "" ? "(empty)" : String(value));
  show(`${userid || "A row without a user ID"}: ${action}`,
    h("p", {}, row.plan.message),
    row.outcome && h("p", {}, h("strong", {}, row.outcome), row.message !== row.plan.message && `: ${row.message}`),
    names.length > 0 && h("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": "Values" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Value", "Before", "After"].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row" }, name), cell(before[name]), cell(after[name])))))),
    coSpace && h("p", { class: "quiet" }, `Space ${coSpace}`),
    userid && h("p", {}, h("a", { href: `#/person/${encodeURIComponent(userid)}` }, `Open ${userid}`)));
}

// A Space is taken away where it is removed, and where a leaver's is put in quarantine.
const takesAway = ({ action, before, after }) => action === "remove"
  || (Boolean(before.cdrTag) && after.nonMemberAccess === "false" && Object.keys(after).length === 1);

async function confirmApplying() {
  const chosen = plan.rows.filter(isToDo);
  if (chosen.length === 0 || isApplying()) return;
  const counts = WORK.map((action) => [action, chosen.filter((row) => row.plan.action === action).length]).filter(([, count]) => count);
  const removals = chosen.filter((row) => takesAway(row.plan)).length;
  const yes = await ask({
    title: chosen.length === 1 ? "Apply 1 row?" : `Apply ${chosen.length.toLocaleString("en")} rows?`,
    body: [h("p", {}, `In CMS: ${inWords(counts)}.`), removals > 0 && h("p", { class: "why" }, `Spaces taken from people who have left, removed or put in quarantine: ${removals.toLocaleString("en")}.`)],
    yes: "Apply", danger: removals > 0, work: async () => true,
  });
  if (yes) await applyRows(chosen, removals);
}

async function applyRows(chosen, removals) {
  stopping = new AbortController();
  const open = new Map();
  for (const row of chosen) {
    const key = keyOf(row.plan);
    open.set(key, [...(open.get(key) ?? []), row]);
    row.outcome = "";
  }
  begin(chosen.length);
  const wanted = { query: removals ? { removals } : {}, body: asNdjson(chosen.map((row) => row.plan)), type: "application/x-ndjson", signal: stopping.signal };
  const start = performance.now();
  let count = 0;
  let failure = null;
  try {
    for await (const outcome of rows("cms/apply", wanted)) {
      settle(open.get(keyOf(outcome)) ?? [], outcome);
      progress(++count, chosen.length, (performance.now() - start) / 1000);
    }
  } catch (error) {
    failure = error;
  }
  for (const row of [...open.values()].flat()) [row.outcome, row.message] = [NOT_REACHED, "It was not reached, or its outcome did not arrive."];
  finish(chosen, failure);
}

const keyOf = ({ userid, action }) => `${action} ${userid}`;

function settle(waiting, outcome) {
  const place = Math.max(0, waiting.findIndex((row) => row.plan.coSpace === outcome.coSpace));
  const [row] = waiting.splice(place, 1);
  if (row) [row.outcome, row.message] = [outcome.outcome, outcome.message];
}

function begin(total) {
  $("applying").hidden = false;
  $("applied").replaceChildren();
  $("progress").max = total;
  progress(0, total, 0);
  for (const id of ["make-plan", "apply"]) $(id).setAttribute("aria-disabled", "true");
  $("stop-apply").focus();
  table.later();
}

let drawn = 0;

function progress(count, total, seconds) {
  const quarter = Math.floor((count * 4) / total) > Math.floor(((count - 1) * 4) / total);
  if (count > 0 && quarter) say(`${count} of ${total} rows`);
  if (count && performance.now() - drawn < 100) return;
  drawn = performance.now();
  $("progress").value = count;
  const left = count && seconds > LEAST_SECONDS ? `, ${inTime((seconds / count) * (total - count))} left` : "";
  $("left").textContent = `${count.toLocaleString("en")} of ${total.toLocaleString("en")}${left}`;
  chips();
  table.later();
}

function inTime(seconds) {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

function finish(chosen, failure) {
  $("applying").hidden = true;
  $("make-plan").removeAttribute("aria-disabled");
  const left = chosen.filter((row) => UNFINISHED.includes(row.outcome));
  const counts = OUTCOMES.map((outcome) => [outcome, chosen.filter((row) => row.outcome === outcome).length]).filter(([, count]) => count);
  const stopped = failure?.name === "AbortError";
  const again = button("Plan again for what is left", () => makePlan(plan.order, new Set(left.map((row) => row.plan.userid))), "primary");
  $("applied").replaceChildren(
    h("p", { class: left.length ? "why" : "done" }, `${stopped ? "Stopped" : left.length ? "Applied, with something left" : "Applied"}: ${inWords(counts)}.`),
    ...(failure && !stopped ? [problem(failure)] : []),
    ...(left.length ? [h("p", { class: "row actions" }, again, button("Export what is left as CSV", () => exportCsv(left)), button("… as NDJSON", () => exportNdjson(left)))] : []),
  );
  filter();
  focusOn($("applied"));
}

const asDocument = (row) => (row.outcome ? { ...row.plan, message: row.message, outcome: row.outcome } : row.plan);
const exportCsv = (some) => save("plan.csv", "text/csv", asCsv(some.map(asDocument)));
const exportNdjson = (some) => save("plan.ndjson", "application/x-ndjson", asNdjson(some.map(asDocument)));
