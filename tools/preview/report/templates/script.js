"use strict";
// Without this script, the page shows all zones one below another.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const control = document.querySelector("form.control");
  if (control) {
    const changing = all("[data-states]").map((element) => [
      element, element.dataset.states.split("|"),
    ]);
    const articles = all("article.zone-loss");
    const show = () => {
      const zone = control.elements.zone.value;
      const evicted = control.elements.evicted;
      evicted.disabled = !zone;
      const state = zone ? `${zone} ${evicted.checked ? "evicted" : "left"}` : "rest";
      for (const [element, states] of changing) {
        element.classList.toggle("off", !states.includes(state));
      }
      for (const article of articles) {
        const shown = zone ? article.dataset.zone === zone : article.classList.contains("first");
        article.classList.toggle("off", !shown);
      }
    };
    control.hidden = false;
    control.addEventListener("change", show);
    control.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  const search = document.querySelector(".search");
  const rows = all("table.resources tbody tr").map((row) => [
    row, `${row.cells[0].textContent} ${row.cells[1].textContent}`.toLowerCase(),
  ]);
  search.hidden = false;
  search.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = new Set();
    let count = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) {
        count += 1;
        found.add(row.closest("details"));
      }
    }
    for (const component of all("details.component")) {
      component.hidden = !found.has(component);
      component.open = words.length > 0 && found.has(component);
    }
    search.querySelector("[role=status]").textContent = words.length ? `${count} found` : "";
  });

  // The navigation marks the section that is being read.
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const marks = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const link = links.get(target.id);
      if (isIntersecting) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-30% 0px -69% 0px" });
  for (const section of all("section")) marks.observe(section);

  // A link to a resource opens the component that contains it.
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const component = target && target.closest("details");
    if (component) {
      component.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();

  // Details are printed open, except for resources and manifests.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not(.component, .manifest, .minor)").filter((each) => !each.open);
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
