// Saves the plan two seconds after the last change. Without this file the page saves by its buttons alone.
const form = document.querySelector("form.plan");
const says = document.getElementById("sparas");
let timer, request;

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, 2000);
}

async function save() {
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
