// The guided tour: gathers the facts about one post from every answer, has `steps.js` say what is done, and hands it to the panel.
// It ticks nothing by itself, so that a step done in another order, or elsewhere (in Slack, in another tab), counts as well.

import { ask, notice } from "../ask.js";
import { now } from "../clock.js";
import { addRows, edit } from "../grid/acts.js";
import { kindOf, sheet } from "../grid/rows.js";
import { cellOf } from "../grid/view.js";
import { known as mails, lookUp } from "../outbox/mailbox.js";
import { hour, isoDay } from "../times.js";
import { control, loseAnswer, standing as broken } from "./breaking.js";
import { drawPanel, startPanel } from "./panel.js";
import { keep, known, load, restart } from "./remembered.js";
import { clear as unpoint, point } from "./ring.js";
import { baseline, channelsOf, choose, figures, isAbout, isCard, STEPS, told } from "./steps.js";
import { closing, WORDS } from "./words.js";

const AHEAD_MINUTES = 40; // Long enough to approve twice, at an unhurried pace, before its minute comes by itself.
const DAY = { from: 8, to: 20 };
const NAMES = { x: "X", linkedin: "LinkedIn" };

let desk = null;
let offer = null;
let asking = false;
let networks = {}; // Channel -> its network's id.
let rows = null;
const events = [];
let feeds = [];
let switchboard = { faults: null }; // The last answer that told of it.
let decisions = [];
let approvalsAsked = 0;
let doneBefore = null; // Ids, as they stood when last told; null until the first time.

export function start(theDesk) {
  desk = theDesk;
  startPanel({ open, close, again, act, life });
  begin();
}

// Asked again with every answer until it is known: a server may not answer yet when the page is opened.
function begin() {
  if (offer || asking) return;
  asking = true;
  ask("/api/tour").then((about) => {
    offer = about.offer;
    networks = about.channels;
    load(about.sample, about.stack);
    settle();
  }, () => { asking = false; }); // The page says itself who does not answer.
}

export function take(state) {
  begin();
  if (state.grid) rows = state.grid.rows.map((cells) => Object.fromEntries(state.grid.header.map((name, place) => [kindOf(name), cells[place] ?? ""])));
  events.push(...state.events);
  if (state.feeds) feeds = state.feeds;
  if (state.faults) switchboard = state;
  if (state.grid || state.events.length || state.mails.length || state.feeds || state.faults) settle();
}

function open() {
  keep({ open: true });
  settle();
}

function close() {
  keep({ open: false });
  unpoint();
  settle();
}

function again() {
  restart();
  decisions = [];
  approvalsAsked = 0;
  doneBefore = null;
  settle();
}

// What is known now, told and drawn; nothing at all while the tour is closed.
function settle() {
  if (!offer) return;
  if (!known().open) return drawPanel({ open: false });
  if (!rows) return;
  if (!known().before) keep({ before: baseline(rows), began: now().toISOString() });
  const came = known().post ?? choose(known().before, rows, events, known().offered);
  if (came !== known().post) keep({ post: came });
  if (came) lookUp({ post: came }).then((some) => { if (some) settle(); }); // On a stack with a past its card may be an older mail.
  const facts = factsNow();
  const seen = told(facts);
  if (seen.at(-1).done) prove(figures(facts));
  const steps = seen.map(kept);
  askWho(facts);
  draw(steps, facts);
}

function factsNow() {
  const { post } = known();
  const row = post ? rows.find((one) => one.post_id === post) ?? null : null;
  const own = post ? events.filter((event) => isAbout(event, post)) : [];
  const channels = row ? channelsOf(row) : [];
  return {
    post, row, events: own, feeds, decisions,
    cards: post ? mails().filter((mail) => isCard(mail, post)) : [],
    broken: (broken(switchboard, networks) ?? []).filter((fault) => fault.left > 0 && channels.includes(fault.channel)),
    networks: Object.fromEntries(channels.map((channel) => [channel, nameOf(channel)])),
  };
}

// A fault is gone once it was used, a row may be deleted after its post is out: what was seen stays ticked, unless it turns out wrong.
function kept(step) {
  const ticked = known().ticked[step.id];
  if (step.done && JSON.stringify(ticked) !== JSON.stringify(step.said)) keep({ ticked: { ...known().ticked, [step.id]: step.said } });
  return ticked && !step.done && !step.wrong ? { ...step, done: true, missed: false, said: ticked } : step;
}

// The figures stand as they were proved: a row that is deleted later takes nothing back.
function prove(found) {
  if (JSON.stringify(found) !== JSON.stringify(known().proved)) keep({ proved: found });
}

// Who approved stands in the audit trail, not in the event.
async function askWho({ post, events: own }) {
  const approvals = own.filter((event) => event.detail_type === "ss.approved").length;
  if (!post || approvals === approvalsAsked) return;
  approvalsAsked = approvals;
  try {
    const found = (await ask(`/api/tour/posts/${encodeURIComponent(post)}`)).decisions;
    if (post !== known().post) return; // Started again meanwhile.
    decisions = found;
    settle();
  } catch {
    approvalsAsked = 0; // Till then it says "approved", without a name.
  }
}

function life() {
  desk.go(known().post ? `mesh/post/${known().post}` : "mesh");
}

