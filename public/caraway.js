// Nothing here is needed: every page works without it.
(() => {
  const on = (type, run, capture) => document.addEventListener(type, run, capture);
  const focusOnWhatIsWrong = () => document.querySelector(".errors")?.focus();

  // "Print" opens the print dialog; without script its link shows how.
  on("click", (event) => {
    if (!event.target.closest("[data-print]")) return;
    event.preventDefault();
    print();
  });

  // A form on its way is not sent twice. The server refuses the second all the same.
  on(
    "submit",
    (event) => {
      const form = event.target;
      if (form.getAttribute("method") !== "post") return;
      if (form.hasAttribute("aria-busy")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      form.setAttribute("aria-busy", "true");
      setTimeout(() => form.removeAttribute("aria-busy"), 10000);
    },
    true,
  );

  // Back comes to a reviewed form as it was sent, and a browser never asks whether to send it again.
  on("DOMContentLoaded", () => {
    const form = document.querySelector("[data-again]");
    if (form) history.replaceState(history.state, "", form.dataset.again);
  });

  // What such a button does, the page does by itself: Enter goes to the form's own button.
  on("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll(".scriptless")) {
      button.type = "button";
      button.hidden = true;
    }
  });

  // A form answered in place is free again, and the focus goes to what is wrong.
  on("htmx:after:swap", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
    focusOnWhatIsWrong();
  });
  on("DOMContentLoaded", focusOnWhatIsWrong);

  // Escape closes the menu of a narrow page.
  on("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.firstElementChild.focus();
  });

  // Two minutes before the log-in ends by itself, the note about it becomes a warning with a button.
  let warning;
  const watchIdle = (anew) => {
    const note = document.querySelector("[data-idle]");
    if (!note) return;
    const seconds = anew ? note.dataset.idleMinutes * 60 : note.dataset.idle;
    clearTimeout(warning);
    note.classList.remove("soon");
    note.removeAttribute("role");
    warning = setTimeout(
      () => {
        note.classList.add("soon");
        note.setAttribute("role", "alert");
      },
      (seconds - 120) * 1000,
    );
  };
  on("DOMContentLoaded", () => watchIdle(false));
  // What a page asks for by itself (?waiting) keeps no log-in alive.
  on("htmx:after:request", ({ detail }) => /[?&]waiting/.test(detail.ctx.request.action) || watchIdle(true));
  on("submit", (event) => {
    const note = event.target;
    if (!note.matches("[data-idle]")) return;
    event.preventDefault();
    note.removeAttribute("aria-busy");
    fetch(note.action, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams(new FormData(note)),
    }).then((answer) => (answer.ok ? watchIdle(true) : location.reload()));
  });

  // "Trouble logging in?" tells how far this computer's clock is off.
  on("DOMContentLoaded", () => {
    const shown = document.querySelector("[data-server-time]");
    const off = shown && Math.round((Date.now() - Date.parse(shown.dataset.serverTime)) / 1000);
    if (shown)
      shown.textContent = Math.abs(off) < 30 ? "Right" : `${Math.abs(off)} seconds ${off < 0 ? "slow" : "fast"}`;
  });

  // A stranger's time zone is known here alone: the hours are asked for once more, to be told in it.
  on("DOMContentLoaded", async () => {
    const call = document.querySelector("[data-zone]");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!call || !zone || zone === call.dataset.zone) return;
    const ask = fetch(`/support?zone=${encodeURIComponent(zone)}`, { headers: { "HX-Request": "true" } });
    const answer = await ask.catch(() => undefined);
    const told = answer?.ok && (await answer.text());
    if (!told) return;
    call.style.minHeight = `${call.offsetHeight}px`; // a line less moves nothing below
    call.innerHTML = told;
  });

  // A passkey is made or shown by the browser; its answer goes into the form.
  on("submit", async (event) => {
    const form = event.target;
    const what = form.dataset.passkey;
    const answer = what && form.elements.passkey;
    if (!answer || answer.value) return;
    event.preventDefault();
    try {
      const options = JSON.parse(form.dataset.options);
      const publicKey =
        what === "create"
          ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
          : PublicKeyCredential.parseRequestOptionsFromJSON(options);
      answer.value = JSON.stringify(await navigator.credentials[what]({ publicKey }));
    } catch {
      answer.value = "{}"; // refused, or a browser without passkeys: the portal answers with a sentence
    }
    form.submit();
  });

  // A page the browser kept (Back after Log out) is asked for again.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
