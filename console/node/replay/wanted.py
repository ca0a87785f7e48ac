"""Which sensors the readers of a replay's hub want, and what is news to them; knows no store and no clock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from console.api import Area, ChannelKind, Columns, Sensor
from console.node.choice import Choice
from console.node.hub import Hub
from console.node.replay.picture import Entities, by_kind
from console.node.replay.reading import Wanted


def meant(hub: Hub, entities: Entities) -> list[Sensor]:
    """The sensors that readers subscribe to, were `entities` all there is."""
    areas = entities.get(Area.CLS, {}).values()
    choices = [Choice(feed.selector, areas) for feed in hub.feeds]
    sensors = [entity for entity in entities.get(Sensor.CLS, {}).values() if isinstance(entity, Sensor)]
    return [sensor for sensor in sensors if any(choice(sensor) for choice in choices)]


def read_by_feeds(hub: Hub) -> np.ndarray:
    """Mask of the handles that some feed means."""
    mask = np.zeros(len(hub.ids), bool)
    for feed in hub.feeds:
        mask |= feed.mask
    return mask


def of_mask(hub: Hub, mask: np.ndarray) -> Wanted:
    """The sensors of some handles, by channel kind."""
    sensors = hub.entities.get(Sensor.CLS, {})
    found = (sensors.get(hub.ids[handle]) for handle in np.flatnonzero(mask).tolist())
    return by_kind(sensor for sensor in found if isinstance(sensor, Sensor))


def know(hub: Hub, kind: ChannelKind, ids: Sequence[str], columns: Columns) -> None:
    """Last samples, published where they are news; `columns.ids` index into `ids`."""
    handles = np.array([hub.handles[id_] for id_ in ids], np.int64)[columns.ids]
    news = np.array([hub.last(handle)[0] < t for handle, t in zip(handles, columns.t_ns, strict=True)], bool)
    if news.any():
        t_ns, v, q = columns.t_ns[news], columns.v[news], columns.q[news]
        hub.samples(kind, Columns(t_ns=t_ns, v=v, q=q, ids=handles[news].astype(np.uint32)))
