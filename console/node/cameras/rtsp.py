"""RTSP 1.0 as far as a camera speaks it: requests parsed, answers and SDP written, faults read; no I/O."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from console.api import Value, WireError
from console.node.cameras.rtp import PAYLOAD_TYPE

METHODS: Final = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
REASONS: Final = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 415: "Unsupported Media Type",
    454: "Session Not Found", 455: "Method Not Valid in This State", 461: "Unsupported Transport",
    503: "Service Unavailable",
}  # fmt: skip
TRACK: Final = "trackID=0"


class Request(Value, frozen=True):
    """One request; header names in lower case."""

    method: str
    url: str
    headers: dict[str, str]

    @property
    def sequence(self) -> str:
        """CSeq, to be repeated in the answer."""
        return self.headers.get("cseq", "0")

    @property
    def path(self) -> str:
        """The camera's name: no slashes around it, no query, no track."""
        # a client may put the track behind the query, as RFC 2326 lets it when it only appends text
        return urlsplit(self.url).path.replace(f"/{TRACK}", "").strip("/")


class Faults(Value, frozen=True):
    """What a test asks a camera to do wrong, by URL query; seconds after PLAY, NaN-free, negative is never.

    `drop`: end the connection; `stall`: keep it and send nothing; `corrupt`: share of packets with flipped bytes;
    `refuse`: answer 404; `slow`: answer DESCRIBE so late.
    """

    drop: float = -1.0
    stall: float = -1.0
    corrupt: float = 0.0
    refuse: float = 0.0
    slow: float = 0.0


def faults_of(url: str) -> Faults:
    """The faults that a URL's query asks for; what is no number or no fault's name is ignored."""
    found: dict[str, float] = {}
    for key, value in parse_qsl(urlsplit(url).query):
        number = value.split("/")[0]
        if key in Faults.__struct_fields__ and number.replace(".", "", 1).isdigit():
            found[key] = float(number)
    return Faults(**found)


def parse(block: bytes) -> Request:
    """A request from the bytes up to the empty line; raises WireError."""
    try:
        first, *lines = block.decode("utf-8").split("\r\n")
        method, url, version = first.split(" ")
    except ValueError as error:
        raise WireError("RTSP request line", found=repr(block[:60]), expected="METHOD url RTSP/1.0") from error
    if version != "RTSP/1.0":
        raise WireError("RTSP version", found=version[:20], expected="RTSP/1.0")
    headers = {}
    for line in lines:
        if line:
            name, colon, value = line.partition(":")
            if not colon:
                raise WireError("RTSP header", found=line[:60], expected="Name: value")
            headers[name.strip().lower()] = value.strip()
    return Request(method=method, url=url, headers=headers)


def response(status: int, sequence: str, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """An answer's bytes."""
    content = body.encode()
    rows = [f"RTSP/1.0 {status} {REASONS[status]}", f"CSeq: {sequence}", "Server: Yilan camera server"]
    rows += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if content:
        rows += ["Content-Type: application/sdp", f"Content-Length: {len(content)}"]
    return "\r\n".join([*rows, "", ""]).encode() + content


def sdp(name: str, sps: bytes, pps: bytes) -> str:
    """The session's description (RFC 4566, RFC 6184 section 8.2) of one H.264 track."""
    sets = ",".join(base64.b64encode(unit).decode() for unit in (sps, pps))
    rows = [
        "v=0", "o=- 0 0 IN IP4 127.0.0.1", f"s={name}", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*", "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} H264/90000",
        f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={sets}",
        f"a=control:{TRACK}",
    ]  # fmt: skip
    return "\r\n".join([*rows, ""])


def interleaved_channel(transport: str) -> int | None:
    """The channel for RTP that a SETUP's Transport header asks for over TCP; None where it asks for none (UDP)."""
    for choice in transport.split(","):
        fields = [field.strip() for field in choice.split(";")]
        if "TCP" not in fields[0].upper():
            continue
        for field in fields[1:]:
            name, _, value = field.partition("=")
            if name == "interleaved" and (first := value.split("-")[0]).isdigit() and int(first) < 255:
                return int(first)
        return 0
    return None
