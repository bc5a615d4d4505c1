from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streamit.demo.corpus import MARKER, DemoCorpus, write_demo
from streamit.errors import StorageError, UsageError
from streamit.source import load_source

N_SMALL = 3


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def stamps(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.rglob("*")}


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DemoCorpus:
    return write_demo(tmp_path_factory.mktemp("pattern") / "demo", seed=4, n_videos=N_SMALL)


@pytest.fixture
def small(pattern: DemoCorpus, tmp_path: Path) -> DemoCorpus:
    """A copy to harm; the second call on it writes nothing, so it is as good as the pattern."""
    shutil.copytree(pattern.root, tmp_path / "small")
    return write_demo(tmp_path / "small", seed=4, n_videos=N_SMALL)


def test_another_process_writes_the_same_bytes(demo: DemoCorpus, tmp_path: Path) -> None:
    code = "import sys, pathlib; from streamit.demo.corpus import write_demo; "
    code += "write_demo(pathlib.Path(sys.argv[1]))"
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "again")], check=True, env=env)
    assert digests(tmp_path / "again") == digests(demo.root)


def test_the_folders_hold_annotations_and_videos(demo: DemoCorpus) -> None:
    assert demo.folders == {name: demo.root / name for name in load_source("demo").parts}
    assert {name: sorted(p.name for p in at.iterdir()) for name, at in demo.folders.items()} == {
        "activitynet": ["train.json", "val_1.json", "val_2.json", "videos"],
        "shot2story": ["20k_train.json", "20k_val.json", "videos"],
        "vitt": ["ViTT-annotations.json", "dev_id.txt", "test_id.txt", "train_id.txt", "videos"],
        "coin": ["COIN.json"],
        "fineaction": ["annotations_gt.json"],
        "charades_sta": [
            "Charades_v1_test.csv",
            "Charades_v1_train.csv",
            "charades_sta_test.txt",
            "charades_sta_train.txt",
        ],
        "qaego4d": [f"annotations.QaEgo4D_{name}.json" for name in ("test", "train", "val")],
        "llava_video_178k": ["0_30_s_youtube_v0_1", "30_60_s_youtube_v0_1"],
    }
    assert sum(1 for _ in demo.root.rglob("videos/*")) == 10


def test_nothing_but_the_corpus_is_left_behind(pattern: DemoCorpus) -> None:
    assert list(pattern.root.parent.iterdir()) == [pattern.root]


def test_the_marker_names_no_path_and_no_time(small: DemoCorpus) -> None:
    marker = json.loads((small.root / MARKER).read_text())
    assert set(marker) == {"files", "making"}
    assert set(marker["making"]) == {"seed", "n_videos", "streamit", "code", "libraries"}
    assert set(marker["files"]) | {MARKER} == set(digests(small.root))


def test_a_second_call_writes_nothing(small: DemoCorpus) -> None:
    before = stamps(small.root)
    assert write_demo(small.root, seed=4, n_videos=N_SMALL) == small
    assert stamps(small.root) == before


def test_two_that_write_at_once_leave_one_whole_corpus(pattern: DemoCorpus, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(write_demo, tmp_path / "demo", 4, N_SMALL) for _ in range(2)]
        assert [job.result().root for job in jobs] == [tmp_path / "demo"] * 2
    assert digests(tmp_path / "demo") == digests(pattern.root)
    assert list(tmp_path.iterdir()) == [tmp_path / "demo"]


def test_another_seed_replaces_the_corpus(small: DemoCorpus) -> None:
    before = digests(small.root)
    write_demo(small.root, seed=5, n_videos=N_SMALL)
    after = digests(small.root)
    videos = [{name for name in files if "/videos/" in name} for files in (before, after)]
    assert len(videos[1]) == N_SMALL
    assert not videos[0] & videos[1]


@pytest.mark.parametrize("harm", ["shorten", "remove"])
def test_a_damaged_corpus_is_made_again(small: DemoCorpus, harm: str) -> None:
    before = digests(small.root)
    video = next(iter((small.folders["vitt"] / "videos").iterdir()))
    if harm == "shorten":
        video.write_bytes(video.read_bytes()[:1000])
    else:
        video.unlink()
    write_demo(small.root, seed=4, n_videos=N_SMALL)
    assert digests(small.root) == before


@pytest.mark.parametrize("marker", ["", "[]", "{}", '{"files": []}'])
def test_without_a_marker_nothing_is_taken_for_the_demo(small: DemoCorpus, marker: str) -> None:
    (small.root / MARKER).write_text(marker)
    with pytest.raises(StorageError, match="which is no file of a demo corpus"):
        write_demo(small.root, seed=4, n_videos=N_SMALL)


def test_an_empty_folder_is_filled(pattern: DemoCorpus, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_demo(tmp_path / "empty", seed=4, n_videos=N_SMALL)
    assert digests(tmp_path / "empty") == digests(pattern.root)


def test_a_folder_with_a_corpus_of_somebody_else_is_never_touched(tmp_path: Path) -> None:
    real = tmp_path / "data" / "activitynet" / "train.json"
    real.parent.mkdir(parents=True)
    real.write_text("{}")
    with pytest.raises(StorageError, match=r"holds 'activitynet/train.json', which is no file"):
        write_demo(tmp_path / "data", n_videos=N_SMALL)
    assert real.read_text() == "{}"


def test_a_file_put_beside_the_demo_is_never_removed(small: DemoCorpus) -> None:
    notes = small.folders["vitt"] / "notes.txt"
    notes.write_text("mine")
    write_demo(small.root, seed=4, n_videos=N_SMALL)
    with pytest.raises(StorageError, match=r"holds 'vitt/notes.txt'"):
        write_demo(small.root, seed=5, n_videos=N_SMALL)
    assert notes.read_text() == "mine"


@pytest.mark.parametrize("below", ["", "demo"])
def test_a_file_in_the_way_is_an_error(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file.*: the demo corpus cannot be written: Not a dir"):
        write_demo(tmp_path / "file" / below, n_videos=N_SMALL)


def test_fewer_videos_than_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="n_videos is 2; the demo needs one per corpus, 3"):
        write_demo(tmp_path / "demo", n_videos=2)
