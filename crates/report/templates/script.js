"use strict";
(function () {
  // Sorts, filters, pages and selects what is on the page; every number and text is already written.
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add("js");
  stepThroughBudgets();
  pointAtClusters();
  // A printed page shows what is folded away on the screen.
  let folded = [], apart = () => {}, beforePrinting = () => {};
  addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open]):not(.keep)"));
    for (const part of folded) part.open = true;
    apart = joinPatterns();
    beforePrinting();
  });
  addEventListener("afterprint", () => { for (const part of folded) part.open = false; apart(); });
  const table = byId("ranked");
  if (!table) return;
  const data = JSON.parse(byId("data-place").textContent);
  const words = JSON.parse(byId("data-words").textContent);
  const body = table.tBodies[0];
  const published = Array.from(body.rows);
  const rowOf = [];
  published.forEach((row) => { rowOf[+row.dataset.i] = row; });
  const map = byId("map");
  const shapeOf = map ? published.map((_, i) => byId("m" + i)) : [];
  const views = byId("place-views");
  const status = byId("status");
  const choose = byId("service");
  const PAGE = published.length > 60 ? 25 : published.length;
  // The service the page is written for, and the one that is shown.
  const first = choose ? Array.from(choose.options).findIndex((option) => option.defaultSelected) : 0;
  let service = choose ? +choose.value : 0;
  let sorted = published;
  let page = 0;
  let picked = -1;
  let bringIntoView = () => {};
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  const lang = document.documentElement.lang;
  const count = (n) => n.toLocaleString(lang);
  const cell = (row, name) => row.querySelector(name);
  const nameOf = (i) => cell(rowOf[i], ".pick").textContent;

  // ---- other budgets, as they were computed
  function stepThroughBudgets() {
    const slider = byId("budget");
    if (!slider) return;
    const curves = JSON.parse(byId("data-curves").textContent);
    const lines = Array.from(document.querySelectorAll(".line .step"));
    const choose = byId("curve");
    const here = document.querySelector(".line .here");
    let k = 0;
    const step = () => {
      const point = curves[k][+slider.value];
      slider.setAttribute("aria-valuetext", point.budget);
      byId("budget-out").textContent = point.budget;
      byId("budget-say").textContent = point.text;
      here.setAttribute("transform", "translate(" + point.x + " 0)");
      here.querySelector("circle").setAttribute("cy", point.y);
    };
    slider.addEventListener("input", step);
    byId("budget-reset").addEventListener("click", () => { slider.value = lines[k].dataset.published; step(); });
    if (choose) choose.addEventListener("change", () => {
      k = +choose.value;
      slider.max = curves[k].length - 1;
      slider.value = lines[k].dataset.published;
      lines.forEach((line, i) => line.classList.toggle("shown", i === k));
      lines[k].parentNode.insertBefore(lines[k], here);
      byId("not-monotone").hidden = lines[k].dataset.monotone === "true";
      document.querySelector(".curve-service").textContent = lines[k].dataset.service;
      step();
    });
  }

  // ---- a cluster's row and its outline
  function pointAtClusters() {
    for (const table of document.querySelectorAll("table.clusters")) {
      for (const [enter, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
        table.addEventListener(enter, (event) => {
          const row = event.target.closest("tr[data-k]");
          const shape = row && byId("k" + row.dataset.k);
          if (shape) shape.classList.toggle("hover", on);
        });
      }
    }
  }

  // ---- one path a pattern instead of one an area: each would be a picture of its own in a PDF
  function joinPatterns() {
    const made = [];
    for (const svg of document.querySelectorAll("#map, .small-maps svg")) {
      const paths = new Map();
      for (const shape of svg.querySelectorAll(".areas a, use[class]")) {
        const path = shape.querySelector("path") || document.querySelector(shape.getAttribute("href"));
        const kind = shape.getAttribute("class").split(" ")[0];
        if (!["k1", "k2", "k3", "kn", "h"].includes(kind) || !path) continue;
        paths.set(kind, (paths.get(kind) || "") + path.getAttribute("d"));
        shape.classList.add("joined");
      }
      for (const [kind, d] of paths) {
        const path = document.createElementNS(svg.namespaceURI, "path");
        path.setAttribute("class", kind + " join");
        path.setAttribute("d", d);
        (svg.querySelector(".areas") || svg).prepend(path);
        made.push(path);
      }
    }
    return () => { for (const path of made) path.remove(); for (const shape of document.querySelectorAll(".joined")) shape.classList.remove("joined"); };
  }

  // ---- the sentence about one area
  function title(i) {
    const s = data.services[service];
    const persons = cell(rowOf[i], "[data-persons]").dataset.persons;
    const rank = data.order.rank[i];
    let value = words.missing;
    if (s.share[i] !== null) value = fill(words.title, { share: s.share_text[i], gap: s.gap_text[i], persons });
    else if (data.order.persons[i] === 0) value = words.nobody;
    return fill(rank === null ? words.title_unranked : words.title_ranked, { area: nameOf(i), value, rank });
  }

  // ---- order, filter, page
  // What a row is found by, read once.
  let texts = null;
  let visible = new Set(published);
  function show() {
    const wanted = (byId("filter").value || "").trim().toLowerCase();
    if (wanted && !texts) texts = new Map(published.map((row) => [row, row.textContent.toLowerCase()]));
    const hits = wanted ? sorted.filter((row) => texts.get(row).includes(wanted)) : sorted;
    const pages = Math.max(1, Math.ceil(hits.length / PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * PAGE;
    const next = hits.slice(from, from + PAGE);
    for (const row of visible) row.classList.add("off");
    visible = new Set(next);
    // The order of rows that are not seen does not matter.
    for (const row of next) { row.classList.remove("off"); refresh(row); }
    body.prepend(...next);
    const pager = byId("pager");
    pager.hidden = pages < 2;
    byId("page-status").textContent = fill(words.page_of, { from: count(hits.length ? from + 1 : 0), to: count(Math.min(from + PAGE, hits.length)), n: count(hits.length) });
    byId("page-back").disabled = page === 0;
    byId("page-on").disabled = page === pages - 1;
    return hits;
  }
  function keys(column) {
    if (column === "gap" || column === "share") return data.services[service][column];
    return data.order[column];
  }
  function sort(column, descending) {
    const key = keys(column);
    const sign = descending ? -1 : 1;
    sorted = published.slice().sort((a, b) => {
      const x = key[+a.dataset.i], y = key[+b.dataset.i];
      if (x === null || y === null) return (x === null) - (y === null);
      return sign * (x - y);
    });
  }
  let sortColumn = null, sortDown = false;
  for (const head of table.tHead.querySelectorAll("[data-sort]")) {
    const text = head.querySelector(".h");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.textContent = text.textContent;
    text.replaceWith(button);
    if (head.hasAttribute("aria-sort")) sortColumn = head.dataset.sort;
    button.addEventListener("click", () => {
      const same = sortColumn === head.dataset.sort;
      sortDown = same ? !sortDown : ["gap", "share", "persons", "score"].includes(head.dataset.sort);
      sortColumn = head.dataset.sort;
      for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sortDown ? "descending" : "ascending");
      sort(sortColumn, sortDown);
      page = 0;
      show();
      status.textContent = fill(words.sorted, { column: button.textContent });
    });
  }
  byId("filter").addEventListener("input", () => {
    page = 0;
    status.textContent = fill(words.filtered, { n: count(show().length) });
  });
  byId("page-back").addEventListener("click", () => { page -= 1; show(); });
  byId("page-on").addEventListener("click", () => { page += 1; show(); });

  // ---- one selection for row and shape
  function hover(i, on) {
    rowOf[i].classList.toggle("hover", on);
    if (on) tell(i);
    if (shapeOf[i]) shapeOf[i].classList.toggle("hover", on);
    const shown = on ? i : picked;
    if (byId("picked") && shown >= 0) byId("picked").textContent = title(shown);
  }
  // The one shape that Tab stops at.
  let stopped = -1, current = null;
  function stop(i) {
    if (stopped >= 0 && shapeOf[stopped]) shapeOf[stopped].tabIndex = -1;
    stopped = i;
    if (shapeOf[i]) shapeOf[i].tabIndex = 0;
  }
  function pick(i, reveal) {
    if (picked >= 0) rowOf[picked].classList.remove("picked");
    for (const marked of document.querySelectorAll(".why tr.picked")) marked.classList.remove("picked");
    if (byId("w" + i)) byId("w" + i).classList.add("picked");
    picked = i;
    const row = rowOf[i];
    row.classList.add("picked");
    if (current) current.removeAttribute("aria-current");
    current = cell(row, ".pick");
    cell(row, ".pick").setAttribute("aria-current", "true");
    if (byId("ring")) byId("ring").setAttribute("href", "#p" + i);
    if (byId("picked")) byId("picked").textContent = title(i);
    if (reveal) {
      byId("filter").value = "";
      page = Math.floor(sorted.indexOf(row) / PAGE);
      show();
    }
    bringIntoView(i);
    stop(i);
    try { history.replaceState(null, "", "#a" + i); } catch { /* some browsers refuse this for files */ }
  }
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row) return;
    event.preventDefault();
    pick(+row.dataset.i, false);
  });
  for (const [enter, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    body.addEventListener(enter, (event) => {
      const row = event.target.closest("tr");
      if (row) hover(+row.dataset.i, on);
    });
    if (map) map.addEventListener(enter, (event) => {
      const shape = event.target.closest("a");
      if (shape) hover(+shape.id.slice(1), on);
    });
  }

  // ---- the map
  if (map) {
    shapeOf.forEach((shape) => { if (shape) shape.tabIndex = -1; });
    stop(published.length ? +published[0].dataset.i : -1);
    map.addEventListener("click", (event) => {
      const shape = event.target.closest("a");
      if (!shape) return;
      event.preventDefault();
      pick(+shape.id.slice(1), true);
    });
    const boxes = [];
    const middle = (i) => {
      if (!boxes[i]) { const b = shapeOf[i].getBBox(); boxes[i] = [b.x + b.width / 2, b.y + b.height / 2]; }
      return boxes[i];
    };
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    map.addEventListener("keydown", (event) => {
      const way = directions[event.key];
      const shape = event.target.closest("a");
      if (!way || !shape) return;
      event.preventDefault();
      const from = middle(+shape.id.slice(1));
      let best = -1, least = Infinity;
      shapeOf.forEach((other, i) => {
        if (!other || other === shape) return;
        const dx = middle(i)[0] - from[0], dy = middle(i)[1] - from[1];
        const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1] + dy * way[0]);
        if (along <= 0 || across > along * 1.7) return;
        const far = along + 1.5 * across;
        if (far < least) { least = far; best = i; }
      });
      if (best < 0) return;
      stop(best);
      shapeOf[best].focus();
      bringIntoView(best);
    });
    const whole = map.getAttribute("viewBox").split(" ").map(Number);
    let zoom = 1;
    const frame = (i) => {
      const at = i >= 0 && zoom > 1 ? middle(i) : [whole[0] + whole[2] / 2, whole[1] + whole[3] / 2];
      const w = whole[2] / zoom, h = whole[3] / zoom;
      const x = Math.min(Math.max(at[0] - w / 2, whole[0]), whole[0] + whole[2] - w);
      const y = Math.min(Math.max(at[1] - h / 2, whole[1]), whole[1] + whole[3] - h);
      map.setAttribute("viewBox", [x, y, w, h].join(" "));
    };
    const setZoom = (times) => {
      zoom = Math.min(32, Math.max(1, zoom * times));
      frame(picked);
      map.style.setProperty("--z", 1 / zoom);
      byId("zoom-out").disabled = zoom === 1;
    };
    bringIntoView = (i) => { if (zoom > 1 && shapeOf[i]) frame(i); };
    byId("zoom-in").addEventListener("click", () => setZoom(2));
    byId("zoom-out").addEventListener("click", () => setZoom(0.5));
    setZoom(1);
  }

  // ---- step through the services
  const none = () => { const s = document.createElement("span"); s.className = "none"; s.textContent = "–"; s.title = words.missing; return s; };
  const put = (target, text, isMissing) => { if (target) target.replaceChildren(isMissing ? none() : text); };
  // Rows and tooltips are written when they are seen; the colours of the map at once.
  const writtenFor = new Map(), toldFor = new Map();
  function refresh(row) {
    const i = +row.dataset.i;
    if ((writtenFor.get(i) ?? first) === service) return;
    writtenFor.set(i, service);
    const s = data.services[service];
    put(cell(row, ".c-gap"), s.gap_text[i], s.gap[i] === null);
    put(cell(row, ".c-share .v"), s.share_text[i], s.share[i] === null);
    cell(row, ".c-share").style.setProperty("--v", (s.share[i] || 0) * 100);
  }
  function tell(i) {
    if (!shapeOf[i] || (toldFor.get(i) ?? first) === service) return;
    toldFor.set(i, service);
    shapeOf[i].querySelector("title").textContent = title(i);
  }
  function showService() {
    const s = data.services[service];
    for (const row of visible) refresh(row);
    texts = null;
    shapeOf.forEach((shape, i) => { if (shape) shape.setAttribute("class", "k" + s.classes[i]); });
    if (stopped >= 0) tell(stopped);
    const fixed = (row, texts) => { if (row) { put(cell(row, ".c-gap"), texts[0]); put(cell(row, ".c-share .v"), texts[1]); cell(row, ".c-share").style.setProperty("--v", texts[2]); } };
    fixed(table.querySelector("tr.total"), s.total);
    fixed(table.querySelector("tr.outside"), s.outside);
    const parents = byId("parents");
    if (parents) Array.from(parents.tBodies[0].rows).forEach((row, p) => fixed(row, s.parents[p]));
    const label = choose.options[choose.selectedIndex].text;
    for (const place of document.querySelectorAll("#place .service-label")) place.textContent = label;
    status.textContent = fill(words.without, { service: label });
    if (picked >= 0 && byId("picked")) byId("picked").textContent = title(picked);
    if (sortColumn === "gap" || sortColumn === "share") { sort(sortColumn, sortDown); show(); }
  }
  if (choose) choose.addEventListener("change", () => { service = +choose.value; showService(); });
  // All rows are printed, in the order that was chosen.
  beforePrinting = () => { published.forEach(refresh); body.append(...sorted); };

  // ---- map, table, chart
  function view(name) {
    views.className = "place view-" + name;
    for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === name));
  }
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => view(button.dataset.view));
  view(map ? "map" : "table");
  show();
  const asked = /^#[am](\d+)$/.exec(location.hash);
  if (asked && rowOf[+asked[1]]) pick(+asked[1], true);
})();
