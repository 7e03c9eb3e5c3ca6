import hashlib
import io
import json
import math
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.picture_files import cuttings, picture_config
from tests.support.text_files import reviews, text_config
from trainer.cli import make_app, run_app
from trainer.config import dump_config, load_config
from trainer.data.packed import pack_folder, unpack_folder
from trainer.data.profile.versions import digest_of_data
from trainer.errors import ConfigError, DataError
from trainer.execution import enqueue, queue_name
from trainer.home import Home
from trainer.reproduce.bundle import CONFIG, DATA, FOLDER, HISTORY, LIMITS, MANIFEST, MODEL, SCRIPT
from trainer.reproduce.bundle_reader import read_bundle
from trainer.reproduce.replay import config_here
from trainer.tracking import Status, Store, Tag
from trainer.tracking.run import Point

CONFIG_TEXT = """\
dataset: iris
layers: [{layer: Dense, units: 3}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
epochs: 2
"""
ENVIRONMENT = {"python": "3.11.9", "training": {"threads": {"intra": 1, "inter": 1}, "data_digest": "d"}}


def _run(*words: object) -> int:
    return run_app(make_app(), [str(word) for word in words])


def _made(store: Store, home: Home, text: str = CONFIG_TEXT, status: Status = Status.FINISHED) -> str:
    """A run without a training."""
    run_id = enqueue(store, load_config(text), queue=queue_name(home))
    store.log_metrics(
        run_id, [Point("loss", 2.5, 1, 1), Point("loss", math.nan, 2, 2), Point("epoch_seconds", 1, 1, 1)]
    )
    store.log_file(run_id, "environment.json", json.dumps(ENVIRONMENT).encode())
    store.set_tags(run_id, {Tag.WEIGHTS: "ab" * 32, Tag.THREADS: '{"intra":1,"inter":1}'})
    store.set_status(run_id, status)
    return run_id


@pytest.fixture
def bundle(home: Home, store: Store, tmp_path: Path) -> Path:
    target = tmp_path / "bundle.zip"
    assert _run("export", _made(store, home), "--to", "bundle", "-o", target, "--home", home.path) == 0
    return target


