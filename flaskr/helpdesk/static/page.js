// The page put together: what it says of the portal, the key, and which view is open.

import { hasKey, role, signIn, signOut, whoAmI } from "./api.js";
import { $, h, load, say } from "./dom.js";
import { showEveryone, startEveryone } from "./everyone.js";
import { showFind } from "./find.js";
import { hasDeleted } from "./changes.js";
import { showPerson } from "./person.js";

const VIEWS = { find: showFind, person: showPerson, everyone: showEveryone };
let title = "Help desk";
let view = "";

// Open the view that the address names, such as #/person/lee.
function open(isFirst) {
  const [, name = "find", text = ""] = location.hash.split("/");
  const before = view;
  view = name in VIEWS ? name : "find";
  for (const dialog of document.querySelectorAll("dialog[open]:not(#key-dialog)")) dialog.close();
  if (before !== view || view === "person") $("notices").replaceChildren();
  for (const each of Object.keys(VIEWS)) $(each).hidden = each !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  VIEWS[view](decoded(text));
  if (view !== "person") leadBack(view, decoded(text));
  document.title = [view === "person" ? decoded(text) : $(`${view}-title`).textContent, title].join(" – ");
  if (isFirst === true && (view !== "find" || text)) return;
  if (view !== "find" || !text) scrollTo(0, 0);
  $(view === "find" ? "text" : `${view}-title`).focus();
  if (view === "find") $("text").select(); // so that the next one can be typed over it
}

// Have the pages of people lead back to where they were come upon.
function leadBack(from, text) {
  const found = text ? `Back to what was found for “${text}”` : "Find someone else";
  $("back").href = location.hash || "#/find";
  $("back").textContent = from === "find" ? found : "Back to Everyone";
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Bold and code of Markdown, in paragraphs; what stands in backticks is something to look for.
function paragraphs(markdown) {
  return markdown.split("\n\n").filter(Boolean).map((text) => h("p", {}, text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith("**")) return h("strong", {}, part.slice(2, -2));
    return part.startsWith("`") ? h("a", { href: `#/person/${encodeURIComponent(part.slice(1, -1))}` }, part.slice(1, -1)) : part;
  })));
}

async function about() {
  const answer = await fetch("helpdesk.json").then((found) => found.json()).catch(() => ({}));
  title = answer.title || title;
  $("portal").textContent = answer.title ?? "";
  $("notice").hidden = !answer.notice;
  $("notice").replaceChildren(...paragraphs(answer.notice ?? ""));
}

function showWho() {
  $("sign-out").hidden = !hasKey();
  $("who").textContent = hasKey() && role() ? `Role ${role()}` : "";
}

function askForKey(message) {
  $("key-message").textContent = message || "This portal takes an API key; whoever runs it hands them out.";
  showWho();
  if ($("key-dialog").open) return;
  $("sign-in").hidden = false;
  $("key-dialog").showModal();
  $("key").focus();
}

async function enter(event) {
  event.preventDefault();
  signIn($("key").value, $("keep").checked);
  try {
    await whoAmI();
  } catch (error) {
    $("key-message").textContent = error.message;
    $("key").select();
    return;
  }
  $("key").value = "";
  $("sign-in").hidden = true;
  $("key-dialog").close();
  showWho();
  say("Signed in.");
  open();
}

function leave() {
  signOut();
  location.reload();
}

async function start() {
  startEveryone();
  $("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = `#/find/${encodeURIComponent($("text").value.trim())}`;
    if (location.hash === wanted) open();
    else location.hash = wanted;
  });
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("main").focus(); });
  $("key-form").addEventListener("submit", enter);
  $("key-cancel").addEventListener("click", () => $("key-dialog").close());
  $("sign-in").addEventListener("click", () => askForKey());
  $("sign-out").addEventListener("click", leave);
  addEventListener("keyrefused", ({ detail }) => askForKey(detail));
  addEventListener("hashchange", open);
  addEventListener("beforeunload", (event) => { if (hasDeleted()) event.preventDefault(); });
  await Promise.all([about(), whoAmI().catch(() => {})]);
  showWho();
  open(true);
}

start();
