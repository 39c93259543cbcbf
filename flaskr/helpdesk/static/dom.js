// Elements, and what all views do in the same way: wait, say what went wrong, ask, copy.

import { Refused } from "./api.js";

export const $ = (id) => document.getElementById(id);

const SPINNER_MS = 300;
const SLOW_MS = 3000;

// Text is only ever set as text: strings among the children become text nodes.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

export const button = (text, onclick, kind) => h("button", { type: "button", class: kind, onclick }, text);

// Name and value pairs; those without a value are left out.
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value);
  return h("dl", {}, known.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export function say(text) {
  $("said").textContent = "";
  requestAnimationFrame(() => { $("said").textContent = text; });
}

// A message of something that was done, which stays until another view is opened.
export function notify(text, place = $("notices")) {
  const close = button("Dismiss", () => { notice.remove(); $("main").focus(); });
  const notice = h("div", { class: "done" }, h("p", {}, text), close);
  place.replaceChildren(notice);
}

export function problem(error, ...actions) {
  if (!(error instanceof Refused)) console.error(error);
  const text = error instanceof Refused ? error.message : `The page failed: ${error.message}`;
  const request = error.request && h("p", { class: "quiet" }, `For engineers: request ${error.request}`);
  const asks = error.status === 401 && button("Sign in", () => dispatchEvent(new CustomEvent("keyrefused")));
  const row = h("p", { class: "row" }, asks, actions);
  return h("div", { class: "problem", role: "alert" }, h("p", {}, text), request, row.childNodes.length > 0 && row);
}

// Show that something takes a while: a spinner soon, words later. Returns how to end that.
export function patience(place, server) {
  const show = (text) => place.replaceChildren(h("p", { class: "waiting" }, h("span", { class: "spinner" }), text));
  const timers = [
    setTimeout(show, SPINNER_MS, "One moment …"),
    setTimeout(show, SLOW_MS, `${server} takes its time …`),
  ];
  return () => timers.forEach(clearTimeout);
}

const turns = new WeakMap();

// Fill a place with what `build` makes of what `work` finds. The last call for a place wins.
export async function load(place, server, work, build) {
  const turn = Symbol("turn");
  turns.set(place, turn);
  const hadFocus = place.contains(document.activeElement);
  place.setAttribute("aria-busy", "true");
  const enough = patience(place, server);
  let content;
  try {
    content = build(await work());
  } catch (error) {
    if (error.name === "AbortError") return;
    content = problem(error, button("Try again", () => load(place, server, work, build)));
  } finally {
    enough();
  }
  if (turns.get(place) !== turn) return;
  place.removeAttribute("aria-busy");
  place.replaceChildren(...[content].flat(Infinity).filter(Boolean));
  if (hadFocus) focusOn(place);
}

export function empty(place) {
  turns.delete(place);
  place.removeAttribute("aria-busy");
  place.replaceChildren();
}

export function focusOn(element) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus();
}

// Do something while a button is out of use. What goes wrong stands in `place`.
export async function during(pressed, place, server, work, further = () => []) {
  if (pressed.getAttribute("aria-disabled")) return undefined;
  pressed.setAttribute("aria-disabled", "true");
  place.replaceChildren();
  const enough = patience(place, server);
  try {
    const result = await work();
    enough();
    place.replaceChildren();
    return result ?? true;
  } catch (error) {
    enough();
    place.replaceChildren();
    if (error.name !== "AbortError") place.append(problem(error, further(error)));
    return undefined;
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

// Ask in a dialog, and do it there, so that what goes wrong can be seen and tried again: at the
// input that `field` returns for the error, if any. Resolves to what `work` answered, or undefined
// where it was not done.
export function ask({ title, body, yes, danger, server = "CMS", work, further, field }) {
  return new Promise((resolve) => {
    let result;
    const before = document.activeElement;
    const status = h("div", { class: "status", "aria-live": "polite" });
    const confirm = h("button", { class: danger ? "danger" : "primary" }, yes);
    const cancel = h("button", { type: "button", autofocus: Boolean(danger), onclick: () => dialog.close() }, "Cancel");
    const actions = h("p", { class: "row actions" }, confirm, cancel);
    const point = (input) => {
      form.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
      if (!input) return actions.before(status);
      input.after(status);
      input.setAttribute("aria-invalid", "true");
      return input.focus();
    };
    const again = (repeat) => during(confirm, status, server, repeat, (error) => {
      point(field?.(error));
      return further?.(error, again) ?? [];
    }).then((done) => {
      if (done) { result = done; dialog.close(); }
      else status.scrollIntoView({ block: "nearest" });
    });
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); again(() => work(form)); } },
      h("h2", { id: "ask-title" }, title), body, status, actions);
    const dialog = h("dialog", { "aria-labelledby": "ask-title", onclose: () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(result);
    } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Show something in a dialog that is only closed.
export function show(title, ...body) {
  const before = document.activeElement;
  const dialog = h("dialog", { "aria-labelledby": "show-title", onclose: () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
    else $("main").focus();
  } }, h("h2", { id: "show-title" }, title), body,
  h("p", { class: "row actions" }, button("Close", () => dialog.close(), "primary")));
  document.body.append(dialog);
  dialog.showModal();
}

export function copyButton(text, label, what) {
  const copy = button(label, async () => {
    await toClipboard(text, copy);
    say(`Copied: ${what}`);
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = label; }, 2000);
  }, "small");
  copy.setAttribute("aria-label", `${label}: ${what}`);
  return copy;
}

// Without TLS, browsers have no clipboard for a page; the old way does it there.
async function toClipboard(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    beside.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    beside.focus();
  }
}
