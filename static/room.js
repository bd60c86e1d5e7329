// The meeting room on one phone: asks the server how it stands, draws it, and sends taps.
// The server's clock is the truth and its sentences are shown as they come. A tap is kept on the
// phone with a key of its own until the server has settled it, so none is lost and none counts twice.
"use strict";
(() => {
  const root = document.getElementById("room");
  const source = document.getElementById("room-told");
  if (!root || !source) return;

  const $ = (id) => document.getElementById(id);
  const told = JSON.parse(source.textContent);
  const { me, link, words } = told;
  const MOVES = new Set(told.moves);
  const EVERY = told.every * 1000;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const live = $("live");

  let room = told.room; // as the server last told
  let skew = told.now * 1000 - Date.now(); // server's clock less ours, in milliseconds
  let shown = room; // with our taps that are still on their way
  let online = true;
  let sending = false;
  let over = false;
  let ringing = -1;
  let fetched = "";

  // -- taps: kept until settled, also over a reload --
  const kept = `room:${location.pathname}:${me}`;
  let queue = [];
  try {
    queue = JSON.parse(localStorage.getItem(kept) ?? "[]");
  } catch { /* a private window keeps nothing: then only a reload loses taps */ }
  const keep = () => {
    try {
      if (queue.length) localStorage.setItem(kept, JSON.stringify(queue));
      else localStorage.removeItem(kept);
    } catch { /* as above */ }
  };
  const uuid = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(
    /[018]/g,
    (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16)
  );

  const tap = (kind, more = {}) => {
    const one = { key: uuid(), kind, ...more };
    if (MOVES.has(kind)) one.beat = shown.beat;
    queue.push(one);
    keep();
    draw();
    send();
  };

  // What will be true once the server has our taps: turns counted, the next speaker, who is here.
  const ahead = (base) => {
    const it = structuredClone(base);
    for (const one of queue) {
      const person = it.people.find((each) => each.id === one.seat);
      if (one.kind === "heard" && person && it.stage === "running") {
        person.turns = Math.max(0, person.turns + (one.by ?? 1));
        person.unheard = person.here && !person.turns;
      } else if (one.kind === "here" && person) {
        person.here = one.here;
      } else if (one.kind === "pause" && !it.clock.paused) {
        it.clock.paused = now() / 1000;
      } else if (
        (one.kind === "next" || one.kind === "pass") && one.beat === it.beat && it.speaker && it.waiting.length
      ) {
        const speaker = it.people.find((each) => each.id === it.speaker);
        if (one.kind === "next" && speaker) {
          speaker.turns += 1;
          speaker.unheard = false;
        }
        it.beat += 1;
        [it.speaker, it.follows] = it.waiting;
        it.follows ??= "";
        it.waiting = it.waiting.slice(1);
        it.clock = { ...it.clock, began: now() / 1000, paused: 0 };
        it.title = words.speaks.replace("%s", name(it, it.speaker));
        it.then = online ? "" : words.follows;
        it.acts = it.acts.map((act) => (
          act.kind === "next" ? { ...act, label: it.follows ? `→ ${name(it, it.follows)}` : "→" } : act
        ));
      }
    }
    return it;
  };
  const name = (it, seat) => it.people.find((each) => each.id === seat)?.name ?? "";
  const now = () => Date.now() + skew;
  const version = (stamp) => Number(stamp.split("-")[1] ?? -1);

  // -- the line to the server --
  const take = (answer) => {
    skew = answer.now * 1000 - Date.now();
    // answers may overtake each other: the room never goes back
    if (version(answer.room.stamp) >= version(room.stamp)) room = answer.room;
  };
  const connected = (yes) => {
    if (yes && !online) say(words.back);
    online = yes;
    draw();
  };
  const ask = async (url, options) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 8000);
    try {
      return await fetch(url, { cache: "no-store", credentials: "same-origin", ...options, signal: stop.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  const send = async () => {
    if (sending || !queue.length) return;
    sending = true;
    try {
      const answer = await ask(link, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(queue.slice(0, 50)),
      });
      if (answer.ok) {
        const said = await answer.json();
        const settled = new Set([...said.done, ...Object.keys(said.refused)]);
        queue = queue.filter((one) => !settled.has(one.key));
        keep();
        take(said);
        for (const sentence of new Set(Object.values(said.refused))) complain(sentence);
        connected(true);
      } else if (answer.status < 500 && answer.status !== 429) {
        // the room is closed or the tap is none: it can never be settled
        queue = [];
        keep();
        complain(await sentence(answer, words.gone));
        connected(true);
      } else {
        connected(false);
      }
    } catch {
      connected(false);
    }
    sending = false;
    if (online && queue.length) send();
  };
  const poll = async () => {
    const began = Date.now();
    try {
      const answer = await ask(link, { headers: { "If-None-Match": `"${room.stamp}"` } });
      if (answer.status === 200) take(await answer.json());
      else if (answer.status === 404) complain(words.gone);
      if (answer.status < 500) connected(true);
      else connected(false);
      if (queue.length) send();
    } catch {
      connected(false);
    }
    // A server that is slow is asked less often, so that many rooms cannot pile up questions: it
    // may be nearly twice the interval, and more only where it hardly answers at all.
    const took = Date.now() - began;
    const wait = room.stage === "ended" ? 5 * EVERY : document.hidden ? 4 * EVERY : EVERY;
    const patience = Math.max(Math.min(20 * took, 1.75 * EVERY), Math.min(2 * took, 15000));
    setTimeout(poll, Math.max(wait, patience) * (0.95 + Math.random() * 0.1));
  };
  addEventListener("online", () => { send(); });
  addEventListener("offline", () => connected(false));

  // -- words for everybody, also for a screen reader --
  let last = "";
  const say = (sentence) => {
    if (sentence && sentence !== last) live.textContent = last = sentence;
  };
  const complain = (sentence) => {
    const box = $("refusals");
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.setAttribute("role", "alert");
    toast.textContent = sentence;
    box.replaceChildren(toast);
    setTimeout(() => toast.remove(), 6000);
  };

  // -- drawing --
  const put = (id, text) => {
    const element = $(id);
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !text;
  };
  const mine = () => !shown.host || shown.host === me;
  const may = (act) => mine() || (shown.speaker === me && (act.kind === "next" || act.kind === "pass"));
  const counts = () => mine() || shown.watcher === me;

  const button = (act, classes) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = `button ${classes}`;
    element.textContent = act.label;
    element.dataset.act = act.kind;
    element.addEventListener("click", () => {
      const { kind, label, style, ...more } = act;
      tap(kind, more);
    });
    return element;
  };
  // Buttons that stay stay the same elements, so that focus and a second finger find them.
  const buttons = (id, acts, classes) => {
    const box = $(id);
    const key = JSON.stringify(acts);
    if (box.dataset.key === key) return;
    const focused = box.contains(document.activeElement) ? document.activeElement.dataset.act : "";
    box.dataset.key = key;
    box.replaceChildren(...acts.map((act) => button(act, classes(act))));
    box.hidden = !acts.length;
    if (focused) (box.querySelector(`[data-act="${focused}"]`) ?? box.querySelector("button"))?.focus();
  };

  const counters = () => {
    const box = $("room-counters");
    const waiting = shown.stage === "waiting";
    const free = waiting || counts();
    const shape = `${shown.people.length}${free}${shown.stage}`;
    if (box.dataset.key !== shape) {
      box.dataset.key = shape;
      box.replaceChildren(...shown.people.map((each) => {
        const element = document.createElement(free && shown.stage !== "ended" ? "button" : "div");
        if (element.tagName === "BUTTON") element.type = "button";
        element.dataset.seat = each.id;
        element.append(document.createElement("b"), document.createElement("span"), document.createElement("small"));
        element.addEventListener("click", () => {
          const person = shown.people.find((one) => one.id === each.id);
          if (shown.stage === "waiting") {
            if (each.id === me || mine()) tap("here", { seat: each.id, here: !person.here });
          } else if (element.tagName === "BUTTON") tap("heard", { seat: each.id });
        });
        return element;
      }));
    }
    for (const each of shown.people) {
      const element = box.querySelector(`[data-seat="${each.id}"]`);
      if (!element) continue;
      const speaks = each.id === shown.speaker;
      const [figure, who, note] = element.children;
      const state = !each.here ? "away" : speaks ? "speaking" : each.unheard ? "unheard" : "";
      element.className = `counter ${state}`;
      figure.textContent = waiting ? (each.here ? "✓" : "–") : each.turns;
      who.textContent = each.name;
      note.textContent =
        !each.here ? words.away
        : waiting ? words.here
        : speaks ? words.speaking
        : each.unheard ? words.unheard
        : each.turns === 1 ? words.turn
        : words.turns;
      if (element.tagName === "BUTTON") {
        if (waiting) element.setAttribute("aria-pressed", each.here);
        else element.removeAttribute("aria-pressed");
        element.setAttribute(
          "aria-label",
          `${(waiting ? words.toggle : words.count).replace("%s", each.name)}, ${note.textContent}` +
            (waiting ? "" : `, ${each.turns}`)
        );
        element.disabled = waiting && each.id !== me && !mine();
      }
    }
  };

  const table = () => {
    const seats = document.querySelectorAll("#room-table svg > g");
    shown.people.forEach((each, place) => {
      const state =
        each.id === shown.speaker ? "t-lead"
        : each.id === shown.follows ? "t-next"
        : each.here ? ""
        : "t-away";
      if (seats[place] && seats[place].getAttribute("class") !== state) seats[place].setAttribute("class", state);
    });
  };

  const groups = () => {
    const key = JSON.stringify(shown.groups);
    const box = $("room-groups");
    $("room-groups-section").hidden = !shown.groups.length;
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren(...shown.groups.map((group) => {
      const part = document.createElement("div");
      const title = document.createElement("h3");
      const own = group.seats.includes(me);
      part.className = own ? "own" : "";
      title.textContent = own ? words.own.replace("%s", group.label) : group.label;
      const list = document.createElement("ul");
      list.className = "lines";
      list.setAttribute("role", "list");
      group.names.forEach((who, place) => {
        const line = document.createElement("li");
        const inner = document.createElement(place === group.turn ? "b" : "span");
        inner.textContent = place === group.turn ? `${who}, ${words.speaking}` : who;
        line.append(inner);
        list.append(line);
      });
      part.append(title, list);
      return part;
    }));
  };

  // -- what is typed: kept in this tab from the first letter until it is sent, whatever is drawn --
  const TYPED = `room-typed:${location.pathname}:${me}`;
  let typed = {};
  try {
    typed = JSON.parse(sessionStorage.getItem(TYPED) ?? "{}");
  } catch { /* a private window: then only a reload loses it */ }
  const formKey = (form) => {
    const { pathname } = new URL(form.getAttribute("action") || location.href, location.href);
    return `${pathname}#${form.elements.step?.value ?? ""}`;
  };
  const isText = (field) => field.matches("textarea, input[type=text]");
  const keepTyped = () => {
    try {
      sessionStorage.setItem(TYPED, JSON.stringify(typed));
    } catch { /* as above */ }
  };
  const forget = (key) => {
    delete typed[key];
    keepTyped();
    offer();
  };
  const formsShown = () => [...$("room-words").querySelectorAll("form")];
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("#room-words form");
    if (!form) return;
    const text = [...form.elements].filter((field) => isText(field) && field.value !== field.defaultValue);
    const key = formKey(form);
    if (text.some((field) => field.value.trim())) {
      const values = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
      typed[key] = { values, text: text.map((field) => field.value.trim()).filter(Boolean).join(" · ") };
    } else delete typed[key];
    keepTyped();
  });
  // A form that is drawn again has what was typed into it; where it has gone, the words are offered.
  const refill = () => {
    for (const form of formsShown()) {
      for (const [name, value] of typed[formKey(form)]?.values ?? []) {
        for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
          if (field.type === "hidden") continue;
          if (field.type === "radio" || field.type === "checkbox") field.checked ||= field.value === value;
          else field.value = value;
        }
      }
    }
  };
  const offer = () => {
    const there = new Set(formsShown().map(formKey));
    const box = $("room-kept");
    const lost = Object.keys(typed).filter((key) => !there.has(key));
    const state = JSON.stringify(lost);
    if (box.dataset.key === state) return;
    box.dataset.key = state;
    box.hidden = !lost.length;
    box.replaceChildren(...lost.map((key) => {
      const part = document.createElement("div");
      part.className = "note caution stack-s room-notice";
      const said = document.createElement("p");
      said.textContent = words.kept;
      const text = document.createElement("p");
      text.className = "voice";
      text.textContent = typed[key].text;
      const row = document.createElement("div");
      row.className = "row";
      for (const [label, kind, work] of [
        [words.sendit, "primary", () => sendTyped(key)],
        [words.drop, "plain", () => { forget(key); writing(); }],
      ]) {
        const element = document.createElement("button");
        element.type = "button";
        element.className = `button ${kind}`;
        element.textContent = label;
        element.addEventListener("click", work);
        row.append(element);
      }
      part.append(said, text, row);
      return part;
    }));
  };
  const sentence = async (answer, otherwise) => {
    if (answer.status !== 409) return otherwise;
    if (answer.headers.get("Content-Type")?.includes("json")) return (await answer.json()).detail || otherwise;
    return (await answer.text()).replace(/<[^>]*>/g, " ").match(/\S.*\S/s)?.[0].slice(0, 200) ?? otherwise;
  };
  const sendTyped = async (key) => {
    const body = new URLSearchParams(typed[key].values);
    body.set("csrfmiddlewaretoken", root.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const answer = await ask(key.split("#")[0], { method: "POST", headers: { "HX-Request": "true" }, body });
      if (!answer.ok) return complain(await sentence(answer, words.notsent));
      forget(key);
      fetched = "";
      draw();
    } catch {
      connected(false);
    }
  };
  // What has been sent is not offered again; forms of the pane are sent by htmx.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const form = requestConfig?.elt?.closest?.("#room-words form");
    if (form && requestConfig.verb === "post" && xhr.status < 300) forget(formKey(form));
  });
  document.addEventListener("htmx:afterSettle", () => { refill(); offer(); });

  const WRITTEN = new Set(told.written);
  const writing = () => {
    const pane = $("room-words");
    const wanted = shown.stage === "running" && WRITTEN.has(shown.kind) ? `${shown.words}.${shown.kind}` : "";
    pane.hidden = !wanted;
    if (!wanted) {
      if (fetched) pane.replaceChildren();
      fetched = "";
      offer();
    }
    const board = $("room-board");
    const any = Boolean(wanted || shown.groups.length || !$("room-kept").hidden);
    $("room-pane").hidden = !any;
    board.classList.toggle("with-pane", any);
    if (!wanted) return;
    // what somebody is typing is not taken from under their hands, unless the step is over
    const field =
      pane.contains(document.activeElement) &&
      document.activeElement.matches("input, textarea") &&
      document.activeElement;
    const same = fetched.split(".")[0] === wanted.split(".")[0] && fetched.split(".")[2] === shown.kind;
    if (fetched === wanted || !online || (field && field.value && same && shown.kind !== "silent_write")) return;
    fetched = wanted;
    htmx.ajax("GET", root.dataset.words, { target: pane, swap: "innerHTML" }).catch(() => { fetched = ""; });
  };
  // What the others answer to a proposal shows by itself, but never under the hands of who writes.
  setInterval(() => {
    const decision = online && !document.hidden && $("room-words").querySelector("[data-decision]");
    if (!decision || decision.contains(document.activeElement) || decision.querySelector("details[open]")) return;
    if ([...decision.querySelectorAll("textarea, input[type=text]")].some((field) => field.value)) return;
    htmx.trigger(decision, "again");
  }, 3 * EVERY);
  document.addEventListener("htmx:sendError", () => { fetched = ""; connected(false); });

  const draw = () => {
    shown = ahead(room);
    root.hidden = false;
    const running = shown.stage === "running";
    root.dataset.stage = shown.stage;
    const steps = $("room-steps");
    if (
      steps.children.length !== shown.steps.length ||
      [...steps.children].some((each, n) => each.textContent !== shown.steps[n])
    ) {
      steps.replaceChildren(...shown.steps.map((title) => {
        const line = document.createElement("li");
        const inner = document.createElement("span");
        inner.textContent = title;
        line.append(inner);
        return line;
      }));
    }
    [...steps.children].forEach((each, n) => {
      const ended = shown.stage === "ended";
      each.className = ended || (running && n < shown.step) ? "done" : running && n === shown.step ? "now" : "";
      if (running && n === shown.step) each.setAttribute("aria-current", "step");
      else each.removeAttribute("aria-current");
    });
    put("room-line", shown.line);
    put("room-title", shown.title);
    put("room-then", shown.then);
    put("room-notice", shown.notice);
    put("room-here", shown.here);
    put("room-net", online ? "" : queue.length ? words.unsent.replace("%s", queue.length) : words.offline);
    put("room-unheard", shown.unheard === shown.then ? "" : shown.unheard);
    put("room-how-words", shown.how);
    $("room-how").hidden = !shown.how;
    put(
      "room-counter",
      shown.stage === "waiting" ? ""
        : counts() ? words.youcount
        : words.counts.replace("%s", shown.watcher_name || shown.host_name)
    );
    put(
      "room-hand",
      shown.stage === "ended" ? ""
        : shown.host === me ? words.you
        : shown.host ? words.host.replace("%s", shown.host_name)
        : words.nobody
    );
    const allowed = shown.acts.filter(may);
    buttons("room-acts", allowed.filter((act) => act.style !== "plain"), (act) => `large ${act.style}`);
    $("room-acts").classList.toggle("single", allowed.filter((act) => act.style !== "plain").length === 1);
    buttons("room-quiet", allowed.filter((act) => act.style === "plain"), () => "plain");
    buttons("room-choices", mine() ? shown.choices : [], () => "");
    $("room-after").hidden = shown.stage !== "ended";
    $("room-heard-words").hidden = shown.stage === "waiting";
    $("room-who-words").hidden = shown.stage !== "waiting";
    $("room-host").hidden = !mine() || shown.stage === "ended";
    $("room-take").hidden = mine() || shown.stage === "ended";
    $("room-right").hidden = !counts() || !running;
    for (const each of shown.people) {
      const line = root.querySelector(`[data-person="${each.id}"]`);
      line?.querySelector("[data-there]").setAttribute("aria-pressed", each.here);
      line?.querySelector("[data-there]").toggleAttribute("hidden", !mine());
      line?.querySelector("[data-less]").toggleAttribute("disabled", !each.turns);
      const host = root.querySelector(`#room-hosts [data-host="${each.id}"]`);
      if (host) host.hidden = each.id === shown.host;
    }
    $("room-stage").classList.toggle("quiet", running && shown.mode === "write" && shown.kind === "silent_write");
    counters();
    table();
    groups();
    writing();
    tick();
    say(shown.notice || shown.said);
  };

  // -- the ring: the part of the time that is left; past the end it counts on and says so --
  const ring = document.querySelector("#room-table .t-fill");
  const clock = document.querySelector("#room-table .t-centre");
  const under = document.querySelector("#room-table .t-under");
  const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const tick = () => {
    const { began, seconds, paused } = shown.clock;
    if (shown.stage !== "running" || !seconds) {
      const starts = new Date(shown.starts * 1000);
      const time = starts.toLocaleTimeString(document.documentElement.lang, {
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        timeZone: $("room").dataset.zone,
      });
      clock.textContent = shown.stage === "waiting" ? time : "✓";
      under.textContent = shown.stage === "waiting" ? words.starts : "";
      $("room-stage").classList.remove("over");
      ring.setAttribute("stroke-dasharray", "100 100");
      ringing = -1;
      return;
    }
    const spent = (paused || now() / 1000) - began;
    const left = seconds - spent;
    const late = left <= 0;
    $("room-stage").classList.toggle("over", late);
    const share = late ? 100 : Math.min(100, (left / seconds) * 100);
    const drawn = calm ? Math.ceil(share) : Math.round(share * 10) / 10;
    if (drawn !== ringing) ring.setAttribute("stroke-dasharray", `${(ringing = drawn)} 100`);
    const text = late ? `+${minutes(-left)}` : minutes(Math.ceil(left));
    if (clock.textContent !== text) clock.textContent = text;
    const note = paused ? words.paused : late ? words.over : words.of.replace("%s", minutes(seconds));
    if (under.textContent !== note) under.textContent = note;
    if (late && !over && !paused) {
      say(words.over);
      navigator.vibrate?.(200);
    }
    over = late;
  };

  // -- hands --
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element && event.target.closest("[data-host], [data-less], [data-there]");
    if (!at || !root.contains(at)) return;
    if (at.dataset.host) tap("host", { seat: at.dataset.host });
    else if (at.dataset.less) tap("heard", { seat: at.dataset.less, by: -1 });
    else tap("here", { seat: at.dataset.there, here: at.getAttribute("aria-pressed") !== "true" });
  });
  const KEYS = {
    n: ["start", "next", "reveal", "end"],
    ArrowRight: ["start", "next", "reveal"],
    p: ["pass"],
    " ": ["pause", "resume"],
    m: ["minute"],
    b: ["back"],
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, button, a, summary")) return;
    const wanted = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    const act = wanted && shown.acts.filter(may).find(
      (each) => wanted.includes(each.kind) && (each.kind !== "end" || event.key !== "ArrowRight")
    );
    if (!act) return;
    event.preventDefault();
    const { kind, label, style, ...more } = act;
    tap(kind, more);
  });

  // The screen stays on while the meeting runs, where the phone allows it.
  let lock = null;
  const awake = async () => {
    if (document.hidden || shown.stage !== "running" || !navigator.wakeLock || (lock && !lock.released)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch { /* low battery: then it goes dark */ }
  };
  document.addEventListener("visibilitychange", awake);
  document.addEventListener("click", awake);

  draw();
  setInterval(tick, calm ? 1000 : 250);
  if (!room.people.find((each) => each.id === me)?.here || room.stamp === "new") tap("join");
  poll();
})();
