// Put into a page before its own scripts: keeps its peer connections and what their data channels said, and measures
// what a visitor would hear and see.
(() => {
  const peers = [];
  const messages = [];
  let channel = null;
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...options) {
      super(...options);
      peers.push(this);
    }
    createDataChannel(...options) {
      channel = super.createDataChannel(...options);
      channel.addEventListener("message", ({ data }) => messages.push(JSON.parse(data)));
      return channel;
    }
  };

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  window.watch = {
    messages,
    /** Send a message as the page would. */
    send: (type, data) => channel.send(JSON.stringify({ id: "watch", label: "rtvi-ai", type, data })),
    /** The messages of a type; of server-messages, those whose own type is `kind`. */
    of: (type, kind) => messages.filter((m) => m.type === type && (!kind || m.data.type === kind)),
    /** The energy of all sound that came so far, as WebRTC counts it. */
    async energy() {
      let energy = 0;
      for (const report of (await peers.at(-1).getStats()).values()) {
        if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy ?? 0;
      }
      return energy;
    },
    closed: () => peers.every((peer) => peer.signalingState === "closed"),
    /** How much the mouth changed from each look to the next (50 ms), mean over pixels 0..255, for `ms`. */
    async mouth(video, ms) {
      const canvas = new OffscreenCanvas(64, 40);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const changes = [];
      let before = null;
      for (let end = performance.now() + ms; performance.now() < end; await sleep(50)) {
        const { videoWidth: w, videoHeight: h } = video;
        context.drawImage(video, 0.4 * w, 0.53 * h, 0.2 * w, 0.12 * h, 0, 0, 64, 40);
        const now = context.getImageData(0, 0, 64, 40).data;
        if (before) changes.push(now.reduce((sum, value, i) => sum + Math.abs(value - before[i]), 0) / now.length);
        before = now;
      }
      return changes.reduce((sum, change) => sum + change, 0) / Math.max(1, changes.length);
    },
  };
})();
