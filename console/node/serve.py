"""The node as a program: reads its boot line, starts sources, hub and gateway, ends with its parent; never imports Qt.

Standard input is the control pipe: one JSON line to boot, then commands; its end ends the node. Standard output bears
JSON lines for the supervisor: {"ready": {...}}, {"failed": "..."}, {"camera": {...}}, {"first_code": "..."}.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from console.api import (
    ChannelKind,
    Columns,
    Notice,
    RefusedError,
    Severity,
    Source,
    SourceSpec,
    Text,
    YilanError,
)
from console.node.access.gate import AccessSettings
from console.node.acknowledging import Acknowledging
from console.node.acts.journalled import Journalled
from console.node.alarms import Alarms
from console.node.attaching import Attaching
from console.node.files import Files
from console.node.gateway import Gateway
from console.node.history import History
from console.node.house import House
from console.node.hub import FLUSH_S, Hub
from console.node.intents import Intents
from console.node.keeper import SourceKeeper
from console.node.network import (
    ENDS,
    RENEWAL,
    Address,
    NodeCertificate,
    address,
    not_renewed,
    refuse_bare,
    refuse_unpeopled,
)
from console.node.parent import refuse_parent
from console.node.recorder import Recorder, Store
from console.node.recording.errand import Errands
from console.node.replay.replays import Replays
from console.node.rows import Rows
from console.node.sink import SourceSink
from console.node.sources.config.load import SourceEntry, load_reports, load_sources, load_store
from console.node.sources.config.store import DEMO, StoreSettings
from console.node.state import access_folder, files_folder, hold_state, journal_folder, store_folder
from console.resolve import declared, resolve
from console.rules.report_clock import DEFAULT_LIMITS, ReportLimits
from console.tasks import Tasks

if TYPE_CHECKING:
    from console.node.journal.journal import Journal

log = logging.getLogger("console.node")
SOURCES_MANIFEST: Final = Path(__file__).parent / "sources" / "plugin.toml"
STORE: Final = "console.node.telemetry.store:Telemetry"
"""By name: importing what it stands on takes a tenth of a second, which the door need not wait for."""
JOURNAL: Final = "console.node.journal.journal:Journal"
JOURNAL_FIRST_S: Final = 2.0
"""So long the door waits for the journal at most; a long one is opened beside it."""
SOURCES: Final = "sources"
"""Who owns the tasks of sources."""
CERTIFICATE_S: Final = 2.0
"""How often the node looks whether its certificate or the revocation list was renewed."""


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """The node's boot line. `sources`: path of a TOML file, "" for the demo city.

    `headless`: nobody sits at this machine, so whoever comes logs in. `listen`: HOST:PORT, "" 127.0.0.1 with `port`.
    `tls`: folder or .pem of the node's certificate, "" none. `area`: the node's own, "" the whole site. `trust`: the
    site's trust file, "" none.
    """

    secret: str
    state: str
    sources: str = ""
    port: int = 0
    listen: str = ""
    tls: str = ""
    headless: bool = False
    area: str = ""
    trust: str = ""
    camera_base: str = ""
    scenario: str = ""
    parent: str = ""


class Node:
    """Hub, alarms, sources and gateway, wired; `tell` writes one JSON line to the supervisor."""

    def __init__(self, boot: Boot, tell: Callable[[dict[str, Any]], None]) -> None:
        self._boot, self._tell = boot, tell
        self.where = address(boot.listen) if boot.listen else Address("127.0.0.1", boot.port)
        refuse_bare(self.where, boot.tls)
        self._certificate = NodeCertificate(Path(boot.tls)) if boot.tls else None
        self.hub = Hub(soon=lambda flush: asyncio.get_running_loop().call_soon(flush))
        self.tasks = Tasks(self._task_failed)
        self.alarms = Alarms(self.hub)
        self.keeper = SourceKeeper(self.hub, self.tasks)
        self.recorder = Recorder(self.hub, self._make_store)
        self.history = History(self.recorder.stored, self.hub, self.keeper)
        self.replays = Replays(self.hub, self.tasks, lambda: self.recorder.store, self.history.query)
        self.hub.on_samples, self.hub.on_entity = self._heard, self.recorder.entity
        self._factories = {spec.id: spec for spec in declared(SOURCES_MANIFEST, "sources")}
        self._entries, self._keep, limits = self._load()
        self._simulated = any(self._simulates(entry) for entry in self._entries)
        # a demo is another node than the real one of the same folder: acts of persons belong to one of the two
        self._id = _node_id(Path(boot.state)) + ("-demo" if self._simulated else "")
        self.intents = Intents(self._make_journal, on_notice=self.hub.notice, on_clear=self.hub.clear_notice)
        self.acknowledging = Acknowledging(self.alarms, self.intents, self.tasks)
        files = Files(files_folder(Path(boot.state), simulated=self._simulated))
        refuse_parent(boot.parent, simulated=self._simulated)
        self.house = House(
            access_folder(Path(boot.state), simulated=self._simulated),
            AccessSettings(own_area=boot.area, local=not boot.headless),
            self.hub,
            self.intents,
            self.tasks,
            trust=Path(boot.trust) if boot.trust else None,
        )
        self.journalled = Journalled(
            self.hub,
            self.intents,
            self.tasks,
            node=self._id,
            simulated=lambda: self._simulated,
            has_file=files.has,
            belongs=self.alarms.belongs,
            limits=limits,
            barred=self.house.guard.barred_from_rules,
        )
        self.errands = Errands(
            Path(boot.state), self.tasks, lambda: self.recorder.store, self.hub.clock, simulated=self._simulated
        )
        self.gateway = Gateway(
            self.hub,
            self.tasks,
            node=self._id,
            name=Text("模拟城市中心", "Demo city centre") if self._simulated else Text("本地节点", "Local node"),
            secret=boot.secret,
            simulated=lambda: self._simulated,
            query=self.history.query,
            act=self.intents.act,
            refuse=self.intents.act,
            backfill=self._past,
            contexts=self.replays,
            attaching=Attaching(files),
            guard=self.house.guard,
            revealing=self.house.revealing,
        )

    def _load(self) -> tuple[list[SourceEntry], StoreSettings, Mapping[int, ReportLimits]]:
        os.environ["YILAN_CAMERA_BASE"] = self._boot.camera_base
        if self._boot.sources:
            path = Path(self._boot.sources)
            return load_sources(path), load_store(path), load_reports(path).limits()
        spec = self._factories["city"]
        settings = spec.settings()
        if self._boot.scenario:
            settings = msgspec.structs.replace(settings, scenario=self._boot.scenario)
        return [SourceEntry(id="city", spec_id="city", settings=settings, where="demo city")], DEMO, DEFAULT_LIMITS

    def _simulates(self, entry: SourceEntry) -> bool:
        """Whether a source tells of what was never measured: the demo city, or a recording of it."""
        if entry.spec_id == "city":
            return True
        told = getattr(resolve(self._factories[entry.spec_id].factory), "simulated", None)
        return bool(told(entry.settings)) if told is not None else False

    async def start(self) -> int:
        """Open the door, start the sources; returns the port. What the journal knows stands before the door opens."""
        self.tasks.start("journal", self.intents.run())
        await self.intents.tried(JOURNAL_FIRST_S)
        self.journalled.start()
        self.house.open(self.gateway.attendance)
        port = await self._open()
        for entry in self._entries:
            make = partial(_make, self._factories[entry.spec_id], entry)
            sink = SourceSink(self.journalled.published, entry.id, self.alarms.learn, self._serve_file)
            self.tasks.start(f"source.{entry.id}", self.keeper.keep(entry.id, entry.where, make, sink), SOURCES)
        self.tasks.start("hub.flush", self._flush())
        self.tasks.start("store", self.recorder.run())
        await self.errands.open()
        return port

    async def _open(self) -> int:
        """Open the door: on loopback, or with the node's certificate on a network."""
        where, certificate = self.where, self._certificate
        refuse_unpeopled(where, nobody=self.house.nobody)
        port = await self.gateway.open(where.port, where.host, certificate.context if certificate is not None else None)
        if certificate is not None:
            self.tasks.start("certificate", self._watch(certificate))
        return port

    async def _watch(self, certificate: NodeCertificate) -> None:
        """A renewed certificate and a newer revocation list are taken up while the node runs."""
        while True:
            try:
                certificate.renewed()
                self.hub.clear_notice(RENEWAL)
            except YilanError as error:
                self.hub.notice(not_renewed(error))
            self.house.gate.listed(certificate.revoked())
            if (ends := certificate.notice()) is not None:
                self.hub.notice(ends)
            else:
                self.hub.clear_notice(ENDS)
            await asyncio.sleep(CERTIFICATE_S)

    async def close(self) -> None:
        """End everything, in order: replays, the door, the sources, journal and store with all they said, the rest."""
        self.replays.close()
        await self.gateway.close()
        await self.house.close()
        await self.errands.close()
        self.tasks.cancel(SOURCES)
        await self.journalled.close()
        await self.intents.close()
        await self.recorder.close()
        await self.tasks.close()

    def _heard(self, kind: ChannelKind, columns: Columns) -> None:
        self.alarms.observe(kind, columns)
        self.recorder.samples(kind, columns)

    async def _past(self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0) -> Rows:
        store = self.recorder.store
        if store is None:
            raise RefusedError("the store is not open: see the notices")
        return await store.read(ids, kind, start_ns, end_ns, since_ns=since_ns)

    async def _make_store(self) -> Store:
        made = await asyncio.to_thread(resolve, STORE)
        folder = store_folder(Path(self._boot.state), simulated=self._simulated)
        store: Store = made(
            folder,
            self._keep.retention(),
            clock=self.hub.clock,
            on_notice=self.hub.notice,
            on_clear=self.hub.clear_notice,
            remember=True,
        )
        return store

    async def _make_journal(self) -> Journal:
        made: type[Journal] = await asyncio.to_thread(resolve, JOURNAL)
        folder = journal_folder(Path(self._boot.state), simulated=self._simulated)
        grown, notice, clear = self.journalled.grown, self.hub.notice, self.hub.clear_notice
        return made(folder, self._id, on_growth=grown, on_notice=notice, on_clear=clear)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + FLUSH_S, loop.time())
            await asyncio.sleep(due - loop.time())
            try:
                self.hub.flush()
            except Exception as error:  # one thing that cannot be sent must not silence all that comes after it
                log.exception("flush failed")
                self._task_failed("hub.flush", error)
            self.gateway.flushed()

    def _serve_file(self, slug: str, file: str, loop: bool) -> str:
        self._tell({"camera": {"path": slug, "file": file, "loop": loop}})
        return f"{self._boot.camera_base}/{slug}"

    def _task_failed(self, name: str, error: BaseException) -> None:
        summary = Text(f"节点任务 {name} 失败", f"Node task {name} failed")
        self.hub.notice(Notice(key=f"task:{name}", severity=Severity.ERROR, summary=summary, detail=repr(error)))


