"""Pictures in folders, zip files and tables: how they are read, and what is said about those that cannot be."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support.picture_files import cuttings, picture_config, picture_table, zipped
from trainer.data import changed_at, describe, load, preview
from trainer.data.chosen import samples_at
from trainer.data.prepared import Stream
from trainer.data.schema import Kind
from trainer.data.sources.pictures import Shaping
from trainer.errors import DataError
from trainer.home import Home

_CUT = b"\xff\xd8\xff\xe0 not a JPEG file"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cuttings(tmp_path_factory.mktemp("own") / "pictures")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_folder_zip_and_table_give_the_same_samples(pictures: Path, home: Home) -> None:
    folder, archive, table = (
        load(picture_config(path).dataset, home=home) for path in (pictures, zipped(pictures), picture_table(pictures))
    )
    assert folder.schema.class_names == table.schema.class_names == ("china", "flower")
    assert folder.schema.kind is Kind.IMAGES
    assert folder.schema.input_shape == (8, 10, 3)
    for part in ("train", "validation", "test"):
        of_folder, of_archive, of_table = (getattr(each, part) for each in (folder, archive, table))
        assert of_folder.x.tobytes() == of_archive.x.tobytes() == of_table.x.tobytes()
        assert of_folder.y.tobytes() == of_archive.y.tobytes() == of_table.y.tobytes()
    assert folder.digest == archive.digest != table.digest
    assert "1 row without a target is left out." in table.notes


def test_samples_are_the_decoded_pictures_divided_by_255(pictures: Path, home: Home) -> None:
    splits = load(picture_config(pictures).dataset, home=home)
    files = sorted(pictures.rglob("*.*"))
    assert splits.test_rows is not None
    pixels = np.array([Shaping(size=(8, 10)).apply(files[row].read_bytes()) for row in splits.test_rows])
    assert splits.test.x.tobytes() == (pixels / 255).astype(np.float32).tobytes()
    shown = samples_at(
        picture_config(pictures).dataset, [1], part="test", rows=splits.test_rows, digest=splits.digest, home=home
    )
    assert np.array_equal(shown.x, pixels[1:2])
    assert splits.preparation()["image_size"] == [8, 10]


def test_pictures_too_large_for_memory_are_streamed_with_the_same_bits(pictures: Path, home: Home) -> None:
    dataset = picture_config(pictures, color_mode="rgba").dataset
    held, streamed = load(dataset, home=home), load(dataset, home=home, held=0)
    assert held.digest == streamed.digest
    for one, other in ((held.train, streamed.train), (held.test, streamed.test)):
        assert isinstance(one.x, np.ndarray)
        assert isinstance(other.x, Stream)
        assert other.x[np.arange(len(other.y))].tobytes() == one.x.tobytes()
    # The pixels are in the cache once, not again as floats.
    assert len(list(home.cache.glob("*.rows"))) == 1


def test_a_table_divides_pictures_by_a_column_and_predicts_numbers(pictures: Path, home: Home) -> None:
    table = picture_table(pictures)
    fields = {"target": "size", "task": "regression", "split": {"by": "time", "column": "size"}}
    splits = load(picture_config(table, **fields).dataset, home=home)
    assert splits.train.y.max() < splits.validation.y.min() <= splits.validation.y.max() < splits.test.y.min()
    with pytest.raises(DataError, match=r"pictures\.csv has no column 'image' for column; it has file, kind"):
        load(picture_config(table, column="image").dataset, home=home)


def test_broken_pictures_are_refused_or_left_out(pictures: Path, home: Home, tmp_path: Path) -> None:
    folder = shutil.copytree(pictures, tmp_path / "damaged")
    whole = describe(picture_config(folder).dataset, home=home).samples
    (folder / "china" / "cut.jpg").write_bytes(_CUT)
    dataset = picture_config(folder).dataset
    for read in (describe, load):
        with pytest.raises(
            DataError, match=r"1 picture in damaged cannot be used: .china/cut\.jpg. is damaged .*skip_broken: true"
        ):
            read(dataset, home=home)
    skipping = picture_config(folder, skip_broken=True).dataset
    assert describe(skipping, home=home).samples == whole
    splits = load(skipping, home=home)
    assert any("1 picture that cannot be read is left out: china/cut.jpg" in note for note in splits.notes)
    assert not any("without a target" in note for note in splits.notes)
    assert splits.preparation()["source"]["broken"] == ["china/cut.jpg"]
    assert splits.train.x.tobytes() == load(picture_config(pictures).dataset, home=home).train.x.tobytes()
    for file in folder.rglob("*.*"):
        file.write_bytes(_CUT)
    with pytest.raises(DataError, match="damaged has no picture that can be read; check the files"):
        load(skipping, home=home)


def test_repeated_pictures_are_left_out_by_their_content(pictures: Path, home: Home, tmp_path: Path) -> None:
    folder = shutil.copytree(pictures, tmp_path / "repeated")
    first = (folder / "flower" / "1.jpg").read_bytes()
    (folder / "flower" / "copy.jpg").write_bytes(first)
    (folder / "china" / "of another class.jpg").write_bytes(first)
    whole = describe(picture_config(pictures).dataset, home=home).samples
    assert describe(picture_config(folder).dataset, home=home).samples == whole + 2
    splits = load(picture_config(folder, drop_duplicates=True).dataset, home=home)
    assert splits.schema.samples == whole + 1
    assert "1 row that repeats an earlier row is left out." in splits.notes
    table = load(picture_config(picture_table(folder), drop_duplicates=True).dataset, home=home)
    assert table.train.x.tobytes() == splits.train.x.tobytes()


def test_changed_picture_is_another_content(pictures: Path, home: Home, tmp_path: Path) -> None:
    folder = shutil.copytree(pictures, tmp_path / "changing")
    for path in (folder, picture_table(folder)):
        dataset = picture_config(path).dataset
        first, file = load(dataset, home=home), folder / "flower" / "1.jpg"
        before = changed_at(dataset, home=home)
        file.write_bytes((folder / "flower" / ("11.jpg" if path == folder else "5.jpg")).read_bytes())
        second = load(dataset, home=home)
        assert first.digest != second.digest
        assert first.train.x.tobytes() + first.test.x.tobytes() + first.validation.x.tobytes() != (
            second.train.x.tobytes() + second.test.x.tobytes() + second.validation.x.tobytes()
        )
        assert changed_at(dataset, home=home) >= before


def test_preview_decodes_only_what_it_shows(pictures: Path, home: Home) -> None:
    shown = preview(picture_config(pictures).dataset, home=home, count=4)
    assert shown is not None
    assert (shown.x.shape, shown.x.dtype, shown.y.tolist()) == ((4, 8, 10, 3), np.uint8, [0, 1, 0, 1])
    assert not home.cache.exists() or not list(home.cache.iterdir())


def test_unusable_fields_are_refused_in_a_sentence(pictures: Path, home: Home) -> None:
    with pytest.raises(DataError, match="crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other"):
        load(picture_config(pictures, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True).dataset, home=home)
    with pytest.raises(DataError, match=r"pictures has no column 'name' for target"):
        load(picture_config(pictures, target="name").dataset, home=home)
    with pytest.raises(DataError, match=r"nowhere does not exist; check the path"):
        load(picture_config(pictures / "nowhere").dataset, home=home)
