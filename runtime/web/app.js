// The page: joins the connection, the captions, the latency panel and the controls.

import { Captions } from "./captions.js";
import { Connection, Problem } from "./connection.js";
import { Devices } from "./devices.js";
import { LatencyPanel } from "./latency.js";
import { keep } from "./memory.js";
import { Picture } from "./picture.js";
import { Sight } from "./sight.js";

const $ = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token") ?? "";
const captions = new Captions($("caption-bot"), $("caption-user"), $("log"));
const devices = new Devices($("microphone"), $("camera"));
const latency = new LatencyPanel($("latency-bar"), $("latency-legend"), $("latency-total"));
const sight = new Sight($("seen"), $("seen-words"));
const picture = new Picture($("picture"), $("picture-image"), $("picture-words"));
let connection = null;
let local = null;
let iceServers = [];
let waiting = "";  // a question that was typed before the conversation began
let botSpeaks = false;
let retry = 0;

const STATES = {
  idle: "Ready when you are", connecting: "Connecting …", ready: "Listening", deaf: "Type a question",
  mirror: "Mirroring you", listening: "Hearing you", thinking: "Thinking …", speaking: "Speaking", lost: "Connection lost, trying again …",
};

// ------------------------------------------------------------------ what is shown

function setState(state) {
  if (state === "ready" && devices.mirror) state = "mirror";
  if (state === "ready" && !hears()) state = "deaf";
  $("state").dataset.state = state;
  $("state").textContent = STATES[state];
}

function announce(text) {
  $("announce").textContent = text;
}

function showProblem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function showConnected(connected) {
  $("start").hidden = connected;
  $("welcome").hidden = connected || devices.mirror;
  $("welcome-mirror").hidden = connected || !devices.mirror;
  $("actions").hidden = !connected;
  $("character").disabled = !connected;
  if (connected && !devices.mirror) $("log").hidden = $("latency").hidden = false;
  setStarting(false);
}

function setStarting(starting) {
  $("start").setAttribute("aria-disabled", String(starting));
  $("start-label").textContent = starting ? "Connecting …" : devices.mirror ? "Start" : "Start talking";
}

function showDevices() {
  const camera = local?.getVideoTracks()[0];
  $("self").hidden = !camera;
  $("camera-view").srcObject = camera ? new MediaStream([camera]) : null;
  const microphone = local?.getAudioTracks()[0];
  $("mute").textContent = microphone ? (microphone.enabled ? "Mute" : "Unmute") : "Turn on mic";
}

function hears() {
  return Boolean(local?.getAudioTracks()[0]?.enabled);
}

function showName(name) {
  if (!name) return;
  $("name").textContent = name;
  document.title = `Talk with ${name}`;
  $("character").setAttribute("aria-label", `${name}: press to interrupt`);
}

/** A mirror has a camera and a picture, and nothing to be said. */
function showMode(mode) {
  devices.mirror = mode === "mirror";
  document.body.dataset.mode = mode;
  if (devices.mirror) $("devices-summary").textContent = "Camera";
  devices.list();
  showConnected(Boolean(connection));
}

// ------------------------------------------------------------------ begin and end

async function about() {
  try {
    const session = await (await fetch("api/session")).json();
    showName(session.name);
    showMode(session.mode);
    iceServers = session.ice_servers ?? [];
    if (!session.authorised && !token) showProblem("This page needs the address with its token. Please open the link you were given.");
  } catch {
    showProblem("The server can't be reached. Is it running?");
  }
}

async function start(withDevices = true) {
  if (connection) return;
  clearTimeout(retry);
  showProblem("");
  setStarting(true);
  setState("connecting");
  announce("Connecting");
  const mine = connection = new Connection(token, iceServers);
  const on = (type, act) => mine.addEventListener(type, (event) => { if (connection === mine) act(event.detail); });
  on("message", received);
  on("track", show);
  on("state", changed);
  on("problem", (problem) => failed(problem, withDevices));
  try {
    local = withDevices ? await devices.open().catch(withoutDevices) : new MediaStream();
    if (withDevices && devices.warning) showProblem(devices.warning);
    showDevices();
    devices.list();
    await mine.open(local);
  } catch (error) {
    if (connection === mine) failed(error, withDevices);
  }
}

function withoutDevices(error) {
  if (devices.mirror) throw error;
  showProblem(error.message);
  return new MediaStream();  // the conversation goes on by typing
}

function show(track) {
  const element = track.kind === "video" ? $("video") : $("audio");
  element.srcObject = new MediaStream([track]);
  element.play().catch(() => undefined);
}

function changed(state) {
  if (state === "disconnected") setState("lost");
  if (state === "connected" && $("state").dataset.state === "lost") setState("ready");
  if (state === "ended") {
    end();
    showProblem("I had to end the conversation. You can start again.");
  }
}

function failed(error, withDevices) {
  end();
  showProblem(error instanceof Problem ? error.message : "Something went wrong. Please start again.");
  if (!(error instanceof Problem)) console.error(error);
  if (error.retryAfter) retry = setTimeout(() => start(withDevices), error.retryAfter * 1000);
}

