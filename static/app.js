// What a page does better with a script; every page works without it (the meeting room excepted).
// Everything listens on the document, so that fragments htmx brings in need no wiring.
"use strict";
(() => {
  const closest = (event, selector) => event.target instanceof Element && event.target.closest(selector);

  // Theme: one click turns it, a cookie keeps it for a year, the server prints it on <html>.
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const turnTheme = () => {
    const theme = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  };

  // After an answer with errors, the reader is taken to their summary.
  const focusErrors = (root) => root.querySelector?.("[data-errors]:not(.kit *)")?.focus();

  // Words for a screen reader go into the one live region that was there from the start.
  const announce = (root) => {
    const said = root.matches?.("[data-announce]") ? root : root.querySelector?.("[data-announce]");
    const live = document.getElementById("live");
    if (said && live) live.textContent = said.dataset.announce;
  };

  // Drafts of long texts live in this tab only, so that a shared computer tells nobody.
  const draftKey = (field) => `draft:${location.pathname}:${field.dataset.draft}`;
  const restoreDrafts = (root) => {
    for (const field of root.querySelectorAll?.("textarea[data-draft]") ?? []) {
      const kept = sessionStorage.getItem(draftKey(field));
      if (kept !== null && !field.value) field.value = kept;
    }
  };

  // Where nobody has chosen a time zone yet, the browser's own is proposed.
  const proposeZone = (root) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const field of root.querySelectorAll?.("select[data-zone=propose]") ?? []) {
      if (!field.value && [...field.options].some((option) => option.value === zone)) field.value = zone;
    }
  };

  const enhance = (root) => {
    for (const hidden of root.querySelectorAll?.("[data-with-script]") ?? []) hidden.hidden = false;
    restoreDrafts(root);
    proposeZone(root);
    askOnlyIf(root);
  };

  // A question that follows from one answer is hidden until that is chosen; without a script its help says so.
  const askOnlyIf = (root) => {
    for (const control of root.querySelectorAll?.("[data-only-if]") ?? []) {
      const field = control.closest(".field");
      const earlier = control.form.elements[control.dataset.onlyIf];
      const before = (earlier.length ? earlier[0] : earlier).closest(".field");
      if (field) field.hidden = before.hidden || earlier.value !== control.dataset.answer;
    }
  };

  // Both scroll only sideways: where we are in the bar, and the next session of the season.
  const showWhere = (root) => {
    for (const here of root.querySelectorAll?.(".bar .nav [aria-current], .season thead .now") ?? []) {
      const box = here.closest(".nav, .scroller");
      if (!box) continue;
      const place = box.getBoundingClientRect();
      box.scrollLeft += here.getBoundingClientRect().left - place.left - box.clientWidth / 3;
    }
  };

  // What was typed into a form that a rule refused is on the page again: it waits in this tab, and
  // only until the next page is there. Passwords, files and hidden fields are never kept.
  const pathOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
  const chosenIn = (field) =>
    field.type === "select-multiple" ? [...field.selectedOptions].map((option) => option.value) : field.value;
  const keepTyped = (form) => {
    const fields = [...form.elements]
      .filter((field) => field.name && !["password", "file", "hidden", "submit"].includes(field.type))
      .map((field) => ({ name: field.name, value: chosenIn(field), checked: field.checked }));
    sessionStorage.setItem("typed", JSON.stringify({ path: pathOf(form), fields }));
  };
  const restoreTyped = () => {
    const typed = JSON.parse(sessionStorage.getItem("typed"));
    sessionStorage.removeItem("typed");
    const refused = document.getElementById("refused");
    if (!refused) return;
    const form = [...document.forms].find((one) => one.method === "post" && pathOf(one) === refused.dataset.action);
    for (const { name, value, checked } of (form && typed?.path === refused.dataset.action && typed.fields) || []) {
      for (const field of [...form.elements].filter((one) => one.name === name)) {
        if (["checkbox", "radio"].includes(field.type)) field.checked = field.value === value ? checked : field.checked;
        else if (field.type === "select-multiple") {
          for (const option of field.options) option.selected = value.includes(option.value);
        } else field.value = value;
      }
    }
    for (let box = form?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    refused.focus();
  };

  // What a page shows of elsewhere is asked for again, once a minute and only while somebody can see it.
  const A_MINUTE = 60000;
  let looked = Date.now();
  const lookAgain = () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < A_MINUTE) return;
    looked = Date.now();
    document.body.dispatchEvent(new Event("look-again"));
  };
  setInterval(lookAgain, A_MINUTE);
  document.addEventListener("visibilitychange", lookAgain);

  document.addEventListener("change", (event) => askOnlyIf(event.target.form ?? document));
  document.addEventListener("DOMContentLoaded", () => {
    enhance(document);
    showWhere(document);
    focusErrors(document);
    restoreTyped();
  });
  // A rule's refusal does not replace what was asked about: it stands before the form that was sent.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 409) return;
    const sender = event.detail.requestConfig.elt;
    const form = sender.closest("form") ?? sender;
    form.parentElement.querySelector(":scope > .refused")?.remove();
    event.detail.target = form;
    event.detail.swapOverride = "beforebegin show:none";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    enhance(event.detail.elt);
    showWhere(event.detail.elt);
    announce(event.detail.elt);
    if (event.detail.xhr?.status === 422) focusErrors(event.detail.elt);
  });

  document.addEventListener("click", (event) => {
    const opener = closest(event, "[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    } else if (closest(event, "[data-closes]")) {
      event.preventDefault();
      closest(event, "dialog, .toast")?.[closest(event, "dialog") ? "close" : "remove"]();
    } else if (closest(event, "[data-turn-theme]")) {
      turnTheme();
    } else if (closest(event, "[data-print]")) {
      window.print();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    // A reason that is in the way goes, WCAG 1.4.13.
    if (document.activeElement?.matches(".turn")) document.activeElement.blur();
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches?.("textarea[data-draft]")) sessionStorage.setItem(draftKey(field), field.value);
    if (field.matches?.("input[type=range]")) {
      for (const output of document.querySelectorAll(`output[for="${CSS.escape(field.id)}"]`)) {
        output.value = field.value;
      }
    }
    // "Choose all" of a list, and how many are chosen.
    const list = field.closest?.("[data-choices]");
    if (list) {
      const boxes = [...list.querySelectorAll("tbody input[type=checkbox]")];
      if (field.matches("[data-all]")) for (const box of boxes) box.checked = field.checked;
      // all that match are more than what is on this page; one of them taken out is not all
      const allOf = list.querySelector("[data-all-of]");
      if (allOf && field === allOf) for (const box of boxes) box.checked = allOf.checked;
      else if (allOf && !field.checked) allOf.checked = false;
      const count = list.querySelector("[data-chosen]");
      const ticked = boxes.filter((box) => box.checked).length;
      if (count) count.textContent = allOf?.checked ? allOf.dataset.allOf : ticked;
    }
  });

  // Somebody dragged onto another pair: what it would cost to put them together is asked at once.
  // The same question has a form with two choices, for the keyboard and without a script.
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    const cell = closest(event, "[data-drag]");
    dragged = cell && { side: cell.dataset.drag, row: cell.closest("tr") };
    if (cell) event.dataTransfer.setData("text/plain", cell.textContent.trim());
  });
  const dropRow = (event) => {
    const row = dragged && closest(event, "[data-pairs] tr[data-first]");
    return row && row !== dragged.row ? row : null;
  };
  document.addEventListener("dragover", (event) => {
    if (dropRow(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const row = dropRow(event);
    if (!row) return;
    event.preventDefault();
    const pair = { first: row.dataset.first, second: row.dataset.second };
    pair[dragged.side] = dragged.row.dataset[dragged.side];
    const url = `${row.closest("[data-pairs]").dataset.pairs}?${new URLSearchParams(pair)}`;
    htmx.ajax("GET", url, { target: "#why-not", swap: "outerHTML" });
    document.getElementById("by-hand")?.scrollIntoView();
    dragged = null;
  });

  // A row dragged to another place of its list: its own form, with the buttons, carries it there.
  let lifted = null;
  const underIt = (event) => {
    const row = lifted && closest(event, "[data-move]");
    return row && row !== lifted && row.parentElement === lifted.parentElement ? row : null;
  };
  document.addEventListener("dragstart", (event) => {
    lifted = closest(event, "[data-move]");
  });
  document.addEventListener("dragover", (event) => {
    if (underIt(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const row = underIt(event);
    if (!row) return;
    event.preventDefault();
    const order = [...row.parentElement.children];
    const form = lifted.querySelector("form");
    const places = document.createElement("input");
    Object.assign(places, { type: "hidden", name: "places", value: order.indexOf(row) - order.indexOf(lifted) });
    form.append(places);
    form.action = lifted.dataset.move;
    form.requestSubmit();
  });

  document.addEventListener("submit", (event) => {
    for (const field of event.target.querySelectorAll("textarea[data-draft]")) {
      sessionStorage.removeItem(draftKey(field));
    }
    // An ordinary form that is on its way is busy; a second click sends nothing. htmx does its own.
    const form = event.target;
    // What only downloads or asks (get) may be sent again at once.
    if (event.defaultPrevented || form.method !== "post" || form.closest("[hx-post], [data-again]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    keepTyped(form);
    event.submitter?.classList.add("busy");
  });
  // Coming back by the browser's history, nothing is on its way any more.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".button.busy[type=submit]")) button.classList.remove("busy");
  });
})();
