// What an application that uses the published packages does, unchanged; it keeps what its callbacks were told.

import { PipecatClient } from "@pipecat-ai/client-js";
import { SmallWebRTCTransport, WavMediaManager } from "@pipecat-ai/small-webrtc-transport";

const heard = [];
const plain = (data) => JSON.parse(JSON.stringify(data ?? {}));
const keep = (name) => (data) => heard.push([name, plain(data)]);

const client = new PipecatClient({
  // The transport's standard media manager fetches a script from another host; this one needs none.
  transport: new SmallWebRTCTransport({ mediaManager: new WavMediaManager() }),
  enableMic: true,
  enableCam: false,
  callbacks: {
    onTransportStateChanged: keep("state"),
    onBotReady: keep("botReady"),
    onUserStartedSpeaking: keep("userStarted"),
    onUserStoppedSpeaking: keep("userStopped"),
    onUserTranscript: keep("userTranscript"),
    onBotOutput: keep("botOutput"),
    onBotTranscript: keep("botTranscript"),
    onBotTtsText: keep("botTtsText"),
    onBotStartedSpeaking: keep("botStarted"),
    onBotStoppedSpeaking: keep("botStopped"),
    onMetrics: keep("metrics"),
    onServerMessage: keep("serverMessage"),
    onError: keep("error"),
    onMessageError: keep("messageError"),
    onDisconnected: keep("disconnected"),
    onTrackStarted: (track, participant) => heard.push(["track", { kind: track.kind, local: participant?.local ?? false }]),
  },
});

window.client = client;
window.heard = heard;
window.of = (name) => heard.filter(([kind]) => kind === name).map(([, data]) => data);
