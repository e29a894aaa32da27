// What the character notices of the visitor: drawn over their own picture when they ask for it, and said in words.

const OUTLINE = 36;  // the first points of a face go round it
const BONES = [[0, 1, 2, 3, 4], [0, 5, 6, 7, 8], [5, 9, 10, 11, 12], [9, 13, 14, 15, 16], [13, 17, 18, 19, 20], [0, 17]];
const STALE_MS = 1000;
const SIGN_MS = 2500;
const MOODS = {
  neutral: "calm", happy: "happy", sad: "sad", angry: "angry", afraid: "worried", disgusted: "displeased",
  surprised: "surprised", bored: "bored",
};
const SIGNS = {
  open_palm: "stop", fist: "fist", point: "pointing", thumb_up: "thumb up", thumb_down: "thumb down", victory: "victory",
  ok: "OK", pinch: "pinch", wave: "wave", swipe_left: "swipe to your left", swipe_right: "swipe to your right",
  circle_clockwise: "circle", circle_counterclockwise: "circle back",
};

export class Sight {
  constructor(canvas, words) {
    this.canvas = canvas;
    this.words = words;
    this.shown = false;
    this.clear();
  }

  clear() {
    this.faces = this.hands = [];
    this.facesAt = this.handsAt = this.signAt = -STALE_MS;
    this.mood = this.sign = "";
    clearTimeout(this.fading);
    this.#draw();
    this.#say();
  }

  /** Take a server-message; return whether it was about what is seen. */
  told(data) {
    const now = performance.now();
    switch (data.type) {
      case "sight":
        if (data.faces) [this.faces, this.facesAt] = [data.faces, now];
        if (data.hands) [this.hands, this.handsAt] = [data.hands, now];
        this.#draw();
        return true;
      case "mood":
        this.mood = MOODS[data.label] ?? "";
        break;
      case "gesture":
        this.sign = SIGNS[data.name] ?? data.name;
        clearTimeout(this.fading);
        this.fading = setTimeout(() => { this.sign = ""; this.#say(); }, SIGN_MS);
        break;
      case "presence":
        if (data.presence === "away") this.clear();
        break;
      default:
        return false;
    }
    this.#say();
    return true;
  }

  #say() {
    this.words.textContent = !this.shown ? "" : [this.mood && `You seem ${this.mood}`, this.sign && `Sign: ${this.sign}`].filter(Boolean).join(" · ");
  }

  #draw() {
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const pen = canvas.getContext("2d");
    pen.strokeStyle = pen.fillStyle = "#8ff0d8";
    pen.lineWidth = 1.6 * ratio;
    const now = performance.now();
    const at = (points, i) => [points[2 * i] * canvas.width, points[2 * i + 1] * canvas.height];
    for (const face of now - this.facesAt < STALE_MS ? this.faces : []) {
      this.#line(pen, Array.from({ length: OUTLINE + 1 }, (_, i) => at(face, i % OUTLINE)));
      for (let i = OUTLINE; i < face.length / 2; i++) pen.fillRect(...at(face, i).map((x) => x - ratio), 2 * ratio, 2 * ratio);
    }
    for (const hand of now - this.handsAt < STALE_MS ? this.hands : []) {
      for (const bone of BONES) this.#line(pen, bone.map((i) => at(hand, i)));
    }
  }

  #line(pen, points) {
    pen.beginPath();
    points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
}
