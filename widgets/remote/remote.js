// One remote screen with noVNC, view only. Bytes come and go through the console; this page reaches nothing else.

import RFB from "app://res/novnc/core/rfb.js";
import * as Log from "app://res/novnc/core/util/logging.js";

const MOST_PIXELS = 4096 * 4096;
const PROBE_MS = 2000; // so often one pixel is asked for: a screen on which nothing moves is told from a dead one
const TOLD_MS = 500;
const KNOWN = [1, 2, 16, 30, 113]; // none, VNC password, Tight, Apple's, Microsoft's; no way to check a server's key
const TIGHT_PNG = -260;

let pipe = null, rfb = null, probe = 0, told = -Infinity;
Log.initLogging("none");

// What is said goes out in order, one by one.
const outbox = [];
let going = false;
function say(message) {
  outbox.push(message);
  if (!going) next();
}
async function next() {
  going = true;
  while (outbox.length) {
    const line = encodeURIComponent(JSON.stringify(outbox.shift()));
    try { await fetch("app://res/say?" + line); } catch { /* the console goes */ }
  }
  going = false;
}

function text64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

class Pipe {
  constructor() {
    this.binaryType = "arraybuffer";
    this.protocol = "";
    this.readyState = "connecting";
    this.onopen = this.onmessage = this.onclose = this.onerror = null;
  }
  send(bytes) {
    if (this.readyState === "open") say({ act: "send", bytes: text64(bytes) });
  }
  close() {
    if (this.readyState !== "closed") {
      this.readyState = "closed";
      say({ act: "close" });
    }
  }
}

class Screen extends RFB {
  _fail(details) {
    say({ act: "failed", why: String(details).slice(0, 200) });
    return super._fail(details);
  }
  _isSupportedSecurityType(type) { return KNOWN.includes(type); }
  _resize(width, height) {
    if (!width || !height || width * height > MOST_PIXELS) throw new Error(`screen of ${width}×${height} px`);
    super._resize(width, height);
    say({ act: "size", width, height });
  }
  _handleRect() {
    const r = this._FBU;
    const pixels = r.encoding >= 0 || r.encoding === TIGHT_PNG;
    if (pixels && (r.x + r.width > this._fbWidth || r.y + r.height > this._fbHeight))
      throw new Error(`rectangle ${r.width}×${r.height} at ${r.x},${r.y} outside the screen`);
    return super._handleRect();
  }
  _framebufferUpdate() {
    const whole = super._framebufferUpdate();
    if (whole) painted();
    return whole;
  }
}

function painted() {
  const now = performance.now();
  if (now - told > TOLD_MS) {
    told = now;
    say({ act: "painted" });
  }
}

function broken(error) {
  say({ act: "failed", why: String(error?.message ?? error).slice(0, 200) });
  stop();
}

function stop() {
  clearInterval(probe);
  if (pipe) pipe.close();
}

async function pull() {
  for (;;) {
    let bytes;
    try { bytes = await (await fetch("app://res/bytes")).arrayBuffer(); } catch { return; }
    if (!bytes.byteLength || !pipe || pipe.readyState !== "open") return;
    try { pipe.onmessage({ data: bytes }); } catch (error) { broken(error); return; }
  }
}

let pulling = Promise.resolve();
window.yilan = {
  open(settings) {
    pipe = new Pipe();
    rfb = new Screen(document.getElementById("screen"), pipe, { shared: true });
    rfb.viewOnly = true;
    rfb.focusOnClick = false;
    rfb.scaleViewport = true;
    rfb.resizeSession = false;
    rfb.background = "transparent";
    rfb.qualityLevel = settings.quality;
    rfb.addEventListener("connect", () => {
      say({ act: "connected" });
      // FramebufferUpdateRequest, not incremental, of one pixel
      probe = setInterval(() => pipe.send(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 1, 0, 1])), PROBE_MS);
    });
    rfb.addEventListener("credentialsrequired", (e) => say({ act: "credentials", types: e.detail.types }));
    rfb.addEventListener("securityfailure", (e) => say({ act: "security", why: String(e.detail.reason ?? "") .slice(0, 200) }));
    rfb.addEventListener("serververification", () => broken("server key"));
    rfb.addEventListener("disconnect", () => { say({ act: "disconnected" }); stop(); });
    pipe.readyState = "open";
    pipe.onopen();
    this.more();
  },
  more() { pulling = pulling.then(pull); },
  credentials(given) { if (rfb) rfb.sendCredentials(given); },
  ended() {
    pulling = pulling.then(() => {
      if (pipe && pipe.readyState === "open") {
        pipe.readyState = "closed";
        pipe.onclose({ code: 1000, reason: "" });
      }
    });
  },
};
addEventListener("error", (e) => broken(e.message));
addEventListener("unhandledrejection", (e) => broken(e.reason));
say({ act: "ready" });