function end() {
  clearTimeout(retry);
  connection?.close();
  connection = null;
  for (const track of local?.getTracks() ?? []) track.stop();
  local = null;
  waiting = "";
  botSpeaks = false;
  showDevices();
  const focused = $("actions").contains(document.activeElement);
  showConnected(false);
  if (focused) $("start").focus();
  setState("idle");
  announce("The conversation has ended");
  $("video").srcObject = $("audio").srcObject = null;
  $("video").load();  // shows the picture again
  captions.botStopped();
  sight.clear();
  picture.clear();
  $("caption-user").textContent = "";
}

function ready({ about: server }) {
  const focused = document.activeElement === $("start");
  showName(server?.name);
  captions.clear();
  showConnected(true);
  if (focused) $("stop").focus();
  setState("ready");
  perceive();
  announce("Connected");
  if (waiting) send(waiting);
  waiting = "";
}

// ------------------------------------------------------------------ the conversation

function received({ type, data = {} }) {
  switch (type) {
    case "bot-ready": ready(data); break;
    case "user-started-speaking": setState("listening"); break;
    case "user-stopped-speaking":
      if ($("state").dataset.state === "listening") setState(botSpeaks ? "speaking" : "ready");
      break;
    case "user-transcription":
      captions.heard(data.text, data.final);
      if (data.final) setState("thinking");
      break;
    case "bot-started-speaking":
      botSpeaks = true;
      setState("speaking");
      captions.botStarted();
      picture.clear();
      break;
    case "bot-stopped-speaking":
      botSpeaks = false;
      if ($("state").dataset.state !== "thinking") setState("ready");
      captions.botStopped();
      break;
    case "bot-tts-text": captions.botWord(data.text); break;
    case "bot-transcription": captions.botPhrase(data.text); break;
    case "server-message": told(data); break;
    case "error-response": showProblem(data.error); break;
    case "error":
      if (data.fatal) end();
      showProblem(data.error ?? data.message);
      break;
  }
}

function told(data) {
  if (sight.told(data)) return;
  if (data.type === "picture") picture.show(data);
  if (data.type === "person-left") {
    captions.clear();
    picture.clear();
  }
  if (data.type === "memory") keep(data.token);
  if (data.type === "turn-report" && data.question && Object.keys(data.stages ?? {}).length) latency.show(data.stages);
  if (data.type === "interrupted") {
    captions.interrupted(data.heard);
    if (data.cause === "click") setState("ready");
  }
}

/** Say what may be noticed; the server obeys, whatever this page still sends. */
function perceive() {
  const camera = Boolean(local?.getVideoTracks()[0]);
  const [emotion, show] = [$("emotion").checked, $("show").checked && camera];
  connection?.send("client-message", { t: "perceive", d: { camera, emotion, show } });
  $("self").classList.toggle("large", show);
  sight.shown = show;
  sight.clear();
}

function interrupt() {
  connection?.send("client-message", { t: "interrupt" });
}

function ask(event) {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  if (!connection) {
    waiting = text;
    $("text").value = "";
    start(false);
  } else if (send(text)) {
    $("text").value = "";
  }
}

function send(text) {
  const sent = connection.send("send-text", { content: text, options: { run_immediately: true, audio_response: true } });
  if (sent) {
    captions.typed(text);
    setState("thinking");
  }
  return sent;
}

// ------------------------------------------------------------------ microphone and camera

async function changeDevices() {
  const mine = connection;
  if (!mine) return;
  try {
    const fresh = await devices.open();
    if (connection !== mine) {
      for (const track of fresh.getTracks()) track.stop();
      return;
    }
    for (const track of local.getTracks()) track.stop();
    local = fresh;
    await mine.use(local);
    showProblem(devices.warning);
  } catch (error) {
    showProblem(error.message);
  }
  devices.list();
  showDevices();
  perceive();
  if (["ready", "deaf"].includes($("state").dataset.state)) setState("ready");
}

function mute() {
  const microphone = local?.getAudioTracks()[0];
  if (!microphone) {
    changeDevices();
    return;
  }
  microphone.enabled = !microphone.enabled;
  showDevices();
  announce(microphone.enabled ? "Microphone on" : "Microphone muted");
  if (["ready", "deaf"].includes($("state").dataset.state)) setState("ready");
}

$("start").addEventListener("click", () => start());
$("end").addEventListener("click", end);
$("stop").addEventListener("click", interrupt);
$("mute").addEventListener("click", mute);
$("character").addEventListener("click", interrupt);
$("ask").addEventListener("submit", ask);
for (const id of ["microphone", "camera"]) $(id).addEventListener("change", changeDevices);
for (const id of ["emotion", "show"]) $(id).addEventListener("change", perceive);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") interrupt(); });
navigator.mediaDevices?.addEventListener?.("devicechange", () => devices.list());
addEventListener("pagehide", () => connection?.close());
devices.list();
about();
