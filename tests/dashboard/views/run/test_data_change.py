"""A run's page tells that the file of its dataset has changed since."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from dashboard.loaders import own_data
from trainer.config.file_datasets import Csv, Npz
from trainer.data import load
from trainer.data.profile import content_of
from trainer.home import Home

LATER_MS, EARLIER_MS = 4_000_000_000_000, 1_000


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    Home.resolve(tmp_path / "home").make()
    path = tmp_path / "table.csv"
    pd.DataFrame({"size": range(40), "answer": ["yes", "no"] * 20}).to_csv(path, index=False)
    yield path
    st.cache_data.clear()


def test_same_content_is_no_change_whenever_it_was_written(table: Path) -> None:
    digest = content_of(table).digest[:36]
    dataset = Csv(path=str(table), target=("answer",))
    os.utime(table)
    assert own_data.changed_since(dataset, digest, EARLIER_MS) == ()


def test_file_not_written_since_the_run_is_not_read_again(table: Path) -> None:
    assert own_data.changed_since(Csv(path=str(table), target=("answer",)), "0" * 36, LATER_MS) == ()


def test_other_content_is_told_with_what_changed_if_both_are_kept(table: Path) -> None:
    dataset = Csv(path=str(table), target=("answer",))
    digest = content_of(table).digest[:36]
    own_data.keep("mine", own_data.found(str(table)), {"target": "answer"}, copy=False)
    pd.DataFrame({"size": range(60), "answer": ["yes", "no"] * 30}).to_csv(table, index=False)
    assert own_data.changed_since(dataset, digest, EARLIER_MS) == ("The file has changed.",)
    own_data.keep("mine", own_data.found(str(table)), {"target": "answer"}, copy=False)
    told = own_data.changed_since(dataset, digest, EARLIER_MS)
    assert told[:2] == ("The file has changed.", "20 rows more: 40 → 60.")


def test_missing_file_is_told(table: Path) -> None:
    table.unlink()
    dataset = Csv(path=str(table), target=("answer",))
    assert own_data.changed_since(dataset, "0" * 36, EARLIER_MS) == ("The file is no longer there.",)


def test_arrays_are_compared_not_the_bytes_of_their_file(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table.with_name("own.npz")
    x, y = np.arange(80.0).reshape(40, 2), np.arange(40) % 2
    np.savez(path, x=x, y=y)
    dataset = Npz(path=str(path))
    digest = load(dataset, home=Home.resolve()).digest[:36]
    np.savez_compressed(path, y=y, x=x)
    assert own_data.changed_since(dataset, digest, EARLIER_MS) == ()
    np.savez(path, x=x + 1, y=y)
    assert own_data.changed_since(dataset, digest, EARLIER_MS) == ("The file has changed.",)
    assert own_data.changed_since(dataset, digest, LATER_MS) == ()
    monkeypatch.setattr(own_data, "_LARGEST_READ", 10)
    (told,) = own_data.changed_since(dataset, digest, EARLIER_MS)
    assert told.startswith("The file was written after the run started; it is larger than 10 bytes")
    monkeypatch.setattr(own_data, "_LARGEST_READ", 10**9)
    path.write_bytes(b"no archive")
    (told,) = own_data.changed_since(dataset, digest, EARLIER_MS)
    assert told.startswith("The file can no longer be read: ")
