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

  // A page the browser kept (Back after Log out) is asked for again.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
