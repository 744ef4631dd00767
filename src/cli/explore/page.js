"use strict";
// The page of `detente explore`: what is moved goes to the program, what follows comes back as
// frames, one JSON object a line. Every text is put in as text; figures are drawn by the program.

const $ = (id) => document.getElementById(id);
const token = location.hash.slice(1);
const state = { controls: [], moved: new Map(), variants: new Set(), pins: [], versus: "",
  outcomes: [], edit: null, arms: [], loaded: new Map(), text: "", abort: null, pinned: 0 };

/** An element with properties and children. */
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** Asks the program; an answer that is no success is an error with its text. */
async function post(verb, body, signal) {
  const answer = await fetch(`/api/${verb}`, { method: "POST", signal, body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Detente-Token": token } });
  if (answer.ok) return answer;
  const text = await answer.text();
  let told = { error: text.trim() };
  try { told = JSON.parse(text); } catch { /* a refusal is plain text */ }
  throw Object.assign(new Error(told.error), told);
}

function problem(text) {
  $("problem").hidden = !text;
  $("problem").textContent = text || "";
}

function digits(x) {
  if (x === null || Number.isNaN(x)) return "–";
  const size = Math.abs(x);
  if (x !== 0 && (size < 1e-3 || size >= 1e6)) return x.toExponential(2);
  return String(Number(x.toPrecision(size >= 1000 ? 5 : 3)));
}

// What is asked for.

function settings() {
  return [...state.moved].map(([key, value]) => [key, String(value)]);
}

function ask() {
  return { edit: state.edit, set: settings(), variants: [...state.variants], pins: state.pins,
    versus: state.versus, outcomes: state.outcomes };
}

let soon = 0;
/** Plays anew once the hand rests for a moment; what is being played ends at once. */
function changed() {
  clearTimeout(soon);
  if (state.abort) state.abort.abort();
  document.body.classList.add("waiting");
  soon = setTimeout(replay, 30);
}

async function replay() {
  const abort = new AbortController();
  state.abort = abort;
  problem("");
  $("edited").hidden = !state.edit;
  $("status").textContent = "playing …";
  try {
    const answer = await post("replay", ask(), abort.signal);
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!abort.signal.aborted) frame(JSON.parse(line));
      }
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    document.body.classList.remove("waiting");
    $("status").textContent = "stopped";
    problem(error.name === "TypeError" ? "The program does not answer; it may have ended."
      : error.message);
  }
}

/** What came of a tier of runs. */
function frame(told) {
  if (told.frame === "progress") $("status").textContent = `${told.runs} runs played …`;
  else if (told.frame === "outcomes") outcomes(told);
  else if (told.frame === "claims") claims(told);
  else if (told.frame === "edited") edited(told);
  else if (told.frame === "done") $("status").textContent = `${state.runs} runs of each arm`;
  else if (told.frame === "stopped") $("status").textContent = "stopped: another page is playing";
  else if (told.frame === "wrong") {
    document.body.classList.remove("waiting");
    $("status").textContent = "not played";
    problem(told.error);
  }
}

// Results.

function outcomes(told) {
  document.body.classList.remove("waiting");
  state.runs = told.runs;
  state.arms = told.page.arms.map((arm) => arm.name);
  $("runs").textContent = `${told.runs} runs of each arm, seed ${told.page.seed}`;
  $("command").textContent = told.command;
  $("against").hidden = state.arms.length < 2;
  fill($("versus"), state.arms, told.page.versus);
  fill($("pick-arm"), state.arms, $("pick-arm").value);
  figures($("figures"), told.figures);
}

function fill(select, names, chosen) {
  if ([...select.options].map((o) => o.value).join("\n") !== names.join("\n")) {
    select.replaceChildren(...names.map((name) => make("option", { value: name, textContent:
      name })));
  }
  select.value = names.includes(chosen) ? chosen : names[0];
}

/** Drawings of the program, each in its place. */
function figures(place, list) {
  const parts = list.map((figure) => {
    const parsed = new DOMParser().parseFromString(figure.svg, "image/svg+xml");
    const svg = document.adoptNode(parsed.documentElement);
    const part = make("div", { className: "scroll", "data-figure": figure.name }, svg);
    return part;
  });
  place.replaceChildren(...parts);
}

