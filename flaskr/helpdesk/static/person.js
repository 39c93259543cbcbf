// A person: what the directory says, the Space or why there is none, how to join it, its members.

import { call, may, path, rows } from "./api.js";
import { button, copyButton, $, during, empty, facts, h, load, notify, problem } from "./dom.js";
import { asNumber, nameOf } from "./find.js";
import { changeSpace, deleteSpace, newPasscode, quarantine, sendButtons, sendForced } from "./changes.js";
import { showMembers } from "./members.js";

const ROLES = { guest: "Guests", host: "Hosts" };
// The API takes others too; one that CMS does not have is English.
const LANGUAGES = ["da_DK", "de_DE", "en_US", "es_ES", "fr_FR", "it_IT", "ja_JP", "ko_KR", "nl_NL", "pt_BR", "sv_SE", "zh_CN"];
let language = "en_US"; // for the next person too
let opened = ""; // whose page it is now: what was begun on another one must not be shown on it

export function showPerson(userid) {
  opened = userid;
  $("person-title").textContent = userid;
  load($("entry"), "The directory", () => call("GET", path("directory", "users", userid)).catch(none("no_such_user")), (answer) => entry(userid, answer));
  showSpace(userid);
}

// Turn an error that is an answer to the question into what stands there.
const none = (code) => (error) => {
  if (error.code !== code) throw error;
  return { missing: error.message };
};

function entry(userid, { response, missing }) {
  if (missing) return h("p", { class: "empty" }, missing);
  const name = nameOf(response);
  if (name !== userid && $("person-title").textContent === userid) $("person-title").replaceChildren(name, " ", h("small", {}, userid));
  return facts([
    ["User ID", response.userName], ["Name", name], ["Telephone", response.phoneNumber],
    ["Mobile", response.mobileNumber], ["E-mail", response.email], ["Department", response.department],
    ["Title", response.title], ["Manager", response.manager],
  ]);
}

export function showSpace(userid) {
  for (const place of ["join", "members", "members-notices"]) empty($(place));
  $("joining").hidden = $("membership").hidden = true;
  return load($("space"), "CMS", () => call("GET", path("cms", "spaces", userid)).catch(none("no_space")), (answer) => {
    if (answer.missing) return noSpace(userid, answer.missing);
    $("joining").hidden = $("membership").hidden = false;
    showJoining(userid);
    showMembers(userid);
    return space(userid, answer.response.coSpace);
  });
}

function noSpace(userid, message) {
  const why = h("div");
  load(why, "CMS", async () => {
    for await (const row of rows("cms/plan", { body: { users: [userid] } })) return { ...row, sharing: await sharing(row) };
    return { message };
  }, (row) => whyNone(userid, row));
  return [h("p", { class: "empty" }, "There is no Space in CMS for this user ID."), why];
}

// Who else has the number that the Space would get: the first one of them to have a Space has it.
async function sharing({ userid, after }) {
  if (!after.secondaryUri) return [];
  const { response } = await call("GET", "directory/users", { query: { filter: after.secondaryUri } });
  return response.users.filter((user) => user.userName !== userid && asNumber(user.phoneNumber) === after.secondaryUri).map((user) => user.userName);
}

function whyNone(userid, { action, after = {}, message, sharing = [] }) {
  const status = h("div", { class: "status" });
  const create = (pressed, values) => during(pressed, status, "CMS",
    () => call("POST", path("cms", "spaces", userid), { body: values }),
    (error) => sendForced(error, "POST", userid, values, status, changed(userid)))
    .then((answer) => answer && changed(userid)(answer));
  const buttons = [
    h("button", { type: "button", class: "primary", onclick: ({ currentTarget }) => create(currentTarget, {}) }, "Create the Space"),
    (action === "refuse" || sharing.length > 0) && h("button", { type: "button", onclick: ({ currentTarget }) => create(currentTarget, { secondaryUri: "" }) }, "Create it without the telephone number"),
  ];
  if (sharing.length > 0) message = `Its number, ${after.secondaryUri}, is shared with ${sharing.join(", ")}: only one Space can have it.`;
  else if (action === "create") message = "It would be like this:";
  return [
    h("p", { class: action === "create" && sharing.length === 0 ? "quiet" : "why" }, message),
    facts([["Name", after.name], ["URI", after.uri], ["Second URI", after.secondaryUri], ["Call ID", after.callId], ["Owner", after.ownerJid]]),
    may.change() && h("p", { class: "row actions" }, buttons), status,
  ];
}

