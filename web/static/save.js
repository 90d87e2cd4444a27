// Saves the plan two seconds after the last change. Without this file the page saves by its buttons alone.
const form = document.querySelector("form.plan");
const says = document.getElementById("sparas");
let timer, request, saving;

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => (saving = save()), 2000);
}

async function save() {
  timer = undefined;
  if (request) return later();
  request = new AbortController();
  const late = setTimeout(() => request.abort("late"), 20000);
  const body = new FormData(form);
  for (const one of form.querySelectorAll("input[type=file]")) body.delete(one.name);
  body.set("act", "save");
  try {
    const headers = { accept: "application/json" };
    const sent = { method: "POST", body, headers, signal: request.signal, redirect: "error" };
    const answer = await fetch(form.getAttribute("action"), sent);
    if (!answer.ok) throw new Error(answer.status);
    says.textContent = `${says.dataset.saved} ${(await answer.json()).saved}`;
  } catch {
    if (request.signal.reason !== "left") says.textContent = says.dataset.notSaved;
  }
  clearTimeout(late);
  request = undefined;
}

form.addEventListener("input", later);
form.addEventListener("change", later);
form.addEventListener("submit", () => {
  clearTimeout(timer);
  request?.abort("left");
});

// A link, such as to the other language, is followed when what was just written is saved.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#") || !(timer || request)) return;
  if (link.target || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  clearTimeout(timer);
  await saving;
  await save();
  location.assign(link.href);
});
