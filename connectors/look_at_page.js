// What is to be seen of a page in the window. Runs in the page, changes nothing there.
() => {
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return shown && box.width > 1 && box.height > 1;
  };
  const inside = (element) =>
    element.shadowRoot ? [...element.shadowRoot.children, ...element.children] : null;
  const textOf = (element) =>
    inside(element) ? inside(element).map(textOf).join("\n") : element.innerText || "";
  const parentOf = (element) => element.parentElement || element.getRootNode().host || null;
  const topmostAt = (x, y) => {
    let found = document.elementFromPoint(x, y);
    while (found && found.shadowRoot) {
      const deeper = found.shadowRoot.elementFromPoint(x, y);
      if (!deeper || deeper === found) break;
      found = deeper;
    }
    return found;
  };
  const isLayer = (element) => {
    if (element === document.body || element === document.documentElement) return false;
    if (element.matches("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]")) return true;
    const style = getComputedStyle(element);
    return style.position === "fixed" || (style.position === "absolute" && Number(style.zIndex) >= 100);
  };
  const layerOf = (element) => {
    let one = element;
    while (one && !isLayer(one)) one = parentOf(one);
    return one;
  };

  const width = window.innerWidth, height = window.innerHeight;
  const layers = new Set();
  const steps = [0.22, 0.29, 0.36, 0.43, 0.5, 0.57, 0.64, 0.71, 0.78];
  let covered = 0;
  for (const across of steps) {
    for (const down of steps) {
      const topmost = topmostAt(width * across, height * down);
      const layer = topmost && layerOf(topmost);
      if (layer) { covered += 1; layers.add(layer); }
    }
  }

  const fields = [...document.querySelectorAll("input[type=password], input[autocomplete~=current-password]")].filter(seen);
  const shareOf = (element) => {
    const box = element.getBoundingClientRect();
    const across = Math.min(box.right, width) - Math.max(box.left, 0);
    const down = Math.min(box.bottom, height) - Math.max(box.top, 0);
    return (Math.max(across, 0) * Math.max(down, 0)) / (width * height);
  };
  const formOf = (field) => field.closest("form") || field.parentElement?.parentElement || field;
  const meta = (name) => document.querySelector(`meta[property="${name}"]`)?.content || "";
  const headings = [...document.querySelectorAll("h1, [role=heading][aria-level='1']")];
  return {
    title: document.title,
    text: (document.body?.innerText || "").slice(0, 100000),
    headings: [...headings.filter(seen).map(textOf).slice(0, 20), meta("og:title")].filter(Boolean),
    share: covered / steps.length ** 2,
    wallText: [...layers].map(textOf).join("\n").slice(0, 20000),
    wallField: fields.some((field) => [...layers].some((layer) => layer.contains(field))),
    formShare: Math.max(0, ...fields.map((field) => shareOf(formOf(field)))),
    pictures: [...document.images].filter((one) => seen(one) && one.naturalWidth >= 50).length,
  };
}