// Say what was done, and show what the Space is like now.
const changed = (userid) => ({ message }) => {
  notify(message);
  if (userid === opened) showSpace(userid).then(() => $("person-title").focus());
};

function space(userid, values) {
  const status = h("div", { class: "status" });
  const open = values.nonMemberAccess !== "false";
  const again = changed(userid);
  const repair = ({ currentTarget }) => during(currentTarget, status, "CMS", () => call("POST", path("cms", "spaces", userid, "repair")))
    .then((answer) => answer && again(answer));
  const buttons = [
    may.change() && [
      button("Edit", () => changeSpace(userid, values, again)),
      h("button", { type: "button", onclick: repair }, "Repair"),
      button("New passcode", () => newPasscode(userid, values, () => showJoining(userid))),
      button(open ? "Quarantine" : "End the quarantine", () => quarantine(userid, values, again)),
    ],
    may.remove() && button("Delete", () => deleteSpace(userid, values, again), "danger"),
  ].flat().filter(Boolean);
  return [
    !open && h("p", { class: "why" }, "In quarantine: nobody joins but members."),
    values.autoGenerated === "true" && h("p", { class: "why" }, "An LDAP sync has made this Space; only another sync can remove it."),
    facts([
      ["Name", values.name], ["URI", values.uri], ["Second URI", values.secondaryUri],
      ["Call ID", values.callId], ["Layout", values.defaultLayout], ["Owner", values.ownerJid],
      ["Who may join", open ? "Everyone who knows how" : "Members only"], ["Mark (cdrTag)", values.cdrTag],
      ["ID in CMS", values["@id"]],
    ]),
    buttons.length > 0 && h("p", { class: "row actions" }, buttons), status,
  ];
}

// How guests join, and hosts where the Space has them; what fails for one leaves the other.
function showJoining(userid) {
  const invited = (role) => invite(userid, role).catch((error) => ({ role, error }));
  return load($("join"), "CMS", () => Promise.all(Object.keys(ROLES).map(invited)), (answers) =>
    answers.filter(({ error }) => error?.code !== "no_host").map((answer) => answer.error
      ? [h("h4", {}, ROLES[answer.role]), problem(answer.error, button("Try again", () => showJoining(userid)))]
      : invitation(userid, answer.response)));
}

const invite = (userid, role) => call("GET", path("cms", "spaces", userid, "invitation"), { query: { role, language } });

function invitation(userid, ways) {
  const who = ROLES[ways.role].toLowerCase();
  const copied = (what, value) => value && [value, " ", copyButton(value, "Copy", `${what}, ${who}`)];
  const place = h("div", {}, words(userid, who, ways));
  return [
    h("h4", {}, ROLES[ways.role]),
    facts([
      ["Video address", copied("video address", ways.uri)], ["Link", copied("link", ways.webAddress)],
      ["Meeting ID", copied("meeting ID", ways.callId)], ["Passcode", copied("passcode", ways.passcode)],
      ["By phone", copied("phone", ways.ivr)],
    ]),
    ways.role === "host" && languages(() => {
      const open = place.querySelector("details")?.open;
      load(place, "CMS", () => invite(userid, ways.role), ({ response }) => words(userid, who, response, open));
    }),
    place,
  ];
}

function words(userid, who, ways, open = false) {
  const { subject, text } = ways;
  const notices = h("div", { role: "status" });
  const mail = `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text.replaceAll("\n", "\r\n"))}`;
  return [
    h("details", { open }, h("summary", {}, `The invitation for ${who}`), h("pre", { tabindex: "0", role: "region", "aria-label": `Invitation for ${who}` }, text)),
    h("p", { class: "row" }, copyButton(text, "Copy the invitation", who), h("a", { class: "button small", href: mail }, "Write a mail"), sendButtons(userid, who, ways, language, notices)),
    notices,
  ];
}

// The hosts' invitation is in CMS's own words, where it has them; the guests' in the portal's.
function languages(chosen) {
  const own = navigator.languages.filter((code) => /^[a-z]{2,3}-[A-Z]{2}$/.test(code)).map((code) => code.replace("-", "_"));
  const name = (code) => new Intl.DisplayNames("en", { type: "language" }).of(code.replace("_", "-"));
  const options = [...new Set([...LANGUAGES, ...own])].map((code) => h("option", { value: code, selected: code === language }, name(code)));
  const select = h("select", { id: "language", onchange: () => { language = select.value; chosen(); } }, options);
  return [h("label", { for: "language" }, "Language of the invitation"), select];
}