function claims(told) {
  const fresh = state.moved.size === 0 && !state.edit;
  if (fresh) {
    state.loaded.set(told.runs, new Map(told.claims.map((claim) => [claim.name, claim.verdict])));
  }
  const tiers = [...state.loaded.keys()].sort((a, b) => a - b);
  const before = state.loaded.get(told.runs) || state.loaded.get(tiers[tiers.length - 1]);
  const flips = [];
  const rows = told.claims.map((claim) => {
    const was = before && before.get(claim.name);
    const flip = was !== undefined && was !== claim.verdict;
    if (flip) flips.push(`${claim.name}: was ${was}, now ${claim.verdict}`);
    return verdict(claim, flip ? was : "");
  });
  $("claims").hidden = rows.length === 0;
  $("claims-runs").textContent = `${told.runs} runs of each arm` +
    (flips.length ? `; ${flips.length} not as in the file` : "");
  $("verdicts").replaceChildren(...rows);
  figures($("tests"), told.figures);
  if ($("flips").textContent !== flips.join("; ")) $("flips").textContent = flips.join("; ");
}

function verdict(claim, was) {
  const item = make("li", { className: was ? "flip" : "", "data-claim": claim.name },
    make("span", { className: `verdict ${claim.verdict}`, textContent: claim.verdict }), " ",
    claim.says || claim.name);
  if (was) item.append(" ", make("span", { className: "was", textContent: `(was ${was})` }));
  const [value, lo, hi] = claim.statistic;
  let test = claim.reason || "not tested";
  if (claim.placebo_verdict !== null) {
    const interval = lo === null ? "" : ` [${digits(lo)}, ${digits(hi)}]`;
    test = `${claim.test}: ${digits(value)}${interval} ${claim.comparison} ` +
      `${digits(claim.threshold)}; with everybody at random ${digits(claim.placebo)}`;
  }
  item.append(make("div", { className: "test", textContent: test }));
  return item;
}

// One run.

async function pick(what) {
  try {
    const answer = await post("trace", { ask: ask(), ...what });
    const told = await answer.json();
    show("run");
    $("pick-arm").value = what.arm;
    $("pick-run").value = told.run;
    figures($("timeline"), told.figures);
    $("transcript").textContent = told.text;
    $("told").hidden = false;
    problem("");
  } catch (error) { problem(error.message); }
}

// Assumptions.

function control(entry) {
  const id = `control-${entry.key}`;
  const value = make("input", { type: "number", step: "any", id });
  const back = make("button", { type: "button", className: "back", textContent: "↺",
    title: "as in the file", "aria-label": `${entry.key} as in the file` });
  const box = make("div", { className: "control", "data-key": entry.key });
  const inputs = [value];
  if (entry.switch) Object.assign(value, { type: "checkbox" });
  const head = make("div", { className: "name" },
    make("label", { for: id, textContent: entry.key }),
    make("span", { className: "value" }, back, value));
  box.append(head);
  if (entry.range && !entry.switch) {
    const [lo, hi] = entry.range;
    const slider = make("input", { type: "range", min: lo, max: hi, step: (hi - lo) / 200,
      "aria-label": `${entry.key}, from ${digits(lo)} to ${digits(hi)}` });
    inputs.push(slider);
    box.append(slider, make("div", { className: "ends" },
      make("span", { textContent: digits(lo) }),
      make("span", { textContent: `file: ${digits(entry.value)} ${entry.unit}` }),
      make("span", { textContent: digits(hi) })));
  }
  const source = entry.source ? `source: ${entry.source}` : "no source";
  box.append(make("div", { className: "note",
    textContent: [entry.note, source].filter(Boolean).join(" · ") }));
  const put = () => {
    const now = state.moved.has(entry.key) ? state.moved.get(entry.key) : entry.value;
    box.classList.toggle("moved", state.moved.has(entry.key));
    for (const input of inputs) {
      if (entry.switch) input.checked = now !== 0;
      else if (input !== document.activeElement) input.value = now;
    }
  };
  for (const input of inputs) {
    input.addEventListener("input", () => {
      const raw = entry.switch ? Number(input.checked) : Number(input.value);
      if (input.value === "" || !Number.isFinite(raw)) return;
      const now = input.type === "range" ? Number(raw.toPrecision(6)) : raw;
      if (now === entry.value) state.moved.delete(entry.key);
      else state.moved.set(entry.key, now);
      put();
      changed();
    });
  }
  back.addEventListener("click", () => { state.moved.delete(entry.key); put(); changed(); });
  put();
  const words = [entry.key, entry.note, entry.source, entry.unit].join(" ").toLowerCase();
  return { box, put, words };
}

function search() {
  const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { box, words } of state.controls) {
    box.hidden = !wanted.every((word) => words.includes(word));
    shown += box.hidden ? 0 : 1;
  }
  $("found").textContent = `${shown} of ${state.controls.length} numbers`;
}

