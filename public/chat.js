// On the pages of chats only, before the extension that streams. Without script the page asks again by itself.
(() => {
  const thread = document.getElementById("thread");
  const toEnd = () => thread.lastElementChild?.scrollIntoView({ block: "nearest" });

  // Enter sends, Shift and Enter begin a new line.
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !target.closest("#say")) return;
    if (target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    if (target.value.trim()) target.form.requestSubmit();
  });

  new MutationObserver(toEnd).observe(thread, { childList: true });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.id === "say") document.querySelector("#say textarea")?.focus();
  });

  // HTMX may have looked at the page before its extension was there: the stream is named once both are. One that
  // never came about is asked for again; one that was ended for good is not.
  const stream = document.getElementById("stream");
  let isOver = false;
  stream.addEventListener("bye", () => {
    isOver = true;
  });
  // An answer that is no stream (a part is down) is no part of the thread.
  document.addEventListener("htmx:before:swap", (event) => {
    const { sourceElement, response } = event.detail.ctx ?? {};
    const type = response?.raw?.headers.get("Content-Type") ?? "";
    if (sourceElement === stream && !type.includes("event-stream")) event.preventDefault();
  });
  const begin = () => {
    stream.setAttribute("hx-sse:connect", stream.dataset.stream);
    htmx.process(stream);
    setInterval(() => isOver || stream._htmx?.sse || htmx.trigger(stream, "again"), 10000);
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(begin));
})();
