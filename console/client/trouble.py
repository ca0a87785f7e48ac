"""Where a node is, and why a console is not linked to it, in words for the person; knows no file and no socket."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Final

from console.api import BadInput, ResourceError, Text, Value


class NodeAddress(Value, frozen=True, kw_only=True):
    """Where a node is. `secret` of an embedded one, else ""; the others are paths of PEM files, "" for none."""

    url: str
    secret: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"NodeAddress({self.url!r})"


class Trouble(Value, frozen=True, kw_only=True):
    """Why there is no link. `refused`: one end did not believe the other; else nobody was reached."""

    refused: bool
    summary: Text
    detail: str = ""
    tip: Text = Text("")


EXPIRED: Final = Text("本机证书已过期", "This console's certificate has expired")
EARLY: Final = Text("本机证书尚未生效", "This console's certificate is not valid yet")
FOREIGN: Final = Text("本机证书属于其他站点", "This console's certificate is of another site")
USAGE: Final = Text("本机证书用途不符", "This console's certificate is for another use")
REVOKED: Final = Text("本机证书已被吊销", "This console's certificate was revoked")
NOT_TAKEN: Final = Text("节点不接受本机证书", "The node does not take this console's certificate")
ISSUE_ANEW: Final = Text(
    "在站点证书机构处重新签发并拷来（main.py certs），无需重启",
    "issue it anew with `main.py certs` and copy it here; no restart",
)
_ALERTS: Final[dict[str, tuple[Text, Text]]] = {
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": (EXPIRED, ISSUE_ANEW),
    "SSLV3_ALERT_CERTIFICATE_REVOKED": (REVOKED, ISSUE_ANEW),
    "TLSV1_ALERT_UNKNOWN_CA": (FOREIGN, ISSUE_ANEW),
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": (USAGE, ISSUE_ANEW),
    "SSLV3_ALERT_BAD_CERTIFICATE": (NOT_TAKEN, ISSUE_ANEW),
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": (NOT_TAKEN, ISSUE_ANEW),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        Text("节点要求证书", "The node asks for a certificate"),
        Text("用 --cert 与 --key 给出", "give --cert and --key"),
    ),
    "TLSV1_ALERT_PROTOCOL_VERSION": (
        Text("节点不使用 TLS 1.3", "The node speaks no TLS 1.3"),
        Text("更新节点", "update the node"),
    ),
    "WRONG_VERSION_NUMBER": (
        Text("该端口不使用 TLS", "What answers there speaks no TLS"),
        Text("检查地址与端口；节点须以 --tls 启动", "check address and port; the node is started with --tls"),
    ),
}
NAME: Final = 62
ADDRESS: Final = 64
"""What OpenSSL calls a certificate for another host, or another IP address."""
_NODES: Final[dict[int, tuple[Text, Text]]] = {
    9: (Text("节点证书尚未生效", "The node's certificate is not valid yet"), Text("检查两端时钟", "check both clocks")),
    10: (
        Text("节点证书已过期", "The node's certificate has expired"),
        Text("重新签发节点证书，并检查本机时钟", "issue the node's certificate anew; check this machine's clock"),
    ),
    23: (
        Text("节点证书已被吊销", "The node's certificate was revoked"),
        Text("不要连接；询问安全管理员", "do not connect; ask the security administrator"),
    ),
    26: (
        Text("对端证书不是节点证书", "What answers there bears no node's certificate"),
        Text("节点须用 main.py certs node 签发的证书", "the node needs a certificate of `main.py certs node`"),
    ),
    NAME: (
        Text("节点证书不含此地址", "The node's certificate is for another name"),
        Text("用证书中的名称连接，或以 --host 重新签发", "connect by a name in it, or issue it anew with --host"),
    ),
}
_STRANGER: Final = (
    Text("对端不是本站点的节点", "What answers there is no node of this site"),
    Text("检查地址与 --ca 文件", "check the address and the --ca file"),
)


def trouble_of(error: BaseException, ended: BaseException | None, url: str, flaw: Callable[[], Text | None]) -> Trouble:
    """Why an attempt failed.

    Args:
        ended: what the connection itself ended with, where it came so far.
        flaw: what is wrong with our own certificate, as far as this console can see.
    """
    for one in (error, ended):
        if isinstance(one, ssl.SSLCertVerificationError):
            code = NAME if one.verify_code == ADDRESS else one.verify_code
            summary, tip = _NODES.get(code, _STRANGER)
            return Trouble(refused=True, summary=summary, detail=one.verify_message, tip=tip)
        if isinstance(one, ssl.SSLError) and (said := getattr(one, "reason", "")) in _ALERTS:
            summary, tip = _ALERTS[said]
            seen = flaw()
            return Trouble(refused=True, summary=summary, detail=seen.en if seen is not None else "", tip=tip)
    if isinstance(error, (BadInput, ResourceError)):
        summary = Text("本机证书文件不可用", "This console's certificate files cannot be used")
        return Trouble(refused=True, summary=summary, detail=str(error))
    if isinstance(ended, (ssl.SSLError, ConnectionError)) and (seen := flaw()) is not None:
        return Trouble(refused=True, summary=seen, tip=ISSUE_ANEW)  # it broke off without a word; this will be why
    return _unreached(error, url)


def _unreached(error: BaseException, url: str) -> Trouble:
    summary = Text("无法连接节点", "The node cannot be reached")
    tip = Text("检查节点是否运行、网线与防火墙", "check that the node runs, the cable and the firewall")
    if isinstance(error, socket.gaierror):
        why, tip = "its name is not known here", Text("检查主机名", "check the host's name")
    elif isinstance(error, ConnectionRefusedError):
        why = "nothing listens there"
    elif isinstance(error, TimeoutError):
        why = "no answer in time"
    elif isinstance(error, ConnectionResetError):
        why, tip = (
            "it broke off before anything was said",
            Text("该处须是以 --tls 启动的节点", "is it a node with --tls?"),
        )
    else:
        why = str(error)[:200] or type(error).__name__
    return Trouble(refused=False, summary=summary, detail=f"{bare(url)}: {why}", tip=tip)


def bare(url: str) -> str:
    """Without what somebody may have written before an @ or behind a ?: it may be a password."""
    return url.partition("?")[0].rpartition("@")[2]