function variants(list) {
  const rows = list.map((variant) => {
    const box = make("input", { type: "checkbox", "data-variant": variant.name });
    box.addEventListener("change", () => {
      if (box.checked) state.variants.add(variant.name);
      else state.variants.delete(variant.name);
      changed();
    });
    return make("label", { className: "arm" }, box, make("span", {},
      make("b", { textContent: variant.name }), ` ${variant.title}`));
  });
  const base = make("div", { className: "arm" }, make("span", {},
    make("b", { textContent: "base" }), " the file; called now once something is moved"));
  $("variants").replaceChildren(base, ...rows);
}

function pins() {
  $("pins").replaceChildren(...state.pins.map((pin) => {
    const what = pin.set.map(([key, value]) => `${key} = ${value}`).join(", ") || "as in the file";
    const off = make("button", { type: "button", textContent: "×",
      "aria-label": `take ${pin.name} away` });
    off.addEventListener("click", () => {
      state.pins = state.pins.filter((other) => other !== pin);
      pins();
      changed();
    });
    return make("div", { className: "arm" }, off, make("span", {},
      make("b", { textContent: pin.name }), ` ${what}`));
  }));
}

function asLoaded() {
  state.moved.clear();
  state.variants.clear();
  state.pins = [];
  state.versus = "";
  pins();
  document.querySelectorAll("[data-variant]").forEach((box) => { box.checked = false; });
  state.controls.forEach(({ put }) => put());
  if (state.edit) undo();
  else changed();
}

// The text.

/** The lines that were replaced; nothing where the text is as it was loaded. */
function difference(text) {
  if (text === state.text) return null;
  const [old, now] = [state.text.split("\n"), text.split("\n")];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const middle = now.slice(head, now.length - tail);
  return { head, tail, middle: middle.length ? middle.join("\n") : null };
}

let typed = 0;
function typing() {
  clearTimeout(typed);
  if (state.abort) state.abort.abort();
  marks([]);
  typed = setTimeout(check, 200);
}

async function check() {
  const text = $("source").value;
  const edit = difference(text);
  try {
    const answer = await post("check", { edit });
    const told = await answer.json();
    if ($("source").value !== text) return;
    diagnose(told);
    if (told.diagnostics.some((found) => found.severity === "error")) {
      $("status").textContent = "not played: the text has errors";
      return;
    }
    state.edit = edit;
    changed();
  } catch (error) { problem(error.message); }
}

function diagnose(told) {
  const count = (kind) => told.diagnostics.filter((found) => found.severity === kind).length;
  const parts = ["error", "warning", "note"].filter(count)
    .map((kind) => `${count(kind)} ${kind}${count(kind) > 1 ? "s" : ""}`);
  $("diagnosis").textContent = parts.join(", ") || "no problem";
  marks(told.diagnostics);
  $("diagnostics").replaceChildren(...told.diagnostics.slice(0, 50).map((found) => {
    const place = make("button", { type: "button",
      textContent: `line ${found.line}: ${found.message}` });
    place.addEventListener("click", () => go(found));
    return make("li", {}, place, found.help ? ` — ${found.help}` : "");
  }));
  $("excerpts").textContent = told.text;
}

/** Where a line and a column, counted from 1 in characters, lie in the text. */
function at(lines, starts, line, column) {
  const text = lines[line - 1] || "";
  return starts[line - 1] + [...text].slice(0, column - 1).join("").length;
}

function places(found) {
  const lines = $("source").value.split("\n");
  const starts = [];
  lines.reduce((sum, line) => { starts.push(sum); return sum + line.length + 1; }, 0);
  const inside = found.filter((one) => one.line <= lines.length && one.end_line <= lines.length);
  return inside.map((one) => {
    const from = at(lines, starts, one.line, one.column);
    const to = Math.max(from + 1, at(lines, starts, one.end_line, one.end_column));
    return { from, to, severity: one.severity };
  });
}

function marks(found) {
  const text = $("source").value;
  const parts = [];
  let done = 0;
  for (const { from, to, severity } of places(found).sort((a, b) => a.from - b.from)) {
    if (from < done) continue;
    parts.push(text.slice(done, from),
      make("mark", { className: severity, textContent: text.slice(from, to) }));
    done = to;
  }
  $("marks").replaceChildren(...parts, `${text.slice(done)}\n`);
  scrolled();
}

function scrolled() {
  $("marks").scrollTop = $("source").scrollTop;
  $("marks").scrollLeft = $("source").scrollLeft;
}

