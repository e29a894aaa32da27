// The picture that the character speaks of, beside it: until the next answer, or until its visitor goes.

export class Picture {
  constructor(figure, image, words) {
    this.figure = figure;
    this.image = image;
    this.words = words;
    image.addEventListener("load", () => {
      figure.hidden = !image.hasAttribute("src");
      figure.scrollIntoView({ block: "nearest" });
    });
    image.addEventListener("error", () => this.clear());
  }

  show({ url, caption, alt }) {
    this.words.textContent = caption;
    this.image.alt = alt;
    this.image.src = url;
  }

  clear() {
    this.figure.hidden = true;
    this.image.removeAttribute("src");
    this.image.alt = this.words.textContent = "";
  }
}
