// What was said: captions over the picture, and the log that screen readers follow (whole turns only).

export class Captions {
  constructor(bot, user, log) {
    this.bot = bot;
    this.user = user;
    this.log = log;
    this.words = [];
    this.item = null;
  }

  heard(text, final) {
    this.user.textContent = text;
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
    this.words = [];
    this.user.textContent = "";
  }

  botWord(word) {
    this.words.push(word);
    this.bot.textContent = this.words.slice(-14).join(" ");
  }

  botPhrase(text) {
    this.words = [];
    if (this.item) this.item.textContent += ` ${text}`;
    else this.item = this.#add("bot", text);
    this.log.scrollTop = this.log.scrollHeight;
  }

  botStopped() {
    this.item = null;
    setTimeout(() => { if (!this.item) this.bot.textContent = ""; }, 2500);
  }

  #add(side, text) {
    const item = document.createElement("li");
    item.className = side;
    item.textContent = text;
    this.log.append(item);
    while (this.log.children.length > 100) this.log.firstChild.remove();
    this.log.scrollTop = this.log.scrollHeight;
    return item;
  }
}
