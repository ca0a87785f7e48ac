"""Entry point: parse arguments, hand over; nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import platformdirs

from console import supervise
from console.model.errors import YilanError
from console.resolve import resolve


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="main.py", description="Yilan 一览: a command-room console.")
    _run_options(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="check Python, Qt, GPU, codecs, fonts, screens, clock, certificates")
    doctor.add_argument("--certs", type=Path, metavar="DIR", help="certificates lie here (default: <state>/certs)")
    _state_option(doctor)
    bench = commands.add_parser("bench", help="run one benchmark; its last line is one JSON object")
    bench.add_argument("name", help="start, idle, …")
    bench.add_argument("--json", action="store_true", help="(always on) end with one JSON line")
    bench.add_argument("--long", action="store_true", help="the full run in place of the short one")
    shots = commands.add_parser("shots", help="render every panel and preset to pictures, without a display")
    shots.add_argument("--out", type=Path, default=Path("build/shots"), help="folder (default: build/shots)")
    shots.add_argument("--only", default="", help="only pictures whose name contains this")
    bring = commands.add_parser("import", help="bring CSV, Parquet or MCAP files of the past into the store")
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".csv, .csv.gz, .parquet or .mcap")
    bring.add_argument("--mapping", type=Path, metavar="TOML", help="which column is what (docs/howto/import.md)")
    bring.add_argument("--keep-raw", action="store_true", help="keep every sample, not only those of the last days")
    _state_option(bring)
    _node_options(commands.add_parser("node", help="a node alone, for consoles on a network or on this machine"))
    _wall_options(commands.add_parser("wall", help="the screens of a wall, to look at and nothing else"))
    _certs_options(commands.add_parser("certs", help="the site's certificates: authority, nodes, users, walls"))
    _audit_options(commands.add_parser("audit", help="check a journal, read it, hand it on"))
    journal = commands.add_parser("journal", help="make all states anew from the journal and compare them")
    journal.add_argument("act", choices=("rebuild",), help="changes nothing; the node may be running")
    journal.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the journals of --state")
    _state_option(journal)
    export = commands.add_parser("export", help="write what the store holds of a span into an MCAP file")
    export.add_argument(
        "--from", dest="start", required=True, metavar="T", help="ISO time, local unless it says a zone"
    )
    export.add_argument("--to", dest="end", required=True, metavar="T", help="ISO time, exclusive")
    export.add_argument("--select", action="append", default=[], metavar="KEY=VALUE", help="board, area, kind or id")
    export.add_argument("--demo", action="store_true", help="the demo city's store, where no node runs")
    export.add_argument("file", type=Path, metavar="FILE.mcap")
    _state_option(export)
    return top


def _node_options(node: argparse.ArgumentParser) -> None:
    node.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:8443", help="beyond 127.0.0.1 with --tls only"
    )
    node.add_argument("--tls", metavar="DIR", default="", help="the node's certificate, or the folder it lies in")
    node.add_argument("--site-area", metavar="ID", default="", help="the node's own area (default: the whole site)")
    node.add_argument(
        "--trust", metavar="FILE", default="", help="of the site, where another node holds its policy key"
    )
    node.add_argument("--sources", metavar="FILE", default=argparse.SUPPRESS, help="TOML file of data sources")
    node.add_argument("--scenario", choices=("storm", "quiet", "cycle"), default=argparse.SUPPRESS, help="of the demo")
    _state_option(node)


def _wall_options(wall: argparse.ArgumentParser) -> None:
    wall.add_argument("--name", required=True, metavar="W", help="the wall's id in the policy and its certificate")
    wall.add_argument(
        "--machine", metavar="M", default="", help="which machine of the wall this is; default: all of it"
    )
    wall.add_argument("--layout", metavar="NAME", default=argparse.SUPPRESS, help="default: wall-2x2")
    wall.add_argument("--language", choices=("zh", "en"), default=argparse.SUPPRESS, help="of the screens")
    _connect_options(wall, argparse.SUPPRESS)
    _state_option(wall)


def _connect_options(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument("--connect", metavar="URL", default=default, help="a node elsewhere: wss://HOST:PORT")
    command.add_argument("--ca", metavar="FILE", default=default, help="the site's ca.pem, which alone is believed")
    command.add_argument("--cert", metavar="FILE", default=default, help="this console's certificate")
    command.add_argument("--key", metavar="FILE", default=default, help="its key, readable by its owner only")


def _audit_options(audit: argparse.ArgumentParser) -> None:
    acts = "verify: name the first bad entry and what is not proven; list: the last lines; export: for a third party"
    audit.add_argument("act", choices=("verify", "list", "export"), help=acts)
    audit.add_argument(
        "file", nargs="?", type=Path, metavar="FILE",
        help="verify: a journal, backup or export (default: of --state); export: the folder or .zip to make",
    )  # fmt: skip
    audit.add_argument("--witness", type=Path, metavar="FILE", help="kept by a console: witnesses.txt of its --state")
    audit.add_argument("--journal", type=Path, metavar="FILE", help="list, export: of this one (default: of --state)")
    audit.add_argument("--demo", action="store_true", help="list, export: the demo city's journal")
    audit.add_argument("--from", dest="start", default="", metavar="T", help="ISO time, local unless it says a zone")
    audit.add_argument("--to", dest="end", default="", metavar="T", help="ISO time, exclusive")
    audit.add_argument("--person", default="", metavar="ID", help="only what this person did")
    audit.add_argument("--last", type=int, default=20, metavar="N", help="list: so many (default: 20)")
    _state_option(audit)


def _certs_options(certs: argparse.ArgumentParser) -> None:
    acts = ("init", "node", "user", "wall", "request", "revoke", "list", "trust")
    certs.add_argument("act", choices=acts, help="begin a site, issue, ask, take back, list; trust: for other nodes")
    certs.add_argument("name", nargs="?", default="", help="who it is for; to revoke: <kind>-<name> or a serial")
    certs.add_argument("--folder", type=Path, metavar="DIR", help="where they lie (default: <state>/certs)")
    certs.add_argument("--site", default="", help="init: the site's name")
    certs.add_argument("--host", action="append", default=[], help="node: a name or address it is reached by")
    certs.add_argument("--days", type=int, default=0, help="how long it is good")
    certs.add_argument("--csr", type=Path, metavar="FILE", help="answer this request in place of making a key")
    certs.add_argument("--reason", default="", help="revoke: why")
    certs.add_argument("--force", action="store_true", help="replace what is there")
    _state_option(certs)


def _state_option(command: argparse.ArgumentParser) -> None:
    # here too, so that it may stand behind the command; the one before it holds where this is not given
    command.add_argument("--state", metavar="DIR", default=argparse.SUPPRESS, help="where data and logs lie")


def _run_options(top: argparse.ArgumentParser) -> None:
    top.add_argument("--sources", metavar="FILE", default="", help="TOML file of data sources (default: the demo city)")
    top.add_argument("--layout", metavar="NAME", default="", help="duty, duty-2, wall-2x2, vehicle or a layout file")
    top.add_argument("--language", choices=("zh", "en"), default="zh", help="language of the screens (default: zh)")
    top.add_argument("--theme", choices=("night", "day"), default="night", help="colours (default: night)")
    top.add_argument("--scenario", choices=("storm", "quiet", "cycle"), default="", help="what the demo city shows")
    top.add_argument("--state", metavar="DIR", default="", help="where data and logs lie")
    top.add_argument("--port", type=int, default=0, help="the node's port on 127.0.0.1 (default: a free one)")
    top.add_argument("--parent", metavar="URL", default="", help="the node above this one (a demo node refuses one)")
    top.add_argument("--events", action="store_true", help="print what happens as JSON lines")
    _connect_options(top, "")


def main() -> int:
    """Run what the command line asks for; one clear line for what a person can mend."""
    args = parser().parse_args()
    try:
        return _command(args)
    except YilanError as error:
        print(f"yilan: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:  # wherever it was met, the mend is the same
        who = "change its rights, or start as the user whom it belongs to"
        print(f"yilan: {error.filename}: {error.strerror}; {who}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _command(args: argparse.Namespace) -> int:
    if args.command == "doctor":
        return int(resolve("console.doctor:main")((args.certs or _state(args) / "certs").resolve()))
    if args.command == "bench":
        return int(resolve("tests.perf.run:main")(args.name, long=args.long))
    if args.command == "shots":
        return int(resolve("console.shots:main")(args.out, args.only))
    if args.command == "import":
        run = resolve("console.node.importing.command:main")
        return int(run(args.files, args.mapping, _state(args), keep_raw=args.keep_raw))
    if args.command == "export":
        run = resolve("console.node.recording.command:main")
        return int(run(args.file, args.start, args.end, args.select, _state(args), demo=args.demo))
    if args.command == "audit":
        return _audit(args)
    if args.command == "journal":
        return int(resolve("console.node.journal.rebuild:main")(_state(args), args.file))
    if args.command == "certs" and args.act == "trust":
        return int(resolve("console.node.access.trust:main")(args.name, _state(args)))
    if args.command == "certs":
        what = {"site": args.site, "hosts": args.host, "days": args.days, "csr": args.csr, "reason": args.reason}
        folder = (args.folder or _state(args) / "certs").resolve()
        return int(
            resolve("console.node.access.certs_command:main")(args.act, args.name, folder, **what, force=args.force)
        )
    return _start(args)


def _start(args: argparse.Namespace) -> int:
    """What runs until it is ended: node and console, a console or wall to a node elsewhere, a node alone."""
    wall, headless = args.command == "wall", args.command == "node"
    sources = str(Path(args.sources).resolve()) if args.sources else ""
    connect = _connect(args, wall=wall) if args.connect or wall else {}
    tls = str(Path(args.tls).resolve()) if headless and args.tls else ""
    for line in resolve("console.node.network:checked")(args.listen, tls) if headless else ():
        print(line)
    state = _state(args)
    if connect and not args.state:  # a node of this machine may have its own data there
        state = state / (f"wall-{args.name}" if wall else "console")
    return supervise.start(
        supervise.Run(
            state=str(state),
            connect=connect,
            role="wall" if wall else "desk",
            wall=args.name if wall else "",
            machine=args.machine if wall else "",
            headless=headless,
            listen=args.listen if headless else "",
            tls=tls,
            area=args.site_area if headless else "",
            trust=str(Path(args.trust).resolve()) if headless and args.trust else "",
            sources=sources,
            layout=args.layout or ("wall-2x2" if wall else ""),
            language=args.language,
            theme=args.theme,
            scenario=args.scenario,
            port=args.port,
            parent=args.parent,
            events=args.events,
        )
    )


def _connect(args: argparse.Namespace, *, wall: bool) -> dict[str, str]:
    """Where the node is, checked: whoever starts a console hears at the command line what is wrong."""
    files = {name: str(Path(file).resolve()) for name in ("ca", "cert", "key") if (file := getattr(args, name))}
    told = {"url": args.connect, **files}
    resolve("console.client.dial:checked")(told, wall=args.name if wall else None)
    return told


def _audit(args: argparse.Namespace) -> int:
    if args.act == "verify":
        return int(resolve("console.node.journal.audit:main")(_state(args), args.file, args.witness))
    wanted = resolve("console.node.journal.audit_out:wanted_of")(args.start, args.end, args.person)
    if args.act == "list":
        show = resolve("console.node.journal.audit_out:show")
        return int(show(_state(args), args.journal or args.file, wanted, last=args.last, demo=args.demo))
    hand_over = resolve("console.node.journal.audit_out:hand_over")
    return int(hand_over(_state(args), args.journal, args.file, wanted, demo=args.demo))


def _state(args: argparse.Namespace) -> Path:
    return Path(args.state or platformdirs.user_data_dir("yilan", appauthor=False)).resolve()


if __name__ == "__main__":
    sys.exit(main())
