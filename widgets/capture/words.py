"""What the capture tile says, in both languages: pure functions; no Qt, no device."""

from __future__ import annotations

from collections.abc import Sequence

from console.api import Allowed, Device, Text

HOW = "docs/howto/outside-sources.md"
_REASONS = {
    "not found": Text("本机没有这个设备", "this machine has no such device"),
    "no capture device": Text("这不是采集设备", "this is no capture device"),
    "busy": Text("设备被其他程序占用", "another program has the device"),
    "no access": Text("无权读取：请把用户加入 video 组", "no right to read it: add the user to the group video"),
    "unplugged": Text("设备已拔出", "the device was unplugged"),
    "form refused": Text("设备不支持所设的尺寸、帧率或格式", "the device refuses this size, rate or format"),
    "silent": Text("设备没有送出画面：检查信号线", "the device gives no picture: check the signal's cable"),
    "timeout": Text("设备没有答复", "the device does not answer"),
    "no video": Text("这不是采集设备", "this is no capture device"),
    "bad data": Text("画面无法解码", "its pictures cannot be decoded"),
    "ended": Text("设备停止送出画面", "the device stopped giving pictures"),
    "decoder restarts": Text("解码进程重启中", "the decoder restarts"),
}


def reason(detail: str) -> Text:
    """Why there is no picture; a word that is not known stays as it is."""
    return _REASONS.get(detail, Text(detail or "未知原因", detail or "unknown"))


def found(devices: Sequence[Device]) -> Text:
    """The devices of this machine, as they can be set."""
    if not devices:
        return Text("本机没有发现采集设备", "No capture device was found on this machine")
    names = "、".join(f"{d.path}（{d.name}）" if d.name else d.path for d in devices[:6])
    english = ", ".join(f"{d.path} ({d.name})" if d.name else d.path for d in devices[:6])
    return Text(f"本机的采集设备：{names}", f"Devices of this machine: {english}")


def unset(devices: Sequence[Device]) -> tuple[Text, ...]:
    """No device is set."""
    return (
        Text("未选采集设备", "No capture device is set"),
        Text(
            '在布局文件中为此窗格写 device = "/dev/video0"', 'Write device = "/dev/video0" for this tile in its layout'
        ),
        found(devices),
    )


def refused(device: str, allowed: Allowed, devices: Sequence[Device]) -> tuple[Text, ...]:
    """The operator's list does not name the device."""
    if allowed.trouble.zh:
        listed = allowed.trouble
    else:
        names = "、".join(allowed.captures) or "无"
        listed = Text(f"已放行：{names}", f"Allowed: {', '.join(allowed.captures) or 'none'}")
    return (
        Text("此采集设备未被放行，没有打开", "This device is not allowed and was not opened"),
        Text(f"布局中写的是：{device}", f"In the layout: {device}"),
        listed,
        Text(
            f"放行：在 {allowed.file} 的 capture 中加入它，见 {HOW}",
            f"To allow it add it to capture in {allowed.file}; see {HOW}",
        ),
        found(devices),
    )


def lost(device: str, detail: str, devices: Sequence[Device]) -> tuple[Text, ...]:
    """There is no picture now."""
    why = reason(detail)
    return (Text("没有画面", "No picture"), Text(f"{device}：{why.zh}", f"{device}: {why.of('en')}"), found(devices))
