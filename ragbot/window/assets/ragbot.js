// Leads citations to their papers, folds abstracts, saves downloads, and takes files dropped anywhere.
window.ragbot = (() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // One answer's papers are seen at a time. Which, is the page's to know: what Gradio draws has them all.
  const only = document.head.appendChild(document.createElement("style"));
  let awaited = null;
  function show(section) {
    only.textContent = `#papers section.papers:not(#${section}) { display: none }`;
  }

  // A citation of any answer shows that answer's papers and leads to the card, and in it to the very
  // sentence where that is known: #a2-p1-e0. The papers of an answer still coming come with its end.
  function lead(id) {
    const [, name, place] = id.match(/^(a\d+-p\d+)(?:-e(\d+))?$/) ?? [];
    const card = name && document.getElementById(name);
    awaited = card ? null : id;
    if (!card) return;
    show(card.closest("section.papers").id);
    for (const lit of all("#papers .lit")) lit.classList.remove("lit");
    card.classList.add("lit");
    const sentence = place && one(`mark[data-e~="${place}"]`, card);
    sentence?.classList.add("lit");
    card.focus({ preventScroll: true });
    const calmly = { behavior: calm() ? "auto" : "smooth" };
    card.scrollIntoView({ ...calmly, block: "start" });
    if (sentence && sentence.offsetTop - card.offsetTop > innerHeight / 2) {
      sentence.scrollIntoView({ ...calmly, block: "center" });
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('#chat a[href^="#a"]');
    if (link) {
      event.preventDefault();
      event.stopPropagation();
      lead(link.getAttribute("href").slice(1));
    }
  }, true);

  function unfold(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Evidence only" : "Whole abstract";
    button.closest(".card").classList.toggle("whole", open);
  }

  function save(text, name, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async function download(button, server) {
    const ids = button.parentElement.dataset.ids.split(" ");
    const { format, suffix, type } = button.dataset;
    save(await server.export_cited({ ids, format }), `ragbot-papers.${suffix}`, type);
  }

  // The papers of an answer side by side, above the page until it is closed.
  const matrix = document.createElement("dialog");
  matrix.id = "matrix";
  async function tabulate(ids, server) {
    matrix.innerHTML = await server.matrix_cited({ ids, format: "html" });
    matrix.onclick = async ({ target }) => {
      if (target === matrix || target.matches("[data-close]")) matrix.close();
      const { format, suffix, type } = target.dataset;
      if (format) save(await server.matrix_cited({ ids, format }), `ragbot-table.${suffix}`, type);
    };
    one(".gradio-container .contain").append(matrix);  // within reach of the style sheet
    matrix.showModal();
  }

  let made = null;
  function pane(element, server) {
    element.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.matches(".unfold")) unfold(button);
      else if (button?.matches("[data-show]")) show(button.dataset.show);
      else if (button?.matches("[data-format]")) download(button, server);
      else if (button?.matches("[data-matrix]")) tabulate(button.parentElement.dataset.ids.split(" "), server);
    });
    const renewed = () => {
      const { made: now, latest } = one(".pane", element)?.dataset ?? {};
      if (now === made) return;
      made = now;
      if (latest) show(latest);
      if (awaited?.startsWith(`${latest}-`)) lead(awaited);
    };
    new MutationObserver(renewed).observe(element, { childList: true, subtree: true });
    renewed();
  }

  // A report stands in a frame of its own, from which it is saved as it is.
  function sheet(element) {
    element.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const frame = one("iframe", element);
      if (button?.matches("[data-save]")) save(frame.srcdoc, button.dataset.save, "text/html");
      else if (button?.matches("[data-full]")) frame.requestFullscreen();
    });
  }

  // The reason behind a mark stays within the conversation.
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => {
    const why = event.target.closest?.(".doubt")?.lastElementChild;
    const log = why?.closest('[role="log"]')?.getBoundingClientRect();
    if (!log) return;
    why.style.marginLeft = "0";
    const { left, right } = why.getBoundingClientRect();
    const shift = Math.max(log.left + 8 - left, 0) || Math.min(log.right - 8 - right, 0);
    why.style.marginLeft = `${shift}px`;
  });

  // Files dropped beside the drop zone are handed to it; it is there once its tab has been opened.
  // On the Evaluate tab they are question sets.
  const tab = (name) => all('#tabs button[role="tab"]').find((tab) => tab.textContent.trim() === name);
  const evaluating = () => tab("Evaluate")?.getAttribute("aria-selected") === "true";
  async function handOver(files) {
    const zone = evaluating() ? "#setup" : "#drop";
    if (zone === "#drop") tab("Collection")?.click();
    for (let tries = 0; tries < 100; tries++) {
      const input = one(`${zone} input[type="file"]`);
      if (input) {
        input.files = files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        return;
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const beside = (event) => carriesFiles(event) && !event.target.closest?.("#drop");
  const hovering = (on) => {
    document.documentElement.classList.toggle("dropping", on);
    document.documentElement.classList.toggle("evaluating", evaluating());
  };
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) hovering(true);
    if (beside(event)) event.preventDefault();
  });
  addEventListener("dragleave", (event) => event.relatedTarget || hovering(false));
  addEventListener("drop", (event) => {
    hovering(false);
    if (!beside(event)) return;
    event.preventDefault();
    event.stopPropagation();
    // The event's own list is emptied when the event is over.
    const kept = new DataTransfer();
    for (const file of event.dataTransfer.files) kept.items.add(file);
    handOver(kept.files);
  }, true);

  // A new question goes to the top of the conversation and stays there while its answer comes, until
  // somebody scrolls.
  let questions = 0;
  let held = false;
  function hold() {
    const rows = all("#chat .user-row");
    if (rows.length !== questions) held = rows.length > questions;
    questions = rows.length;
    const log = one('#chat [role="log"]');
    if (held && log) log.scrollTop += rows.at(-1).getBoundingClientRect().top - log.getBoundingClientRect().top;
  }
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(kind, () => { held = false; }, { capture: true, passive: true });
  }
  // The head of every open window says how things stand now: it is asked for every few seconds while
  // somebody looks, and soon after anything has changed here.
  const STOPPED = '<p class="mode fails" role="status">Ragbot has been stopped: start it again.</p>';
  let stands = "";
  let soon = 0;
  async function refresh() {
    const place = one("#masthead .now");
    if (document.hidden || !place) return;
    let told = STOPPED;
    try {
      const got = await fetch(new URL("masthead", document.baseURI));
      if (!got.ok) return;
      told = await got.text();
    } catch { /* nobody is there */ }
    if (told !== stands || !place.firstChild) place.innerHTML = stands = told;
  }
  setInterval(refresh, 3000);
  document.addEventListener("visibilitychange", refresh);

  new MutationObserver(() => {
    hold();
    clearTimeout(soon);
    soon = setTimeout(refresh, 150);
    // Gradio gives these two icons no name.
    one("#question .submit-button")?.setAttribute("aria-label", "Send");
    one("#question .stop-button")?.setAttribute("aria-label", "Stop");
  }).observe(document, { childList: true, subtree: true });

  // The copy button copies what is read, not the Markdown behind it.
  let read = null;
  document.addEventListener("click", (event) => {
    const message = event.target.closest?.("#chat .message-buttons")?.previousElementSibling;
    const shown = message && one(".prose", message)?.innerText.trim();
    // Without the zero-width and the no-break spaces that keep addresses and citations in shape.
    read = shown ? shown.replaceAll("\u200b", "").replaceAll("\u00a0", " ") : null;
  }, true);
  if (navigator.clipboard) {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => write(read ?? text);
  }

  return { pane, sheet };
})();
