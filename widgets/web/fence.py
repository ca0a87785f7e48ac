"""The script that each frame of a strange page begins with: it fences the page in; pure text, knows no view.

A content security policy, which no script of the page can lift: it also holds where a redirect leads, before anything
is sent, and frames and workers made of the page's own text (srcdoc, data, blob) are under it too. A worker from an
address would bring its own policy, so it is begun from a text that imports it, addresses still relative to its own.
What no policy covers is taken away. Where a page or a frame goes the view itself is asked, so the policy leaves out
forms: a person is to see the card.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

TOLD: Final = "yilan.fence "
"""How the script tells on the console what the policy stopped; a page that says so too is only told of itself."""
_SCRIPT: Final = """(() => {
  const fence = document.createElement("meta");
  fence.httpEquiv = "Content-Security-Policy";
  fence.content = POLICY;
  const head = document.createElement("head");
  const put = () => {
    if (!document.documentElement) return false;
    document.documentElement.prepend(head);
    head.append(fence);
    head.remove();
    return true;
  };
  const later = new MutationObserver(() => { if (put()) later.disconnect(); });
  if (!put()) later.observe(document, { childList: true });
  const tell = console.debug.bind(console);
  addEventListener("securitypolicyviolation", (e) => tell(TOLD + e.blockedURI), true);

  const gone = { value: undefined, writable: false, configurable: false };
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport", "SharedWorker"])
    try { Object.defineProperty(globalThis, name, gone); } catch {}
  try { Object.defineProperty(Navigator.prototype, "serviceWorker", gone); } catch {}

  const Begun = globalThis.Worker;
  if (Begun) {
    globalThis.Worker = function Worker(address, options) {
      const url = new URL(address, document.baseURI).href;
      if (/^(blob|data):/.test(url)) return new Begun(address, options);
      const text = `{ const at = (u) => new URL(u, ${JSON.stringify(url)}).href, f = fetch, i = importScripts;
        const open = XMLHttpRequest.prototype.open;
        self.fetch = (u, ...r) => f(typeof u === "string" || u instanceof URL ? at(u) : u, ...r);
        self.importScripts = (...u) => i(...u.map(at));
        XMLHttpRequest.prototype.open = function (m, u, ...r) { return open.call(this, m, at(u), ...r); };
      } ${options?.type === "module" ? "await import" : "importScripts"}(${JSON.stringify(url)});`;
      return new Begun(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), options);
    };
    globalThis.Worker.prototype = Begun.prototype;
  }
})();
"""


def policy(origins: Sequence[str]) -> str:
    """What a page may use: the listed origins and what it has in itself.

    Addresses as [::1] have no form in a policy: of these a page may use only its own.
    """
    named = [o for o in origins if "[" not in o]
    listed = " ".join([*named, *(o.replace("http", "ws", 1) for o in named)])
    parts = {
        "default-src": f"'self' {listed} data: blob: 'unsafe-inline' 'unsafe-eval'",
        "worker-src": "blob: data:",
        "object-src": "'none'",
        "base-uri": f"'self' {listed}",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def no_way_round(origins: Sequence[str]) -> str:
    """The script for pages that may use `origins` ("https://example.cn:443")."""
    return _SCRIPT.replace("POLICY", json.dumps(policy(origins))).replace("TOLD", json.dumps(TOLD))
