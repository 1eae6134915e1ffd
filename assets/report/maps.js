// Draws each map when its tab is first shown; the shapes are in the page once for all tabs.
const backdrop = JSON.parse(document.getElementById("backdrop")?.textContent ?? "{}");
for (const figure of document.querySelectorAll("figure[data-map]")) {
  const data = JSON.parse(document.getElementById(figure.dataset.map).textContent);
  const panes = figure.querySelectorAll(".map");
  const legends = figure.querySelectorAll(".view-legend");
  const buttons = figure.querySelectorAll(".tabs button");
  const drawn = new Set();
  const draw = (number) => {
    if (drawn.has(number)) return;
    drawn.add(number);
    const view = data.views[number].deck;
    for (const layer of view.layers) layer.data = layer.id === "shapes" ? data.rows : backdrop[layer.id];
    try {
      const picture = panes[number].querySelector("img");
      createDeck({ container: panes[number], jsonInput: view, tooltip: { text: "{t}" }, customLibraries: null, configuration: null });
      if (picture) picture.remove();
    } catch (error) {
      drawn.delete(number); // no WebGL here: the picture stays
    }
  };
  const show = (number) => {
    panes.forEach((pane, place) => { pane.hidden = place !== number; });
    legends.forEach((legend, place) => { legend.hidden = place !== number; });
    buttons.forEach((button, place) => button.setAttribute("aria-selected", String(place === number)));
    draw(number);
  };
  buttons.forEach((button, place) => button.addEventListener("click", () => show(place)));
  new IntersectionObserver((seen, observer) => {
    if (seen.some((item) => item.isIntersecting)) { observer.disconnect(); show(0); }
  }, { rootMargin: "300px" }).observe(figure);
}
