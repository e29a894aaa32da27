// The connection to the server: signalling, tracks and RTVI messages over one data channel.

import { kept } from "./memory.js";

const LABEL = "rtvi-ai";
const VERSION = "2.1.0";
const RECONNECTS = 3;
const GOODBYE_MS = 500;
const STARTING_S = 3;  // a server that asks for less patience is starting, not full

/** An error with words for the visitor, and the seconds after which to try again, if any. */
export class Problem extends Error {
  constructor(message, retryAfter = 0) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** One conversation. Events: message {type, data}, track (MediaStreamTrack), state (string), problem (Problem). */
export class Connection extends EventTarget {
  constructor(token, iceServers = []) {
    super();
    this.token = token;
    this.iceServers = iceServers;
    this.pcId = null;
    this.candidates = [];
    this.closed = false;
    this.tries = 0;
  }

  async open(stream) {
    this.stream = stream;
    if (this.closed) return;
    this.peer = new RTCPeerConnection({ iceServers: this.iceServers });
    this.peer.addTransceiver(stream.getAudioTracks()[0] ?? "audio", { direction: "sendrecv" });
    this.peer.addTransceiver(stream.getVideoTracks()[0] ?? "video", { direction: "sendrecv" });
    this.channel = this.peer.createDataChannel("chat", { ordered: true });
    this.channel.onopen = () => this.#opened();
    this.channel.onmessage = (event) => this.#received(event.data);
    this.peer.ontrack = (event) => {
      if ("jitterBufferTarget" in event.receiver) event.receiver.jitterBufferTarget = 0;
      this.#emit("track", event.track);
    };
    this.peer.onicecandidate = (event) => this.#found(event.candidate);
    this.peer.onconnectionstatechange = () => this.#changed();
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const answer = await this.#post({ sdp: this.peer.localDescription.sdp, type: "offer", pc_id: this.pcId });
    this.pcId = answer.pc_id;
    await this.peer.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
    await this.#sendCandidates();
  }

  send(type, data = {}) {
    if (this.channel?.readyState !== "open") return false;
    this.channel.send(JSON.stringify({ id: crypto.randomUUID?.() ?? String(Math.random()), label: LABEL, type, data }));
    return true;
  }

  /** Send another microphone and camera from now on. */
  async use(stream) {
    this.stream = stream;
    const [audio, video] = this.peer?.getSenders() ?? [];
    await audio?.replaceTrack(stream.getAudioTracks()[0] ?? null);
    await video?.replaceTrack(stream.getVideoTracks()[0] ?? null);
  }

  /** Say goodbye, then hang up once the server has heard it: what is sent last would be lost otherwise. */
  close() {
    this.closed = true;
    clearInterval(this.pinging);
    if (this.send("disconnect-bot")) setTimeout(() => this.peer.close(), GOODBYE_MS);
    else this.peer?.close();
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #opened() {
    this.tries = 0;
    this.send("client-ready", { version: VERSION, about: { library: "avatar-page" }, memory: kept() });
    this.pinging = setInterval(() => this.channel.readyState === "open" && this.channel.send("ping: " + Date.now()), 1000);
  }

  #received(text) {
    let message;
    try { message = JSON.parse(text); } catch { return; }
    if (message.label === LABEL) this.#emit("message", message);
    else if (message.type === "signalling" && message.message?.type === "peerLeft") this.#left();
  }

  #left() {
    if (this.closed) this.peer.close();
    else this.#emit("state", "ended");
  }

  #found(candidate) {
    if (!candidate) return;
    this.candidates.push({ candidate: candidate.candidate, sdp_mid: candidate.sdpMid, sdp_mline_index: candidate.sdpMLineIndex });
    if (this.pcId) this.#sendCandidates();
  }

  async #sendCandidates() {
    const candidates = this.candidates.splice(0);
    if (!candidates.length) return;
    await fetch("api/offer", {
      method: "PATCH", headers: this.#headers(), body: JSON.stringify({ pc_id: this.pcId, candidates }),
    }).catch(() => undefined);
  }

  async #changed() {
    const state = this.peer.connectionState;
    this.#emit("state", state);
    if (this.closed || state !== "failed") return;
    clearInterval(this.pinging);
    if (this.tries >= RECONNECTS) {
      this.#emit("problem", new Problem("The connection was lost. Please start again."));
      return;
    }
    this.tries += 1;
    this.pcId = null;
    this.peer.close();
    await this.open(this.stream).catch((error) => this.#emit("problem", error));
  }

  #headers() {
    const headers = { "Content-Type": "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  async #post(body) {
    let response;
    try {
      response = await fetch("api/offer", { method: "POST", headers: this.#headers(), body: JSON.stringify(body) });
    } catch {
      throw new Problem("The server can't be reached. Is it running?");
    }
    if (response.ok) return response.json();
    const reason = await response.json().catch(() => ({}));
    if (response.status === 503) {
      const wait = Number(response.headers.get("Retry-After")) || 10;
      throw new Problem(wait <= STARTING_S ? "I am still getting ready. One moment …"
        : "Someone else is talking with me just now. I will try again in a moment.", wait);
    }
    if (response.status === 401 || response.status === 403) {
      throw new Problem("This page needs the address with its token. Please open the link you were given.");
    }
    throw new Problem(`${reason.error ?? "The server did not accept the connection."} ${reason.remedy ?? ""}`.trim());
  }
}
