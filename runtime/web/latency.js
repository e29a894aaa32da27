// The panel that shows where a turn's time went: a stacked bar, drawn as the report arrives.

const STAGES = [["endpoint", "end of turn"], ["brain", "thinking"], ["voice", "voice"], ["playout", "playing"]];
const FULL_S = 0.8;
const SVG = "http://www.w3.org/2000/svg";

export class LatencyPanel {
  constructor(bar, legend, total) {
    this.bar = bar;
    this.legend = legend;
    this.total = total;
  }

  show(stages) {
    const known = STAGES.filter(([name]) => name in stages);
    const sum = known.reduce((seconds, [name]) => seconds + stages[name], 0);
    const picture = document.createElementNS(SVG, "svg");
    const full = Math.max(FULL_S, sum);
    picture.setAttribute("viewBox", "0 0 1000 14");
    picture.setAttribute("preserveAspectRatio", "none");
    let x = 0;
    for (const [name] of known) {
      const width = (1000 * stages[name]) / full;
      const part = document.createElementNS(SVG, "rect");
      part.setAttribute("class", name);
      part.setAttribute("x", x);
      part.setAttribute("width", width);
      part.setAttribute("height", 14);
      picture.append(part);
      x += width;
    }
    this.bar.replaceChildren(picture);
    this.bar.setAttribute("aria-label", known.map(([name, label]) => `${label} ${ms(stages[name])}`).join(", "));
    this.legend.replaceChildren(...known.map(([name, label]) => this.#item(name, label, stages[name])));
    this.total.textContent = ms(sum);
  }

  #item(name, label, seconds) {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = `swatch ${name}`;
    const value = document.createElement("b");
    value.textContent = ms(seconds);
    item.append(swatch, label, value);
    return item;
  }
}

function ms(seconds) {
  return `${Math.round(seconds * 1000)} ms`;
}
