from dashboard.views.run.run_files import find_files

TREE = {"": ("data.v1", "model", "a.txt"), "model": ("model/sub", "model/MLmodel"), "model/sub": ("model/sub/w.bin",)}


def listed(folder: str) -> tuple[str, ...]:
    return TREE.get(folder, ())


def test_files_of_all_folders_are_found() -> None:
    assert find_files(listed) == (("a.txt", "data.v1", "model/MLmodel", "model/sub/w.bin"), True)


def test_no_files_are_none() -> None:
    assert find_files(lambda folder: ()) == ((), True)


def test_folders_without_end_are_left_at_some_point() -> None:
    found = find_files(lambda folder: (f"{folder}/deeper", f"{folder}/a.txt"))
    assert not found.is_all
    assert 0 < len(found.paths) <= 500


def test_more_files_than_can_be_shown_are_cut() -> None:
    found = find_files(lambda folder: tuple(f"{place}.txt" for place in range(900)))
    assert len(found.paths) == 500
    assert not found.is_all