def _make(spec: SourceSpec, entry: SourceEntry) -> Source:
    source: Source = resolve(spec.factory)(entry.settings)
    return source


def _node_id(state: Path) -> str:
    """The node's durable id: made once, kept in its state folder."""
    path = state / "node-id"
    if path.exists():
        return path.read_text("ascii").strip()
    made = uuid.uuid4().hex
    path.write_text(made + "\n", "ascii")
    return made


def _control(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Read the control pipe to its end in a daemon thread: the parent's death ends us whatever the loop is doing."""
    for _ in sys.stdin.buffer:
        pass
    loop.call_soon_threadsafe(ended.set)


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _main() -> int:
    boot = msgspec.json.decode(sys.stdin.buffer.readline(), type=Boot)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        hold_state(Path(boot.state))
        node = Node(boot, _tell)
        port = await node.start()
    except YilanError as error:
        _tell({"failed": str(error)})
        return 1
    threading.Thread(target=_control, args=(loop, ended), name="control", daemon=True).start()
    url = f"{'wss' if boot.tls else 'ws'}://{node.where._replace(port=port)}"
    _tell({"ready": {"port": port, "url": url}})
    node.house.say_code(_tell)
    await ended.wait()
    await node.close()
    return 0


def main() -> int:
    """Entry point of `python -m console.node.serve`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    return asyncio.run(_main())


if __name__ == "__main__":
    sys.exit(main())
