"""Writing generated files: own files are kept up to date; foreign files are never touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from typedwiki.write import MANIFEST, CollisionError, write


def test_only_changed_files_are_written(tmp_path: Path) -> None:
    assert write(tmp_path, {"a/x": b"1", "b": b"2"}, {}).changed == ("a/x", "b")
    before = (tmp_path / "b").stat().st_mtime_ns
    assert write(tmp_path, {"a/x": b"3", "b": b"2"}, {}).changed == ("a/x",)
    assert (tmp_path / "b").stat().st_mtime_ns == before
    assert (tmp_path / "a/x").read_bytes() == b"3"
    unchanged = write(tmp_path, {"a/x": b"3", "b": b"2"}, {})
    assert (unchanged.changed, unchanged.deleted) == ((), ())


def test_obsolete_files_and_empty_folders_are_deleted(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/x": b"1", "b": b"2"}, {})
    (tmp_path / "mine").write_text("mine")
    assert write(tmp_path, {"b": b"2"}, {}).deleted == ("a/b/x",)
    assert sorted(p.name for p in tmp_path.iterdir()) == [MANIFEST, "b", "mine"]


def test_foreign_file_is_an_error_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(CollisionError, match=r"a: error W001 .*from wiki/A\.md"):
        write(tmp_path, {"a": b"1", "b": b"2"}, {"a": "wiki/A.md"})
    assert (tmp_path / "a").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_edited_file_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "a").write_text("edited")
    with pytest.raises(CollisionError):
        write(tmp_path, {"a": b"2"}, {})
    assert (tmp_path / "a").read_text() == "edited"


def test_edited_file_is_not_deleted(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "a").write_text("edited")
    assert write(tmp_path, {}, {}).kept == ("a",)
    assert (tmp_path / "a").read_text() == "edited"


def test_equal_file_is_adopted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    assert write(tmp_path, {"a": b"1"}, {}).changed == ()
    assert write(tmp_path, {}, {}).deleted == ("a",)


@pytest.mark.parametrize("stop_after", range(4))
def test_next_run_completes_an_interrupted_one(
    tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a": b"1", "b": b"1", "old": b"1"}, {})
    original_replace, calls = Path.replace, 0

    def replace_or_stop(path: Path, target: Path) -> Path:
        nonlocal calls
        if calls == stop_after:
            raise KeyboardInterrupt
        calls += 1
        return original_replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_or_stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"a": b"2", "b": b"2"}, {})
    monkeypatch.undo()
    write(tmp_path, {"a": b"2", "b": b"2"}, {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {
        "a": b"2",
        "b": b"2",
    }


def test_error_while_generating_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})

    def generate() -> Iterator[tuple[str, bytes]]:
        yield "a", b"2"
        yield "b/c/d", b"2"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(tmp_path, generate(), {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {"a": b"1"}


def test_collision_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / "theirs").write_bytes(b"x")
    with pytest.raises(CollisionError, match="theirs: error W001"):
        write(tmp_path, {"a": b"2", "b/c": b"2", "theirs": b"2", "d/e": b"2"}, {})
    actual = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST}
    assert actual == {"a": b"1", "theirs": b"x"}


def test_file_saved_during_generation_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})

    def generate() -> Iterator[tuple[str, bytes]]:
        yield "a", b"2"
        (tmp_path / "a").write_bytes(b"mine")
        yield "b", b"2"

    with pytest.raises(CollisionError, match="a: error W001"):
        write(tmp_path, generate(), {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != MANIFEST} == {"a": b"mine"}


def test_foreign_empty_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(parents=True)
    (tmp_path / "theirs").write_bytes(b"x")
    with pytest.raises(CollisionError):
        write(tmp_path, {"mine/b/c": b"2", "theirs": b"2"}, {})
    assert (tmp_path / "mine").is_dir()
    assert not list((tmp_path / "mine").iterdir())


def test_damaged_manifest_owns_no_files(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"}, {})
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(CollisionError):
        write(tmp_path, {"a": b"2"}, {})


def test_manifest_cannot_name_files_outside_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    folder = tmp_path / "notes"
    write(folder, {"a": b"1"}, {})
    text = (folder / MANIFEST).read_text().replace('"a"', '"../outside"')
    (folder / MANIFEST).write_text(text)
    write(folder, {"a": b"1"}, {})
    assert outside.exists()
