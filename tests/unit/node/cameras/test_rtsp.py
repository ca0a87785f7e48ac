"""RTSP as text: requests, answers, faults in the URL."""

from __future__ import annotations

import pytest

from console.api import WireError
from console.node.cameras.rtsp import Faults, faults_of, interleaved_channel, parse, response, sdp


def test_a_request_is_read() -> None:
    request = parse(b"SETUP rtsp://h:1/cam/a?drop=2/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP\r\n\r\n")
    assert (request.method, request.sequence, request.path) == ("SETUP", "3", "cam/a")
    assert faults_of(request.url) == Faults(drop=2)
    assert parse(b"PLAY rtsp://h/cam/trackID=0 RTSP/1.0\r\n\r\n").path == "cam"


@pytest.mark.parametrize(
    "block", [b"", b"GET / HTTP/1.1\r\n\r\n", b"PLAY x\r\n\r\n", b"PLAY x RTSP/1.0\r\nbroken\r\n", b"\xff\xfe x y"]
)
def test_what_is_no_request_is_refused(block: bytes) -> None:
    with pytest.raises(WireError, match="expected"):
        parse(block)


def test_faults_that_are_no_numbers_are_ignored() -> None:
    assert faults_of("rtsp://h/a?stall=x&nonsense=1&corrupt=0.5&slow=1.5") == Faults(corrupt=0.5, slow=1.5)


@pytest.mark.parametrize(
    ("transport", "channel"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", 0),
        ("RTP/AVP/TCP;interleaved=4-5;unicast", 4),
        ("RTP/AVP/TCP;unicast", 0),
        ("RTP/AVP;unicast;client_port=5000-5001", None),
        ("RTP/AVP;unicast;client_port=5000-5001, RTP/AVP/TCP;interleaved=2-3", 2),
    ],
)
def test_transport(transport: str, channel: int | None) -> None:
    assert interleaved_channel(transport) == channel


def test_answers() -> None:
    answer = response(200, "7", {"Session": "x"}, sdp("cam", b"\x67\x4d\x40\x1e", b"\x68")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("RTSP/1.0 200 OK\r\nCSeq: 7\r\n")
    assert f"Content-Length: {len(body)}" in head
    assert "profile-level-id=4d401e" in body
    assert "sprop-parameter-sets=Z01AHg==,aA==" in body
