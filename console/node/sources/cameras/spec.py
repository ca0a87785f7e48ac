"""Camera source, declared: one camera by address or by file; holds no login."""

from __future__ import annotations

from console.api import Board, SourceSpec, Text, Value


class CameraSettings(Value, frozen=True):
    """One camera. Exactly one of `url` and `file`.

    Attributes:
        url: rtsp:, rtsps:, http: or https: address without a login.
        sub_url: address of a smaller picture for small tiles, "" for none.
        file: a clip (H.264) that the built-in camera server serves as RTSP on loopback.
        loop: serve the clip again and again; else its end is the camera's loss.
        login_env: name of an environment variable that holds "user:password".
        login_file: a TOML file outside any repository, readable by its owner alone, with [<id>] user, password.
        azimuth_deg: where it looks, degrees from north.
    """

    id: str = ""
    url: str = ""
    sub_url: str = ""
    file: str = ""
    loop: bool = True
    login_env: str = ""
    login_file: str = ""
    name: Text = Text("")
    board: Board = Board.PUBLIC
    area: str = ""
    site: str = ""
    lon: float | None = None
    lat: float | None = None
    azimuth_deg: float | None = None
    infrared: bool = False


SPEC = SourceSpec(
    id="camera",
    title=Text("摄像机", "Camera"),
    factory="console.node.sources.cameras.source:CameraSource",
    settings=CameraSettings,
)
