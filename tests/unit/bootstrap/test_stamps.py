"""A step runs again exactly when what it was made from has changed or what it made is gone."""

from pathlib import Path

from console.bootstrap.stamps import Stamps, fingerprint, identity


def test_a_stamp_holds_until_its_key_changes(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps")
    assert not stamps.holds("step", "a", [])
    stamps.put("step", "a")
    assert stamps.holds("step", "a", [])
    assert not stamps.holds("step", "b", [])
    assert not stamps.holds("other", "a", [])


def test_a_stamp_fails_when_an_output_is_gone(tmp_path: Path) -> None:
    stamps, output = Stamps(tmp_path / "stamps"), tmp_path / "made"
    stamps.put("step", "a")
    assert not stamps.holds("step", "a", [output])
    output.touch()
    assert stamps.holds("step", "a", [output])


def test_a_dropped_stamp_does_not_hold(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps")
    stamps.put("step", "a")
    stamps.drop("step")
    stamps.drop("never made")
    assert not stamps.holds("step", "a", [])


def test_the_fingerprint_follows_content_names_and_facts(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("one")
    second.write_text("two")
    key = fingerprint([first, second], "fact")
    assert fingerprint([second, first], "fact") == key
    assert fingerprint([first, second], "other fact") != key
    assert fingerprint([first], "fact") != key
    second.write_text("2")
    assert fingerprint([first, second], "fact") != key
    second.unlink()
    assert fingerprint([first, second], "fact") not in {key, fingerprint([first], "fact")}


def test_identity_tells_a_file_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "pyvenv.cfg"
    assert identity(path) == "missing"
    path.write_text("same")
    was = identity(path)
    assert identity(path) == was
    (tmp_path / "new").write_text("same")
    (tmp_path / "new").replace(path)
    assert identity(path) != was
