// The page: joins the connection, the captions, the latency panel and the controls.

import { Captions } from "./captions.js";
import { Connection, Problem } from "./connection.js";
import { LatencyPanel } from "./latency.js";

const $ = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token") ?? "";
const captions = new Captions($("caption-bot"), $("caption-user"), $("log"));
const latency = new LatencyPanel($("latency-bar"), $("latency-legend"), $("latency-total"));
const remote = new MediaStream();
let connection = null;
let local = null;
let retry = 0;

const STATES = {
  idle: "Not connected", connecting: "Connecting …", ready: "Listening", listening: "You are speaking",
  speaking: "Speaking", lost: "Connection lost",
};

function setState(state) {
  $("state").dataset.state = state;
  $("state").textContent = STATES[state];
}

function showProblem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function setConnected(connected) {
  $("start").hidden = connected;
  for (const id of ["stop", "end"]) $(id).hidden = !connected;
  for (const element of [$("text"), $("ask").querySelector("button"), $("character")]) element.disabled = !connected;
  $("welcome").hidden = connected;
  $("start").disabled = false;
}

async function openDevices() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Problem("The browser gives no microphone on this address. Open the page over HTTPS, or on this machine itself.");
  }
  const microphone = $("microphone").value;
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (microphone) audio.deviceId = { exact: microphone };
  const camera = $("camera").value;
  const video = camera === "off" ? false : { width: 640, height: 480, frameRate: 15, deviceId: camera ? { exact: camera } : undefined };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video });
  } catch (error) {
    if (error.name === "NotAllowedError") {
      throw new Problem("The microphone is not allowed. Allow it in the browser's address bar, or type your question.");
    }
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") {
      throw new Problem("No microphone was found. Connect one, or type your question.");
    }
    throw new Problem("The microphone is in use by another program. Close that, or type your question.");
  }
}

async function listDevices() {
  const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
  fill($("microphone"), devices.filter((d) => d.kind === "audioinput"), [["", "Standard"]]);
  fill($("camera"), devices.filter((d) => d.kind === "videoinput"), [["off", "Off"]]);
}

function fill(select, devices, fixed) {
  const chosen = select.value;
  const known = devices.filter((d) => d.deviceId).map((d, i) => [d.deviceId, d.label || `${d.kind} ${i + 1}`]);
  select.replaceChildren(...[...fixed, ...known].map(([value, label]) => new Option(label, value)));
  if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
}

function showSelf() {
  const track = local?.getVideoTracks()[0];
  $("self").hidden = !track;
  $("self").srcObject = track ? new MediaStream([track]) : null;
}

async function start() {
  clearTimeout(retry);
  showProblem("");
  $("start").disabled = true;
  setState("connecting");
  try {
    local = await openDevices().catch((error) => {
      showProblem(error.message);
      return new MediaStream();  // the conversation goes on by typing
    });
    showSelf();
    listDevices();
    connection = new Connection(token);
    connection.addEventListener("message", (event) => received(event.detail));
    connection.addEventListener("track", (event) => show(event.detail));
    connection.addEventListener("state", (event) => changed(event.detail));
    connection.addEventListener("problem", (event) => failed(event.detail));
    await connection.open(local);
  } catch (error) {
    failed(error);
  }
}

function show(track) {
  remote.addTrack(track);
  if (track.kind === "video") $("video").srcObject = new MediaStream([track]);
  else $("audio").srcObject = new MediaStream([track]);
  $("audio").play().catch(() => undefined);
}

function changed(state) {
  if (state === "disconnected") setState("lost");
  if (state === "ended") end();
}

function failed(error) {
  end();
  showProblem(error instanceof Problem ? error.message : "Something went wrong. Please start again.");
  if (!(error instanceof Problem)) console.error(error);
  if (error.retryAfter) retry = setTimeout(start, error.retryAfter * 1000);
}

function end() {
  connection?.close();
  connection = null;
  for (const track of local?.getTracks() ?? []) track.stop();
  local = null;
  showSelf();
  setConnected(false);
  setState("idle");
  $("video").srcObject = null;
  captions.botStopped();
  $("caption-user").textContent = "";
}

function received({ type, data = {} }) {
  switch (type) {
    case "bot-ready":
      setConnected(true);
      setState("ready");
      if (data.about?.name) $("name").textContent = data.about.name;
      break;
    case "user-started-speaking": setState("listening"); break;
    case "user-stopped-speaking": setState("ready"); break;
    case "user-transcription": captions.heard(data.text, data.final); break;
    case "bot-started-speaking": setState("speaking"); captions.botStarted(); break;
    case "bot-stopped-speaking": setState("ready"); captions.botStopped(); break;
    case "bot-tts-text": captions.botWord(data.text); break;
    case "bot-transcription": captions.botPhrase(data.text); break;
    case "server-message":
      if (data.type === "turn-report" && data.stages && Object.keys(data.stages).length) latency.show(data.stages);
      break;
    case "error":
      showProblem(data.error ?? data.message);
      if (data.fatal) end();
      break;
  }
}

function interrupt() {
  connection?.send("client-message", { t: "interrupt" });
}

function ask(event) {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !connection?.send("send-text", { content: text, options: { run_immediately: true, audio_response: true } })) return;
  captions.typed(text);
  $("text").value = "";
}

async function changeDevices() {
  if (!connection) return;
  try {
    const fresh = await openDevices();
    for (const track of local.getTracks()) track.stop();
    local = fresh;
    await connection.replaceTrack("audio", local.getAudioTracks()[0] ?? null);
    await connection.replaceTrack("video", local.getVideoTracks()[0] ?? null);
    showSelf();
    showProblem("");
  } catch (error) {
    showProblem(error.message);
  }
}

$("start").addEventListener("click", start);
$("end").addEventListener("click", end);
$("stop").addEventListener("click", interrupt);
$("character").addEventListener("click", interrupt);
$("ask").addEventListener("submit", ask);
for (const id of ["microphone", "camera"]) $(id).addEventListener("change", changeDevices);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") interrupt(); });
addEventListener("pagehide", () => connection?.close());
listDevices();
