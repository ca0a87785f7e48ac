"""`main.py certs`: the site's authority and its certificates at the command line; knows no running node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from console.api import BadInput
from console.node.access.certs import CA_DAYS, Kind
from console.node.access.certs_folder import CertsFolder, Issued


def main(
    act: str,
    name: str,
    folder: Path,
    *,
    site: str = "",
    hosts: Sequence[str] = (),
    days: int = 0,
    csr: Path | None = None,
    reason: str = "",
    force: bool = False,
) -> int:
    """Do one act; 0. Raises YilanError: what is wrong, and what to do."""
    certs = CertsFolder(folder)
    if act == "list":
        _show(certs.register())
        return 0
    if act == "init":
        _wrote(certs.init(site or name or "yilan", days=days or CA_DAYS, force=force))
        return 0
    if not name:
        raise BadInput(f"certs {act}", found="no name", expected=f"certs {act} NAME")
    if act == "revoke":
        for issued in certs.revoke(name, reason):
            print(f"revoked: {issued.kind.value}-{issued.name}, serial {issued.serial}")
        print(f"copy {certs.folder / 'ca.crl.pem'} to every node; they take it up at their next start")
        return 0
    if act == "request":
        kind, _, rest = name.partition("-")
        if kind not in [known.value for known in Kind] or not rest:
            raise BadInput("certs request", found=f"'{name}'", expected="node-NAME, user-NAME or wall-NAME")
        _wrote(certs.request(Kind(kind), rest, force=force))
        return 0
    kind_asked = Kind(act)
    if kind_asked is Kind.NODE and not hosts:
        hosts = ("localhost", "127.0.0.1")
    if csr is not None:
        _wrote(certs.answer(kind_asked, name, csr, hosts=hosts, days=days, force=force))
    else:
        _wrote(certs.issue(kind_asked, name, hosts=hosts, days=days, force=force))
    return 0


def _wrote(files: Sequence[Path]) -> None:
    for file in files:
        print(file)


def _show(register: Sequence[Issued]) -> None:
    for issued in register:
        state = f"revoked {issued.revoked} {issued.reason}".rstrip() if issued.revoked else f"until {issued.until}"
        print(f"{issued.serial:40}  {issued.kind.value}-{issued.name:24}  {state}")
    if not register:
        print("nothing issued yet")
