// What was said: captions over the picture, and the log of whole turns.

const LINGER_MS = 2500;
const CAPTION_WORDS = 12;  // two or three lines on a phone: the mouth stays in sight
const LOG_ITEMS = 100;

export class Captions {
  constructor(bot, user, log) {
    this.bot = bot;
    this.user = user;
    this.log = log;
    this.words = [];
    this.item = null;  // of the answer being given
    this.answer = null;  // the last answer, given or not
    new ResizeObserver(() => this.#scroll()).observe(log);  // a picture above it takes its room
  }

  clear() {
    clearTimeout(this.lingering);
    this.bot.textContent = this.user.textContent = "";
    this.log.replaceChildren();
    this.item = this.answer = null;
  }

  heard(text, final) {
    text = text.charAt(0).toUpperCase() + text.slice(1);
    this.user.textContent = lastWords(text.split(" "));
    if (final && text) {
      this.#add("user", text);
      this.item = null;
    }
  }

  typed(text) {
    this.user.textContent = "";
    this.#add("user", text);
    this.item = null;
  }

  botStarted() {
    clearTimeout(this.lingering);
    this.words = [];
    this.user.textContent = "";
  }

  botWord(word) {
    this.words.push(word);
    this.bot.textContent = lastWords(this.words);
  }

  botPhrase(text) {
    this.words = [];
    if (this.item) this.item.textContent += ` ${text}`;
    else this.item = this.answer = this.#add("bot", text);
    this.#scroll();
  }

  botStopped() {
    this.item = null;
    clearTimeout(this.lingering);
    this.lingering = setTimeout(() => { this.bot.textContent = ""; }, LINGER_MS);
  }

  /** The last answer was cut off: the log keeps what was heard of it. */
  interrupted(heard) {
    if (heard && this.answer?.textContent.startsWith(heard) && this.answer.textContent !== heard) {
      this.answer.textContent = `${heard} …`;
    }
    this.item = null;
  }

  #add(side, text) {
    const item = document.createElement("li");
    item.className = side;
    item.textContent = text;
    this.log.append(item);
    while (this.log.children.length > LOG_ITEMS) this.log.firstChild.remove();
    this.#scroll();
    return item;
  }

  #scroll() {
    this.log.scrollTop = this.log.scrollHeight;
  }
}

function lastWords(words) {
  return words.slice(-CAPTION_WORDS).join(" ");
}
