// The visitor's microphone and camera: which there are, which is chosen, and opening them.

import { Problem } from "./connection.js";

export class Devices {
  constructor(microphone, camera) {
    this.microphone = microphone;
    this.camera = camera;
    this.mirror = false;  // a mirror wants a camera and no microphone
    this.warning = "";  // why the camera that was chosen is not used, if so
  }

  /** Ask the browser for what is chosen. Throws a Problem that says what the visitor may do. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Problem("This browser gives no microphone on this address. You can type your question. "
        + "To talk, open the page over HTTPS, or on the machine itself.");
    }
    const audio = !this.mirror && { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (audio && this.microphone.value) audio.deviceId = { exact: this.microphone.value };
    const camera = this.camera.value;
    const video = (this.mirror || camera !== "off") && { width: 640, height: 480, frameRate: this.mirror ? 30 : 15 };
    if (video && camera !== "off") video.deviceId = { exact: camera };
    this.warning = "";
    try {
      return await navigator.mediaDevices.getUserMedia({ audio, video });
    } catch (error) {
      if (!video) throw new Problem(WHY[error.name] ?? WHY.NotReadableError);
      if (!audio) throw new Problem(WHY_NO_CAMERA[error.name] ?? WHY_NO_CAMERA.NotReadableError);
      this.camera.value = "off";
      const stream = await this.open();  // a camera that fails is no reason not to hear
      this.warning = WHY_NO_CAMERA[error.name] ?? WHY_NO_CAMERA.NotReadableError;
      return stream;
    }
  }

  /** Fill the two lists; names are known only once the browser has allowed a device. */
  async list() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    fill(this.microphone, devices.filter((device) => device.kind === "audioinput"), ["", "Standard"], "Microphone");
    fill(this.camera, devices.filter((device) => device.kind === "videoinput"), ["off", this.mirror ? "Standard" : "Off"], "Camera");
  }
}

const WHY = {
  NotAllowedError: "The microphone is not allowed. Type your question, or allow it in the browser's address bar "
    + "and press Turn on mic.",
  NotFoundError: "No microphone was found. You can type your question, or connect a microphone.",
  OverconstrainedError: "The microphone or camera that was chosen is gone. Choose another one.",
  NotReadableError: "The microphone can't be used: another program may hold it. You can type your question.",
};

const WHY_NO_CAMERA = {
  NotAllowedError: "The camera is not allowed. Allow it in the browser's address bar and choose it again.",
  NotFoundError: "No camera was found. Connect one and choose it.",
  OverconstrainedError: "The camera that was chosen is gone. Choose another one.",
  NotReadableError: "The camera can't be used: another program may hold it.",
};

function fill(select, devices, [value, label], kind) {
  const chosen = select.value;
  const known = devices.filter((device) => device.deviceId && device.deviceId !== "default");
  const options = known.map((device, i) => new Option(device.label || `${kind} ${i + 1}`, device.deviceId));
  select.replaceChildren(new Option(label, value), ...options);
  if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
}
