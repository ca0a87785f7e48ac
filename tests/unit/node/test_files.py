"""Files that persons attach: kept by hash, in parts, over cuts, within bounds, and nothing false among them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from console.api import BadInput, RefusedError, ResourceError
from console.node import files
from console.node.files import DAY_S, LEFT_FREE, MOST_PARTS, PART_KEPT_S, Files

PHOTO = bytes(range(256)) * 40
SHA = hashlib.sha256(PHOTO).hexdigest()


def paths(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_file_in_parts_is_here_once_it_is_whole_and_a_new_run_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    first = Files(tmp_path / "files")
    assert await first.put(SHA, len(PHOTO), 0, b"") == files.Held(held=0)
    assert (await first.put(SHA, len(PHOTO), 0, PHOTO[:4000])).held == 4000
    assert not first.has(SHA)
    second = Files(tmp_path / "files")
    assert await second.put(SHA, len(PHOTO), 0, b"") == files.Held(held=4000)
    # a part that came twice, or too early, changes nothing
    assert (await second.put(SHA, len(PHOTO), 0, PHOTO[:4000])).held == 4000
    assert (await second.put(SHA, len(PHOTO), 8000, PHOTO[8000:])).held == 4000
    assert await second.put(SHA, len(PHOTO), 4000, PHOTO[4000:]) == files.Held(held=len(PHOTO), done=True)
    assert second.has(SHA)
    assert second.read(SHA) == PHOTO
    assert await second.put(SHA, len(PHOTO), 0, b"") == files.Held(held=len(PHOTO), done=True)
    assert [path.name for path in paths(tmp_path / "files")] == [SHA]


async def test_what_is_not_what_its_hash_says_is_thrown_away_and_can_be_sent_again(tmp_path: Path) -> None:
    kept = Files(tmp_path)
    with pytest.raises(BadInput, match="send it again"):
        await kept.put(SHA, len(PHOTO), 0, bytes(len(PHOTO)))
    assert not kept.has(SHA)
    assert (await kept.put(SHA, len(PHOTO), 0, PHOTO)).done


@pytest.mark.parametrize(
    ("sha256", "size", "offset", "said"),
    [
        ("../../etc/passwd", 5, 0, "64 digits"),
        (SHA.upper(), 5, 0, "64 digits"),
        (SHA, 0, 0, "1 to"),
        (SHA, files.MOST_BYTES + 1, 0, "1 to"),
        (SHA, 3, 0, "within 3"),
        (SHA, 10, -1, "within 10"),
        (SHA, 10, 8, "within 10"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_was_found_and_expected(
    tmp_path: Path, sha256: str, size: int, offset: int, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        await Files(tmp_path).put(sha256, size, offset, b"12345")
    assert paths(tmp_path) == []


async def test_bounds_are_held_and_what_nobody_goes_on_with_makes_room(tmp_path: Path) -> None:
    now = [0.0]
    kept = Files(tmp_path, most_total=len(PHOTO) + 10, now_s=lambda: now[0])
    for number in range(MOST_PARTS):
        sha256 = hashlib.sha256(bytes([number])).hexdigest()
        await kept.put(sha256, 5, 0, b"1")
    with pytest.raises(RefusedError, match="on their way") as refused:
        await kept.put(SHA, len(PHOTO), 0, PHOTO)
    assert "在上传" in refused.value.zh
    now[0] = max(path.stat().st_mtime for path in paths(tmp_path)) + PART_KEPT_S + 1
    assert (await kept.put(SHA, len(PHOTO), 0, PHOTO)).done
    other = PHOTO + b"!"
    with pytest.raises(RefusedError, match="at most"):
        await kept.put(hashlib.sha256(other).hexdigest(), len(other), 0, other)
    with pytest.raises(RefusedError, match="at most"):
        await Files(tmp_path, most_total=len(PHOTO) + 10).put(hashlib.sha256(other).hexdigest(), len(other), 0, other)


async def test_a_person_has_a_share_of_a_day_and_leaves_room_for_others(tmp_path: Path) -> None:
    now = [0.0]
    kept = Files(tmp_path, most_of_one=10, now_s=lambda: now[0])

    async def attach(content: bytes, who: str) -> bool:
        return (await kept.put(hashlib.sha256(content).hexdigest(), len(content), 0, content, who)).done

    assert await attach(b"123456", "li")
    assert await attach(b"123456", "li"), "what is here costs nothing again"
    with pytest.raises(RefusedError, match="found 11 bytes attached by you within a day, expected at most 10") as told:
        await attach(b"12345", "li")
    assert "上限 10" in told.value.zh
    assert await attach(b"12345", "wang")
    now[0] = DAY_S + 1
    assert await attach(b"abcdef", "li")


async def test_an_attachment_leaves_the_disk_room_for_what_must_be_saved(tmp_path: Path) -> None:
    kept = Files(tmp_path, free_bytes=lambda _folder: LEFT_FREE + 4)
    with pytest.raises(RefusedError, match="make room on it"):
        await kept.put(hashlib.sha256(b"12345").hexdigest(), 5, 0, b"12345")
    assert (await kept.put(hashlib.sha256(b"1234").hexdigest(), 4, 0, b"1234")).done


async def test_what_a_new_run_goes_on_with_hides_nothing_of_what_is_here(tmp_path: Path) -> None:
    first, other = Files(tmp_path), PHOTO + b"!"
    await first.put(hashlib.sha256(other).hexdigest(), len(other), 0, other)
    await first.put(SHA, len(PHOTO), 0, PHOTO[:4000])
    second = Files(tmp_path, most_total=2 * len(other))
    assert (await second.put(SHA, len(PHOTO), 4000, PHOTO[4000:])).done
    with pytest.raises(RefusedError, match=f"keeps {len(PHOTO) + len(other)} bytes"):
        await second.put(hashlib.sha256(b"third").hexdigest(), 5, 0, b"third")


async def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"not a folder")
    with pytest.raises(ResourceError, match="disk"):
        await Files(tmp_path / "files").put(SHA, len(PHOTO), 0, PHOTO)