def _files(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write(bundle: Path, files: dict[str, bytes], *, mend: bool = True) -> None:
    """Writes the files as a bundle, with digests that fit where `mend` is set: a stranger can do that too."""
    if mend and MANIFEST in files:
        manifest = json.loads(files[MANIFEST])
        manifest["sha256"] = {name: hashlib.sha256(files[name]).hexdigest() for name in files if name != MANIFEST}
        files = {**files, MANIFEST: json.dumps(manifest).encode()}
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("name", ["Größe 漢字 😀", "a\x85b\u2028c", "\U0010ffff", "quote \" ' \\ud83d"])
def test_bundle_keeps_every_name(home: Home, store: Store, tmp_path: Path, name: str) -> None:
    config = load_config(CONFIG_TEXT).model_copy(update={"name": name})
    target = tmp_path / "bundle.zip"
    run_id = _made(store, home, config.canonical_json())
    assert _run("export", run_id, "--to", "bundle", "-o", target, "--home", home.path) == 0
    assert read_bundle(target).config == config
    first_line = f"# {name}: a network for iris, in plain Keras."
    assert _files(target)[SCRIPT].decode().startswith(first_line)
    compile(_files(target)[SCRIPT], "script.py", "exec")


def test_bundle_holds_what_the_run_is_judged_by(bundle: Path) -> None:
    files = _files(bundle)
    assert set(files) == {MANIFEST, CONFIG, "environment.json", HISTORY, SCRIPT}
    assert json.loads(files[HISTORY]) == {"loss": [[1, 2.5], [2, "nan"]]}
    assert json.loads(files[MANIFEST])["weights_sha256"] == "ab" * 32
    opened = read_bundle(bundle)
    assert opened.config == load_config(CONFIG_TEXT)
    assert opened.threads == {"intra": 1, "inter": 1}
    assert opened.record.values["loss"][1] == 2.5
    assert math.isnan(opened.record.values["loss"][2])
    assert opened.record.environment == ENVIRONMENT


@pytest.mark.parametrize("status", [Status.FAILED, Status.KILLED, Status.RUNNING])
def test_unfinished_run_makes_no_bundle(
    status: Status, home: Home, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = _made(store, home, status=status)
    assert _run("export", run_id, "--to", "bundle", "-o", tmp_path / "x.zip", "--home", home.path) == 2
    assert f"is {status}" in capsys.readouterr().err
    assert not (tmp_path / "x.zip").exists()


def _with_npz(path: Path) -> str:
    return CONFIG_TEXT.replace("dataset: iris", f"dataset: {{name: npz, path: {path}}}")


def test_own_data_go_along_and_no_path_of_the_machine_does(home: Home, store: Store, tmp_path: Path) -> None:
    own, target = tmp_path / "own.npz", tmp_path / "bundle.zip"
    np.savez(own, x=np.eye(20, 4), y=np.arange(20) % 2)
    run_id = _made(store, home, _with_npz(own))
    words = ("export", run_id, "--to", "bundle", "-o", target, "--home", home.path)
    assert _run(*words, "--with-data") == 0
    files = _files(target)
    assert files[DATA["npz"]] == own.read_bytes()
    assert not any(str(tmp_path).encode() in content for name, content in files.items() if name != DATA["npz"])
    assert b'np.load("data.npz"' in files[SCRIPT]
    kept = config_here(read_bundle(target), home=home)
    assert Path(getattr(kept.dataset, "path", "")).read_bytes() == own.read_bytes()
    own.unlink()
    assert _run(*words) == 0
    assert SCRIPT not in _files(target), "its data are gone"
    assert _run(*words, "--with-data") == 2


def test_texts_in_a_table_go_along(home: Home, store: Store, tmp_path: Path) -> None:
    target, own = tmp_path / "bundle.zip", reviews(tmp_path / "reviews.tsv.csv")
    run_id = _made(store, home, dump_config(text_config(own)))
    assert _run("export", run_id, "--to", "bundle", "-o", target, "--with-data", "--home", home.path) == 0
    files = _files(target)
    assert files["data.csv"] == own.read_bytes()
    assert b'"data.csv"' in files[SCRIPT]
    kept = config_here(read_bundle(target), home=home)
    path = Path(getattr(kept.dataset, "path", ""))
    assert (path.parent.parent, path.read_bytes()) == (home.data, own.read_bytes())


def _arrays(folder: Path) -> Path:
    folder.mkdir()
    np.save(folder / "x.npy", np.eye(20, 4))
    np.save(folder / "y.npy", np.arange(20) % 2)
    return folder


@pytest.mark.parametrize("kind", ["text", "images", "npz"])
def test_folder_goes_along_in_a_zip_file_that_gives_the_same_data(
    kind: str, home: Home, store: Store, tmp_path: Path
) -> None:
    target = tmp_path / "bundle.zip"
    if kind == "text":
        own = reviews(tmp_path / "own")
        text = dump_config(text_config(own))
    elif kind == "images":
        own = cuttings(tmp_path / "own", 8)
        text = dump_config(picture_config(own))
    else:
        own = _arrays(tmp_path / "own")
        text = _with_npz(own)
    run_id = _made(store, home, text)
    assert _run("export", run_id, "--to", "bundle", "-o", target, "--with-data", "--home", home.path) == 0
    first = _files(target)
    assert {SCRIPT, FOLDER} <= set(first)
    assert b'"own' in first[SCRIPT], "the script reads the folder beside it that data.zip unpacks to"
    assert not any(str(tmp_path).encode() in content for content in first.values())
    assert _run("export", run_id, "--to", "bundle", "-o", target, "--with-data", "--home", home.path) == 0
    assert _files(target)[FOLDER] == first[FOLDER]
    before = digest_of_data(own, load_config(text).dataset.model_dump(mode="json"))
    shutil.rmtree(own)
    dataset = config_here(read_bundle(target), home=home).dataset
    path = Path(getattr(dataset, "path", ""))
    assert (path.parent.parent, path.name) == (home.data, "own")
    assert digest_of_data(path, dataset.model_dump(mode="json")) == before
    assert not list(home.data.glob(".writing-*"))


def _zip(*members: tuple[str, bytes], mode: int = stat.S_IFREG) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode | 0o644) << 16
            archive.writestr(info, data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_zip(("own/../../out", b"x")), "expected only files in one folder"),
        (_zip(("/own/out", b"x")), "expected only files in one folder"),
        (_zip(("own/a", b"x"), ("other/b", b"x")), "expected only files in one folder"),
        (_zip((r"own/a\..\b", b"x")), "expected only files in one folder"),
        (_zip(("own/.hidden", b"x")), "expected only files in one folder"),
        (_zip(("own/a", b"/etc/passwd"), mode=stat.S_IFLNK), "is a link, encrypted or not a regular file"),
        (_zip(("own/a", bytes(2_000_000))), "unpacks to more than a bundle may contain"),
        (_zip(("own/a", b"x"), ("own/a/b", b"x")), "contains a file twice"),
        (_zip(), "has 0 files"),
        (b"PK\3\4 but not more", "is damaged"),
    ],
)
def test_zip_file_of_a_stranger_writes_nothing_outside_its_own_folder(
    content: bytes, message: str, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(DataError, match=message):
        unpack_folder(content, home=home, limit=1_000_000)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_folder_beyond_the_limit_is_not_packed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 files in .*own are more than 500 bytes, the limit of a bundle"):
        pack_folder(_arrays(tmp_path / "own"), limit=500)


def test_table_goes_along_and_its_path_is_never_read(home: Home, store: Store, tmp_path: Path) -> None:
    own, target = tmp_path / "own.csv", tmp_path / "bundle.zip"
    own.write_text("x,y\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(20)))
    text = CONFIG_TEXT.replace("dataset: iris", f"dataset: {{name: csv, path: {own}, target: y}}")
    words = ("export", _made(store, home, text), "--to", "bundle", "-o", target, "--home", home.path)
    assert _run(*words, "--with-data") == 0
    files = _files(target)
    assert files["data.csv"] == own.read_bytes()
    assert not any(str(tmp_path).encode() in content for name, content in files.items() if name != "data.csv")
    assert b"pd.read_csv(" in files[SCRIPT]
    kept = config_here(read_bundle(target), home=home)
    assert Path(getattr(kept.dataset, "path", "")).parent.parent == home.data
    assert _run(*words) == 0
    with pytest.raises(ConfigError, match="give the file with --data"):
        config_here(read_bundle(target), home=home)


def test_path_in_a_bundle_is_never_read(
    bundle: Path, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = tmp_path / "private.npz"
    np.savez(private, x=np.eye(20, 4), y=np.arange(20) % 2)
    _write(bundle, _files(bundle) | {CONFIG: _with_npz(private).encode()})
    assert _run("replay", bundle, "--home", home.path) == 2
    assert "--data" in capsys.readouterr().err
    assert getattr(config_here(read_bundle(bundle), home=home, data=private).dataset, "path", "") == str(private)


Change = Callable[[Path], object]


def _replaced(**files: bytes | None) -> Change:
    names = {"config": CONFIG, "history": HISTORY, "manifest": MANIFEST, "environment": "environment.json"}

    def change(bundle: Path) -> None:
        known = _files(bundle) | {names[key]: content for key, content in files.items() if content is not None}
        _write(bundle, {name: known[name] for name in known if files.get(_key(names, name), b"") is not None})

    return change


def _key(names: dict[str, str], name: str) -> str:
    return next((key for key, value in names.items() if value == name), "")


def _added(name: str, content: bytes = b"x") -> Change:
    return lambda bundle: _write(bundle, _files(bundle) | {name: content})


def _cut(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes()[:-200])


def _scratched(bundle: Path) -> None:
    content = bytearray(bundle.read_bytes())
    content[60:90] = b"\xff" * 30
    bundle.write_bytes(content)


def _wrong_digest(bundle: Path) -> None:
    _write(bundle, _files(bundle) | {HISTORY: b"{}"}, mend=False)


def _twice(bundle: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(CONFIG, "epochs: 7")


def _link(bundle: Path) -> None:
    files = _files(bundle)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFLNK if name == CONFIG else stat.S_IFREG) << 16
            archive.writestr(member, content)


def _patched(bundle: Path, name: str, offset: int, form: str, value: int) -> None:
    """Changes a field of a member's entry in the central directory."""
    content = bytearray(bundle.read_bytes())
    at = content.rfind(name.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    struct.pack_into(form, content, at + offset, value)
    bundle.write_bytes(content)


def _encrypted(bundle: Path) -> None:
    _patched(bundle, CONFIG, 8, "<H", 1)


def _claims_huge(bundle: Path) -> None:
    _patched(bundle, HISTORY, 24, "<I", 0xFFFFFFF0)


def _claims_small(bundle: Path) -> None:
    _patched(bundle, CONFIG, 24, "<I", 5)


def _bomb(bundle: Path) -> None:
    files = _files(bundle)
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        with archive.open(MODEL, "w") as stream:
            for _ in range(200):
                stream.write(bytes(1_000_000))


def _pickle_in_data(bundle: Path) -> None:
    content = io.BytesIO()
    np.savez(content, x=np.array([{"a": 1}] * 20, dtype=object), y=np.arange(20) % 2)
    _write(bundle, _files(bundle) | {CONFIG: _with_npz(Path("data.npz")).encode(), DATA["npz"]: content.getvalue()})


def _threads(bundle: Path) -> None:
    files = _files(bundle)
    manifest = json.loads(files[MANIFEST]) | {"threads": {"intra": 10**9, "inter": 1}}
    _write(bundle, files | {MANIFEST: json.dumps(manifest).encode()})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda bundle: bundle.unlink(), "does not exist"),
        (lambda bundle: (bundle.unlink(), bundle.mkdir()), "is a folder"),
        (lambda bundle: bundle.write_bytes(b""), "is not a bundle, or is damaged"),
        (lambda bundle: bundle.write_bytes(b"hello" * 100), "is not a bundle, or is damaged"),
        (_cut, "is not a bundle, or is damaged"),
        (_scratched, "is not a bundle, or is damaged"),
        (_wrong_digest, "does not match bundle.json"),
        (_twice, "contains 'config.yaml' more than once"),
        (_link, "is a link"),
        (_encrypted, "encrypted"),
        (_claims_huge, "would need 4.3 GB"),
        (_claims_small, "config.yaml"),
        (_bomb, "zip bomb"),
        (_pickle_in_data, "pickled"),
        (_threads, "1,000,000,000 threads"),
        (_added("../evil.py"), "which does not belong in a bundle"),
        (_added("/etc/passwd"), "which does not belong in a bundle"),
        (_added("a/config.yaml"), "which does not belong in a bundle"),
        (_added("C:\\evil"), "which does not belong in a bundle"),
        (_added("model.pkl"), "which does not belong in a bundle"),
        (_added(SCRIPT, bytes(LIMITS[SCRIPT] + 1)), "at most 2.0 MB"),
        (_replaced(config=None), "has no config.yaml"),
        (_replaced(manifest=None, history=None), "has no bundle.json and no history.json"),
        (_replaced(config=b"layers: !!python/object/apply:os.system [echo]"), "YAML tag"),
        (_replaced(config=b"\xff\xfe"), "not UTF-8"),
        (_replaced(config=b"epochs: 1"), "dataset"),
        (_replaced(history=b"[]"), "not a JSON object"),
        (_replaced(history=b'{"loss": 3}'), "is not a valid history"),
        (_replaced(history=b'{"loss": [[1, "x"]]}'), "is not a valid history"),
        (_replaced(history=b'{"loss": [[Infinity, 1.0]]}'), "is not a valid history"),
        (_replaced(history=b'{"loss": [[1, 1%s]]}' % (b"0" * 400)), "is not a valid history"),
        (_replaced(history=b'{"loss": [[-5, 1.0]]}'), "is not a valid history"),
        (_replaced(environment=b"[" * 100_000), "not valid JSON"),
        (lambda bundle: _write(bundle, _files(bundle) | {MANIFEST: b"[1]"}, mend=False), "not a JSON object"),
    ],
)
def test_bad_bundle_gets_one_sentence_and_status_2(
    change: Change, told: str, bundle: Path, home: Home, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    change(bundle)
    assert _run("replay", bundle, "--home", home.path) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert not (bundle.parent / "evil.py").exists()


def test_export_names_the_nearest_format(home: Home, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = _made(store, home)
    assert _run("export", run_id, "--to", "scrpt", "--home", home.path) == 2
    assert "did you mean 'script'?" in capsys.readouterr().err
    assert _run("export", run_id, "--with-data", "--home", home.path) == 2
    assert _run("export", run_id, "--to", "keras", "--home", home.path) == 2
    assert "has no model" in capsys.readouterr().err


@pytest.mark.slow
def test_bundle_is_replayed_elsewhere_with_its_data_and_a_difference_is_found(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That an unchanged bundle is verified is seen in `test_downloads_of_a_run_can_be_used`."""
    own, file, target = tmp_path / "own.npz", tmp_path / "config.yaml", tmp_path / "bundle.zip"
    random = np.random.default_rng(0)
    np.savez(own, x=random.normal(size=(60, 4)), y=np.arange(60) % 3)
    file.write_text(_with_npz(own))
    assert _run("train", file, "--home", home.path) == 0
    assert _run("export", "latest", "--to", "bundle", "--with-data", "-o", target, "--home", home.path) == 0
    assert _run("export", "latest", "--to", "keras", "-o", tmp_path / "model.keras", "--home", home.path) == 0
    files = _files(target)
    assert files[MODEL] == (tmp_path / "model.keras").read_bytes()
    own.unlink()
    history = json.loads(files[HISTORY])
    history["loss"][1][1] += 1e-9
    _write(target, files | {HISTORY: json.dumps(history).encode()})
    capsys.readouterr()
    assert _run("replay", target, "--home", tmp_path / "elsewhere") == 1
    assert "Different: the first difference is loss at epoch 2" in capsys.readouterr().out
    assert _run("show", "latest", "--json", "--home", tmp_path / "elsewhere") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["verdict"]["identical"] is False
    assert shown["weights_sha256"] == json.loads(files[MANIFEST])["weights_sha256"], "nothing else differs"
