"use strict";
(() => {
  const input = document.querySelector("search input");
  const articles = [...document.querySelectorAll("article")];

  // The search.
  if (input) {
    const links = document.querySelectorAll("nav li");
    const found = document.querySelector("search [role=status]");
    const texts = articles.map((article) =>
      [...article.querySelectorAll("h2, .status, .lead, .deprecated, dd, tbody th, tbody td")]
        .map((part) => part.textContent)
        .join("\n")
        .toLowerCase(),
    );
    const narrow = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let hits = 0;
      articles.forEach((article, at) => {
        const matches = words.every((word) => texts[at].includes(word));
        article.hidden = links[at].hidden = !matches;
        hits += matches;
      });
      found.textContent = words.length ? `${hits} of ${articles.length} errors` : "";
    };
    const clear = () => {
      input.value = "";
      narrow();
    };
    const open = () => {
      const article = document.querySelector(":target")?.closest("article");
      if (!article) return;
      if (article.hidden) clear();
      article.scrollIntoView();
      article.focus({ preventScroll: true });
    };
    input.addEventListener("input", narrow);
    addEventListener("hashchange", open);
    addEventListener("load", open);
    addEventListener("keydown", (event) => {
      if (event.target === input) {
        if (event.key === "Escape") clear();
      } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.select();
      }
    });
    document.querySelector("search").hidden = false;
    narrow();
  }

  // The tabs, by the pattern of the ARIA Authoring Practices: one is in the tab order, arrows go to the others.
  const tabs = [];
  const choose = (format) => {
    for (const { name, panel, tab } of tabs) {
      const isChosen = name === format;
      panel.hidden = !isChosen;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
    }
    // A page from a file may have no storage.
    try {
      localStorage.setItem("format", format);
    } catch {}
  };
  // The tab stays where it is on the screen, though the examples above it become longer or shorter.
  const press = (tab) => {
    const before = tab.getBoundingClientRect().top;
    choose(tab.textContent);
    tab.focus({ preventScroll: true });
    scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
  };
  for (const examples of document.querySelectorAll(".examples")) {
    const panels = [...examples.querySelectorAll("section")];
    if (panels.length < 2) continue;
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Format");
    const own = panels.map((panel) => {
      const name = panel.dataset.format;
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `~tab-${tabs.length}`;
      panel.id = `~panel-${tabs.length}`;
      tab.textContent = name;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      panel.querySelector("h4").hidden = true;
      tab.addEventListener("click", () => press(tab));
      tabs.push({ name, panel, tab });
      return tab;
    });
    list.addEventListener("keydown", (event) => {
      const at = own.indexOf(event.target);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      press(own.at(to % own.length));
    });
    list.append(...own);
    panels[0].before(list);
  }
  if (tabs.length) {
    let format = null;
    try {
      format = localStorage.getItem("format");
    } catch {}
    choose(tabs.some(({ name }) => name === format) ? format : tabs[0].name);
  }
})();
