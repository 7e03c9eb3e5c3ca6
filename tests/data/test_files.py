"""Files that are written whole or not at all, and what is never replaced by one."""

import os
import socket
from pathlib import Path

import pytest

from trainer.data.files import write_whole
from trainer.errors import ResourceError


def _write(path: Path, *, private: bool = True) -> Path:
    return write_whole(path, lambda stream: stream.write(b"new"), private=private)


def test_new_file_is_private_unless_it_is_a_persons_own(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        modes = [_write(tmp_path / "deep" / str(each), private=each).stat().st_mode & 0o777 for each in (True, False)]
    finally:
        os.umask(before)
    assert modes == [0o600, 0o640]
    assert sorted(each.name for each in (tmp_path / "deep").iterdir()) == ["False", "True"]


def test_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    file.chmod(0o754)
    _write(file)
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o754


@pytest.mark.parametrize("exists", [True, False], ids=["target there", "dangling"])
def test_target_of_a_symlink_is_written_and_the_link_stays(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "kept" / "target", tmp_path / "link"
    target.parent.mkdir()
    if exists:
        target.write_bytes(b"old")
    link.symlink_to(target)
    _write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "link to a device", "circle"])
def test_what_is_no_regular_file_is_refused_and_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    elif kind == "device":
        path = Path(os.devnull)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(os.devnull if kind == "link to a device" else path)
    before = path.lstat()
    with pytest.raises(ResourceError, match=r"is (a folder|not a regular file); expected a new file"):
        _write(path)
    assert (path.lstat().st_mode, path.lstat().st_ino) == (before.st_mode, before.st_ino)


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def fail(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ResourceError, match="No space left"):
        write_whole(file, fail)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert file.read_bytes() == b"old"