function draw(steps, facts) {
  const { skipped, post } = known();
  const over = (step) => step.done || step.missed || skipped.includes(step.id);
  const current = steps.find((step) => !over(step)) ?? null;
  const done = steps.filter((step) => step.done).map((step) => step.id);
  const news = doneBefore === null ? [] : done.filter((id) => !doneBefore.includes(id));
  doneBefore = done;
  const words = { network: facts.row ? nameOf(channelsOf(facts.row)[0]) : "the network", waiting: facts.events.some((event) => event.detail_type === "ss.attempt.failed") };
  drawPanel({
    open: true,
    steps: steps.map((step) => ({
      id: step.id,
      name: WORDS[step.id].name,
      state: step.done ? "done" : step.missed ? "missed" : step === current ? "now" : skipped.includes(step.id) ? "skipped" : "later",
      what: WORDS[step.id].what(words),
      why: WORDS[step.id].why,
      offered: step.id === "row" && step === current ? { text: offer.text, when: `${channelsOf(offer)[0]}, ${dueSoon().words}` } : null,
      said: step.said.map(({ at, text }) => ({ at: at ? hour(new Date(at)) : "", iso: at, text })),
      acts: step === current ? actsOf(step.id, facts) : [],
    })),
    done: done.length,
    gone: post !== null && !facts.row,
    ending: current ? null : ending(steps, facts),
    news: news.map((id) => `Step ${STEPS.indexOf(id) + 1}, ${WORDS[id].name}, is done.`).join(" ") + (news.length && current ? ` Next: ${WORDS[current.id].name}.` : ""),
  });
}

function ending(steps, facts) {
  if (steps.at(-1).done) return closing(known().proved ?? figures(facts));
  if (steps.at(-1).missed) return "It went out before anything was broken. Start again to see a network fail.";
  return `${steps.filter((step) => step.done).length} of ${steps.length} steps were done.`;
}

function actsOf(id, facts) {
  const show = { name: "show", label: "Show me" };
  const mine = facts.row && known().edited && facts.row.text === known().offered;
  return {
    row: [{ name: "add", label: "Add this one", main: true }, show],
    card: [show],
    approve: [show],
    edit: mine ? [{ name: "change", label: "Change a word", main: true }, show] : [show],
    break: [...(facts.row ? [{ name: "lose", label: "Lose its answer", main: true }] : []), show],
    recover: [show],
  }[id];
}

// What the panel's buttons do, for the step that is current.
async function act(name, id) {
  try {
    if (name === "show") await SHOWN[id]();
    if (name === "skip") keep({ skipped: [...known().skipped, id] });
    if (name === "add") await addOffered();
    if (name === "change") changeWord();
    if (name === "lose") await loseAnswer(networkOf(factsNow())).then(() => desk.look());
  } catch (error) {
    notice(error.message, { wrong: true });
  }
  settle();
}

const SHOWN = {
  row() { desk.go("sheet"); point(document.getElementById("add-row")); },
  card() { showCard(); },
  approve() { showCard(); },
  edit() { unfinished() ? showCard() : showText(); },
  async break() { desk.go("faults"); point(await control(networkOf(factsNow()))); },
  recover() { point(document.querySelector("[data-turn='next']")); },
};

// Of the post that is followed, or of the one that is offered.
const networkOf = ({ row }) => networks[channelsOf(row ?? offer)[0]];

const unfinished = () => factsNow().events.some((event) => event.detail_type === "ss.voided");

function showCard() {
  const { cards } = factsNow();
  const seq = cards.length ? cards.reduce((newest, one) => (one.seq > newest.seq ? one : newest)).seq : null;
  desk.go("outbox");
  point(document.querySelector(`#mails [data-key="${seq}"]`) ?? document.querySelector("#outbox header"));
}

function showText() {
  desk.toRow(known().post);
  const row = sheet.rows.find((one) => one.id === known().post);
  if (row) point(cellOf(row, columnOf("text")));
}

const columnOf = (kind) => sheet.header.find((name) => kindOf(name) === kind);

async function addOffered() {
  const due = dueSoon();
  const { text, edited } = unused(offer);
  keep({ offered: text, edited });
  await addRows("add the tour’s row", null, [{ [columnOf("date")]: due.date, [columnOf("time")]: due.time, [columnOf("text")]: text, [columnOf("channels")]: offer.channels }]);
}

function changeWord() {
  const row = sheet.rows.find((one) => one.id === known().post);
  if (row) edit("change a word", [{ row, column: columnOf("text"), value: known().edited }]);
}

// A second tour says it with a number: some networks refuse the same words twice.
function unused({ text, edited }) {
  const there = (words) => rows.some((row) => row.text === words || row.text === `${edited}${words.slice(text.length)}`);
  let counted = "";
  for (let number = 2; there(text + counted); number++) counted = ` (${number})`;
  return { text: text + counted, edited: edited + counted };
}

// Today's next five minutes after a while, within a day's hours; else tomorrow morning.
function dueSoon() {
  const step_ms = 5 * 60000;
  let moment = new Date(Math.ceil((now().getTime() + AHEAD_MINUTES * 60000) / step_ms) * step_ms);
  const hours = Number(hour(moment).slice(0, 2));
  const inTime = isoDay(moment) === isoDay(now()) && hours >= DAY.from && hours < DAY.to;
  if (inTime) return { date: isoDay(moment), time: hour(moment), words: `today ${hour(moment)}` };
  const early = Number(hour(now()).slice(0, 2)) < DAY.from;
  moment = early ? now() : new Date(now().getTime() + 86400000);
  return { date: isoDay(moment), time: "09:15", words: `${early ? "today" : "tomorrow"} 09:15` };
}

function nameOf(channel) {
  const network = networks[channel] ?? channel;
  return NAMES[network] ?? network.charAt(0).toUpperCase() + network.slice(1);
}