function go(found) {
  const [place] = places([found]);
  if (!place) return;
  const source = $("source");
  source.focus();
  source.setSelectionRange(place.from, place.to);
  source.scrollTop = Math.max(0, (found.line - 6) * 18.2);
}

function undo() {
  $("source").value = state.text;
  $("edited").hidden = true;
  check();
}

function edited(told) {
  const [, now] = told.page.arms;
  $("edited-runs").textContent = `${told.runs} runs of each text`;
  const titles = told.page.legend;
  const rows = now.lines.filter((line) => line.estimates && line.estimates.difference);
  const size = (line) => {
    const { mean, sd } = line.estimates.difference;
    return mean === 0 ? 0 : Math.abs(mean) / (sd || Math.abs(mean));
  };
  rows.sort((a, b) => size(b) - size(a));
  const body = rows.map((line) => {
    const { mean, interval } = line.estimates.difference;
    const clear = interval.lo > 0 || interval.hi < 0;
    const cells = [titles[line.name] || line.name, digits(mean),
      interval.lo === null ? "" : `[${digits(interval.lo)}, ${digits(interval.hi)}]`];
    return make("tr", { className: clear ? "clear" : "", "data-outcome": line.name },
      ...cells.map((text, k) => make("td", { className: k ? "number" : "", textContent: text })));
  });
  const moved = rows.filter((line) => line.estimates.difference.mean !== 0).length;
  const head = make("tr", {}, make("th", { textContent: `${moved} of ${rows.length} outcomes move` }),
    make("th", { textContent: "edited − loaded" }), make("th", { textContent: "95 % interval" }));
  $("changes").replaceChildren(head, ...body);
}

// The rest.

function show(name) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const own = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", own);
    tab.tabIndex = own ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !own;
  }
}

function listen() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => show(tab.id.slice(4)));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(k + step + tabs.length) % tabs.length];
      show(next.id.slice(4));
      next.focus();
    });
  });
  $("search").addEventListener("input", search);
  $("reset").addEventListener("click", asLoaded);
  $("pin").addEventListener("click", () => {
    state.pinned += 1;
    state.pins.push({ name: `pin ${state.pinned}`, set: settings() });
    pins();
    changed();
  });
  $("versus").addEventListener("change", () => { state.versus = $("versus").value; changed(); });
  $("outcomes").addEventListener("change", () => {
    state.outcomes = [...$("outcomes").selectedOptions].map((option) => option.value);
    changed();
  });
  $("figures").addEventListener("click", (event) => {
    const bar = event.target.closest("[data-outcome]");
    if (!bar) return;
    const { arm, outcome, lo, hi } = bar.dataset;
    pick({ arm, outcome, lo: Number(lo), hi: Number(hi) });
  });
  $("pick").addEventListener("submit", (event) => {
    event.preventDefault();
    pick({ arm: $("pick-arm").value, run: Number($("pick-run").value) });
  });
  $("source").addEventListener("input", typing);
  $("source").addEventListener("scroll", scrolled);
  $("undo").addEventListener("click", undo);
  $("copy").addEventListener("click", () => navigator.clipboard.writeText($("command").textContent));
  $("save").addEventListener("submit", (event) => save(event, "save", { name: $("save-name").value,
    variant: $("save-variant").value, title: $("save-title").value }, "saved"));
  $("report").addEventListener("submit", (event) => save(event, "report",
    { name: $("report-name").value }, "reported"));
}

/** Writes a file and says so. */
async function save(event, verb, what, told) {
  event.preventDefault();
  $(told).textContent = "…";
  try {
    const answer = await post(verb, { ask: ask(), ...what });
    $(told).textContent = `${(await answer.json()).saved} written`;
  } catch (error) { $(told).textContent = error.message; }
}

async function begin() {
  show("results");
  listen();
  const told = await (await post("scenario", {})).json();
  document.title = `${told.name} – detente explore`;
  $("title").textContent = told.title || told.name;
  $("about").textContent = told.summary;
  state.text = told.text;
  $("source").value = told.text;
  $("save-name").value = `${told.name}-explored`;
  $("report-name").value = `${told.name}-report`;
  state.controls = told.controls.map(control);
  $("sliders").replaceChildren(...state.controls.map(({ box }) => box));
  $("outcomes").replaceChildren(...told.outcomes.map((outcome) => make("option",
    { value: outcome.name, textContent: outcome.title || outcome.name })));
  variants(told.variants);
  search();
  marks([]);
  replay();
}

begin().catch((error) => problem(token ? error.message
  : "Open the page by the address that `detente explore` gave: it holds the key."));
