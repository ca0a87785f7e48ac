"""What a report begins with, from what is selected: an alarm's stream, a camera, an area; Qt-free."""

from __future__ import annotations

from typing import Any, Final

from console.api import Alarm, Area, Camera, Domain, Entity, Host, Incident, Post, Resource, Sensor, Text
from widgets.incidents.asks import Values
from widgets.kit.names import place_of, subject_of, what_of

NATURES: Final = (
    (Text("燃气泄漏", "gas leak"), ("燃气", "漏气", "煤气", "天然气", "gas")),
    (Text("火灾", "fire"), ("火", "燃烧", "冒烟", "fire", "smoke")),
    (Text("爆炸", "explosion"), ("爆炸", "explosion")),
    (Text("内涝积水", "flooding"), ("积水", "内涝", "下穿", "被淹", "flooded", "underpass")),
    (Text("洪水", "river flood"), ("水位", "洪", "决口", "river", "dam")),
    (Text("供水中断", "water cut"), ("停水", "水管", "爆管", "供水", "water main")),
    (Text("停电", "power cut"), ("停电", "断电", "变电", "跳闸", "油温", "power", "outage")),
    (Text("交通事故", "road accident"), ("车祸", "追尾", "撞", "翻车", "交通", "crash", "collision")),
    (Text("电梯困人", "people in a lift"), ("电梯", "lift", "elevator")),
    (Text("危化品泄漏", "chemical leak"), ("危化", "化工", "可燃气", "氯", "氨", "chemical")),
    (Text("房屋坍塌", "collapse"), ("坍塌", "倒塌", "塌", "collapse")),
    (Text("地质灾害", "landslide"), ("滑坡", "泥石流", "落石", "landslide")),
    (Text("树木倒伏", "fallen tree"), ("树", "tree")),
    (Text("人员走失", "missing person"), ("走失", "失踪", "missing person")),
    (Text("治安事件", "public order"), ("打架", "斗殴", "聚集", "治安", "fight")),
    (Text("公共卫生", "public health"), ("中毒", "疫", "发热", "poison")),
)
"""Natures that are offered, each with words that speak for it."""


def nature_of(text: str, language: str) -> str:
    """The nature that a sentence speaks for, "" where none does."""
    low = text.lower()
    return next((nature.of(language) for nature, words in NATURES if any(word in low for word in words)), "")


def from_selection(host: Host) -> tuple[Values, dict[str, Any]]:
    """(fields, what goes with them unseen: board, alarm, sensors, lon, lat) from what is selected."""
    kind, _, id_ = host.selection.partition(":")
    if kind == "alarm":
        alarm = host.entities(Alarm).get(id_)
        return of_alarm(host, alarm) if alarm is not None else ({}, {})
    if kind == "sensor":
        sensor = host.entities(Sensor).get(id_)
        return (of_sensor(host, sensor)) if sensor is not None else ({}, {})
    if kind == "area":
        return {"area": id_}, {}
    classes: dict[str, type[Entity]] = {c.CLS: c for c in (Camera, Post, Resource, Incident)}
    cls = classes.get(kind)
    found: Any = host.entities(cls).get(id_) if cls is not None else None
    if found is None:
        return {}, {}
    values = {"area": found.area} if found.area in host.entities(Area) else {}
    if isinstance(found, Camera):
        values["place"] = found.name.of(host.language)
        return values, _at(found)
    return values, {}


def of_sensor(host: Host, sensor: Sensor) -> tuple[Values, dict[str, Any]]:
    """From a stream: its open alarm where it has one."""
    open_ = [a for a in host.entities(Alarm).values() if a.sensor == sensor.id and not a.ended_ns]
    if open_:
        return of_alarm(host, min(open_, key=lambda a: (a.priority, -a.raised_ns)))
    return _where(host, sensor), {"board": sensor.board.value, "sensors": [sensor.id], **_at(sensor)}


def of_alarm(host: Host, alarm: Alarm) -> tuple[Values, dict[str, Any]]:
    """From an alarm: what is wrong, where, and what that speaks for."""
    sensor = host.entities(Sensor).get(alarm.sensor)
    if sensor is None:
        return {}, {}
    language = host.language
    what = what_of(alarm, sensor, language)
    place = place_of(sensor, host.entities(Area), language)
    domain = host.entities(Domain).get(sensor.domain)
    trade = domain.name.of(language) if domain is not None else ""
    values = {
        **_where(host, sensor),
        "title": f"{place} {what}".strip(),
        "reported_by": "监测报警" if language == "zh" else "monitoring alarm",
        "nature": nature_of(f"{trade} {what}", language) or sensor.alarm_text.of(language) or trade,
    }
    unseen = {"board": sensor.board.value, "alarm": alarm.id, "sensors": [sensor.id], **_at(sensor)}
    return values, unseen


def of_incident(host: Host, incident: Incident) -> Values:
    """What a source tells of an incident that is taken on."""
    language = host.language
    title = incident.title.of(language)
    return {
        "title": title,
        "area": incident.area,
        "place": incident.place.of(language),
        "nature": nature_of(title, language),
        "grade": str(incident.grade) if 1 <= incident.grade <= 4 else "",
    }


def _where(host: Host, sensor: Sensor) -> Values:
    area = sensor.area if sensor.area in host.entities(Area) else ""
    return {"area": area, "place": subject_of(sensor, host.language)}


def _at(thing: Sensor | Camera) -> dict[str, Any]:
    return {"lon": thing.lon, "lat": thing.lat} if thing.lon is not None and thing.lat is not None else {}
