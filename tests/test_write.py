"""What is ours is kept in step; what is not is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from typedwiki.write import MANIFEST, CollisionError, write


def test_writes_only_what_changed(tmp_path: Path) -> None:
    assert write(tmp_path, {"a/x": b"1", "b": b"2"}, {}).changed == ("a/x", "b")
    before = (tmp_path / "b").stat().st_mtime_ns
    assert write(tmp_path, {"a/x": b"3", "b": b"2"}, {}).changed == ("a/x",)
    assert (tmp_path / "b").stat().st_mtime_ns == before
    assert (tmp_path / "a/x").read_bytes() == b"3"
    written = write(tmp_path, {"a/x": b"3", "b": b"2"}, {})
    assert (written.changed, written.deleted) == ((), ())


def test_deletes_what_it_wrote_and_the_folders_left_empty(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/x": b"1", "b": b"2"}, {})
    (tmp_path / "mine").write_text("mine")
    assert write(tmp_path, {"b": b"2"}, {}).deleted == ("a/b/x",)
    assert sorted(p.name for p in tmp_path.iterdir()) == [MANIFEST, "b", "mine"]


def test_a_file_of_somebody_elses_is_an_error_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(CollisionError, match=r"a: error W001 .*from wiki/A\.md"):
        write(tmp_path, {"a": b"1", "b": b"2"}, {"a": "wiki/A.md"})
    assert (tmp_path / "a").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_generated_file_that_was_edited_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "a").write_text("edited")
    with pytest.raises(CollisionError):
        write(tmp_path, {"a": b"2"}, {})
    assert (tmp_path / "a").read_text() == "edited"


def test_a_generated_file_that_was_edited_is_not_deleted(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "a").write_text("edited")
    assert write(tmp_path, {}, {}).kept == ("a",)
    assert (tmp_path / "a").read_text() == "edited"


def test_an_equal_file_is_adopted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    assert write(tmp_path, {"a": b"1"}, {}).changed == ()
    assert write(tmp_path, {}, {}).deleted == ("a",)


@pytest.mark.parametrize("stop_after", range(4))
def test_an_interrupted_run_is_finished_by_the_next(
    tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a": b"1", "b": b"1", "old": b"1"}, {})
    real, calls = Path.replace, 0

    def stops(path: Path, target: Path) -> Path:
        nonlocal calls
        if calls == stop_after:
            raise KeyboardInterrupt
        calls += 1
        return real(path, target)

    monkeypatch.setattr(Path, "replace", stops)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"a": b"2", "b": b"2"}, {})
    monkeypatch.undo()
    write(tmp_path, {"a": b"2", "b": b"2"}, {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {
        "a": b"2",
        "b": b"2",
    }


def test_files_that_cannot_all_be_made_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})

    def made() -> Iterator[tuple[str, bytes]]:
        yield "a", b"2"
        yield "b/c/d", b"2"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(tmp_path, made(), {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {"a": b"1"}


def test_a_collision_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "theirs").write_bytes(b"x")
    with pytest.raises(CollisionError, match="theirs: error W001"):
        write(tmp_path, {"a": b"2", "b/c": b"2", "theirs": b"2", "d/e": b"2"}, {})
    found = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST}
    assert found == {"a": b"1", "theirs": b"x"}


def test_what_is_saved_while_files_are_made_stays(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})

    def made() -> Iterator[tuple[str, bytes]]:
        yield "a", b"2"
        (tmp_path / "a").write_bytes(b"mine")
        yield "b", b"2"

    with pytest.raises(CollisionError, match="a: error W001"):
        write(tmp_path, made(), {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {"a": b"mine"}


def test_a_folder_of_somebody_elses_stays_though_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(parents=True)
    (tmp_path / "theirs").write_bytes(b"x")
    with pytest.raises(CollisionError):
        write(tmp_path, {"mine/b/c": b"2", "theirs": b"2"}, {})
    assert (tmp_path / "mine").is_dir()
    assert not list((tmp_path / "mine").iterdir())


def test_a_damaged_manifest_makes_nothing_ours(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(CollisionError):
        write(tmp_path, {"a": b"2"}, {})


def test_a_manifest_cannot_name_files_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    folder = tmp_path / "notes"
    write(folder, {"a": b"1"}, {})
    text = (folder / MANIFEST).read_text().replace('"a"', '"../outside"')
    (folder / MANIFEST).write_text(text)
    write(folder, {"a": b"1"}, {})
    assert outside.exists()
