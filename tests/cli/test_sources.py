"""`streamit sources ls|show|check|new`."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamit import resources
from streamit.source import find_source
from tests.cli.conftest import Cli

CSV = "clip,start_ms,end_ms,caption\na.mp4,0,1500,One.\na.mp4,2000,4000,Two.\nb.mp4,0,900,Three.\n"


def write_captions(path: Path, **videos: Any) -> Path:
    path.write_text(json.dumps(videos))
    return path


def video(*sentences: str) -> dict[str, Any]:
    spans = [[i, i + 1] for i in range(len(sentences))]
    return {"duration": 60, "timestamps": spans, "sentences": list(sentences)}


def test_ls_names_every_shipped_source(cli: Cli) -> None:
    done = cli("sources", "ls")
    names = [line.split()[0] for line in done.out.splitlines()[1:] if line[0] != " "]
    assert (done.code, names) == (0, resources.names("sources"))


def test_ls_json_tells_what_may_be_republished(cli: Cli) -> None:
    by_name = {source["name"]: source for source in cli("sources", "ls", "--json").json}
    assert by_name["vitt"]["licence"]["republish_annotations"] == "yes"
    assert by_name["activitynet"]["licence"]["republish_annotations"] == "unknown"


def test_show_prints_the_file(cli: Cli) -> None:
    assert cli("sources", "show", "anet").out == find_source("activitynet").read_text()


def test_show_json_has_every_key(cli: Cli) -> None:
    shown = cli("sources", "show", "vitt", "--json").json
    assert (shown["name"], shown["tolerance_s"], shown["parts"]) == ("vitt", 0.0, [])


def test_show_of_an_unknown_source_is_wrong_usage(cli: Cli) -> None:
    done = cli("sources", "show", "vit")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'vitt'" in done.err


def test_check_counts_what_the_files_hold(cli: Cli, tmp_path: Path) -> None:
    write_captions(tmp_path / "train.json", v_a=video("One.", " "), v_b=video("Two."), v_c=3)
    done = cli("sources", "check", f"activitynet={tmp_path}", "--json")
    (source,) = done.json["sources"]
    (file,) = source["files"]
    assert done.code == 0
    assert (file["name"], file["n_items"], file["n_events"]) == ("train.json", 2, 2)
    assert (file["splits"], file["rejects"]) == ({"train": 2}, {"empty_text": 1, "bad_item": 1})
    assert [missing["glob"] for missing in source["missing"]] == ["val_1*.json", "val_2*.json"]


def test_check_shows_a_table_and_notes_what_is_missing(cli: Cli, tmp_path: Path) -> None:
    write_captions(tmp_path / "val_1.json", v_a=video("One.", " "))
    done = cli("sources", "check", f"activitynet={tmp_path}")
    assert done.out.splitlines()[1].split() == [
        *("activitynet", "val_1.json", "validation", "1", "1", "1", "empty_text", "1")
    ]
    assert "val_1.json: first rejected: v_a: empty_text: event 1: the text ' ' is empty" in done.err
    assert "train*.json is missing; it is to be had: captions.zip on the homepage" in done.err


@pytest.mark.shared
def test_check_of_the_real_slice(cli: Cli, shared: Path) -> None:
    done = cli(
        "sources", "check", f"activitynet={shared / 'corpora/activitynet_captions'}", "--json"
    )
    (source,) = done.json["sources"]
    counts = {file["name"]: (file["n_items"], file["n_events"]) for file in source["files"]}
    assert counts == {"train.json": (141, 581), "val_1.json": (60, 213), "val_2.json": (60, 207)}
    assert all(file["rejects"] == {} for file in source["files"])


def test_check_fails_when_a_file_is_broken(cli: Cli, tmp_path: Path) -> None:
    write_captions(tmp_path / "train.json", v_a=video("One."))
    (tmp_path / "val_1.json").write_text('{"v_a": ')
    done = cli("sources", "check", f"activitynet={tmp_path}")
    assert done.code == 1
    assert "val_1.json: broken JSON at line 1, character 8 of the file" in done.err


def test_check_fails_when_nothing_is_usable(cli: Cli, tmp_path: Path) -> None:
    write_captions(tmp_path / "train.json", v_a=video(" "))
    assert cli("sources", "check", f"activitynet={tmp_path}").code == 1


def test_check_fails_where_nothing_is_found(cli: Cli, tmp_path: Path) -> None:
    done = cli("sources", "check", f"vitt={tmp_path}")
    assert (done.code, done.out) == (1, "")
    assert "expected any of: ViTT-annotations*.json*" in done.err


@pytest.mark.parametrize("pair", ["activitynet", "=path", "activitynet="])
def test_check_wants_name_and_path(cli: Cli, pair: str) -> None:
    assert cli("sources", "check", pair).code == 2


def test_check_lists_all_mistakes_of_a_description(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("name: my\ntitle: ''\nreader: table\nlicence: {}\nfiles: []\n")
    done = cli("sources", "check", f"{path}={tmp_path}")
    assert done.code == 1
    assert done.err.count("is a required property") == 2
    assert "title: " in done.err


def test_new_writes_a_description_and_tries_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(CSV)
    with chdir(tmp_path):
        done = cli("sources", "new", "my.csv")
        checked = cli("sources", "check", "table=my.csv", "--json")
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()] == [
        ["VIDEO", "START_S", "END_S", "QUESTION", "TEXT"],
        ["a.mp4", "0", "1.5", "-", "One."],
        ["a.mp4", "2", "4", "-", "Two."],
        ["b.mp4", "0", "0.9", "-", "Three."],
    ]
    assert "wrote my.source.yaml" in done.err
    columns = yaml.safe_load((tmp_path / "my.source.yaml").read_text())["columns"]
    assert columns["start"] == {"column": "start_ms", "unit": "milliseconds"}
    (source,) = checked.json["sources"]
    assert (source["name"], source["files"][0]["n_events"]) == ("my", 3)


def test_new_tries_five_rows(cli: Cli, tmp_path: Path) -> None:
    rows = "".join(f"v{i},{i},{i + 1},Text.\n" for i in range(9))
    (tmp_path / "my.csv").write_text(f"video,start,end,text\n{rows}")
    tried = cli("sources", "new", str(tmp_path / "my.csv"), "--json").json
    assert [item["video_id"] for item in tried["items"]] == ["v0", "v1", "v2", "v3", "v4"]
    assert (tried["rejects"], tried["problem"]) == ([], None)


def test_new_puts_the_description_where_it_is_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(CSV)
    out = tmp_path / "clips.yaml"
    done = cli("sources", "new", str(tmp_path / "my.csv"), "--out", str(out))
    assert done.code == 0
    assert cli("sources", "check", f"{out}={tmp_path / 'my.csv'}").code == 0


def test_new_overwrites_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text(CSV)
    (tmp_path / "my.source.yaml").write_text("mine")
    done = cli("sources", "new", str(tmp_path / "my.csv"))
    assert done.code == 2
    assert "is there already" in done.err
    assert (tmp_path / "my.source.yaml").read_text() == "mine"


def test_new_fails_when_no_column_fits_but_leaves_a_file_to_mend(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text("alpha,beta\nx,y\n")
    done = cli("sources", "new", str(tmp_path / "my.csv"))
    assert done.code == 1
    assert "has no column 'start' for 'start'; known: alpha, beta" in done.err
    assert (tmp_path / "my.source.yaml").is_file()


def test_new_fails_when_no_row_gives_an_event(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text("video,start,end,text\na,soon,later,Text.\n")
    done = cli("sources", "new", str(tmp_path / "my.csv"))
    assert done.code == 1
    assert "rejected: row 1: bad_time" in done.err
    assert "none of the first 5 rows gives an event" in done.err


@pytest.mark.parametrize(
    ("sample", "code", "message"),
    [
        ("absent.csv", 1, "No such file"),
        ("my.docx", 1, "is no table"),
        ("s3://bucket/my.csv", 2, "say with --out where the YAML goes"),
    ],
)
def test_new_of_what_is_no_table(
    cli: Cli, tmp_path: Path, sample: str, code: int, message: str
) -> None:
    with chdir(tmp_path):
        done = cli("sources", "new", sample)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
