"""`streamit show`: a record as a timeline of 80 columns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from streamit.record import to_dict
from streamit.schema import validate
from tests.builds import make_records, write_shard
from tests.cli.conftest import Cli
from tests.factories import full, multi_turn, record, stretch, user, video, with_entry

FIRST, SECOND = make_records(2)


def lanes_of(out: str) -> dict[str, str]:
    """The lanes by label; they begin in column 12."""
    lines = [line for line in out.splitlines() if line[:12].strip()]
    return {line[:12].strip(): line[12:].rstrip() for line in lines}


def test_the_first_record_is_shown_without_an_id(cli: Cli, build: Path) -> None:
    done = cli("show", build)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split() == ["record", FIRST.id]


def test_the_head_tells_source_licence_duration_and_layout(cli: Cli, build: Path) -> None:
    head = [" ".join(line.split()) for line in cli("show", build).out.splitlines()[:8]]
    assert head[1:] == [
        "source demo, licence CC-BY-4.0",
        "from train.json, v_demo0000001",
        "task dense_caption, proactive, split train",
        "language en",
        "video v_train00000.mp4, 320x240",
        "duration 0:12.0 (12 s)",
        "frames none (sampling 1 per s, at most 256)",
    ]


def test_lanes_place_evidence_answers_and_windows(cli: Cli, build: Path) -> None:
    lanes = lanes_of(cli("show", build, SECOND.id).out)
    assert lanes["video"] == "█" * 68
    # 68 columns are 12 s: 3.5 s is column 19, 6 s column 34, 10.5 s column 59.
    assert [k for k, mark in enumerate(lanes["user"]) if mark == "?"] == [19, 34, 59]
    assert lanes["answer 1"] == " " * 5 + "━" * 14 + "●" + "╌" * 17
    assert lanes["answer 2"] == " " * 17 + "━" * 17 + "●" + "╌" * 16
    assert lanes["answer 3"] == " " * 46 + "━" * 13 + "●" + "╌" * 8


def test_the_axis_begins_at_0_and_ends_with_the_stream(cli: Cli, build: Path) -> None:
    axis = cli("show", build).out.splitlines()[9]
    assert axis.split() == ["0:00.0", "0:03.0", "0:06.0", "0:09.0", "0:12.0"]
    assert (axis.index("0:00.0"), len(axis)) == (12, 80)


def test_silence_that_is_not_learned_and_answers_that_are_not_look_different(
    cli: Cli, tmp_path: Path
) -> None:
    odd = with_entry(with_entry(multi_turn(), 0, loss=False), 2, loss=False)
    write_shard(tmp_path / "train-0.parquet", [odd])
    lanes = lanes_of(cli("show", tmp_path).out)
    assert lanes["video"] == "░" * 19 + "█" * 49
    assert "○" in lanes["answer 1"]


def test_texts_have_times_kinds_and_evidence(cli: Cli, build: Path) -> None:
    words = " ".join(cli("show", build, SECOND.id).out.split())
    assert (
        "0:03.5 user 1 What has just happened? question; from template; expects one "
        "0:03.5 answer 1 A red circle appears. answer; from annotation; to user 1; "
        "evidence 1 to 3.5 s; window 2.25 to 6.5 s; learned"
    ) in words


def test_rules_that_the_record_breaks_are_told(cli: Cli, tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [with_entry(multi_turn(), 1, text="two  spaces")])
    assert "X1 timeline[1].text: 'two  spaces' has" in cli("show", tmp_path).out


def test_a_sound_record_breaks_no_rule(cli: Cli, build: Path) -> None:
    assert cli("show", build).out.splitlines()[-1].strip() == "breaks no rule"


def test_lines_fit_80_columns(cli: Cli, tmp_path: Path) -> None:
    long = with_entry(multi_turn(), 1, text="long words " * 40)
    write_shard(tmp_path / "train-0.parquet", [long])
    assert max(map(len, cli("show", tmp_path).out.splitlines())) == 80


def test_markup_and_control_characters_in_texts_do_nothing(cli: Cli, tmp_path: Path) -> None:
    text = "[bold]not bold[/bold] \x1b[31mnot red"
    write_shard(tmp_path / "train-0.parquet", [with_entry(multi_turn(), 1, text=text)])
    out = cli("show", tmp_path).out
    assert "[bold]not bold[/bold] \\x1b[31mnot red" in out
    assert "\x1b" not in out


def test_a_stream_of_unknown_length_ends_with_its_last_entry(cli: Cli, tmp_path: Path) -> None:
    clipless = record([user(0.0), stretch(0.0, 8.0)], video=video(duration_s=None))
    write_shard(tmp_path / "train-0.parquet", [clipless])
    out = cli("show", tmp_path).out
    assert "duration    unknown" in out
    assert out.splitlines()[9].split()[-1] == "0:08.0"


def test_a_record_without_any_stretch_is_shown_without_lanes(cli: Cli, tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [record([user(0.0)], video=video(duration_s=None))])
    done = cli("show", tmp_path)
    assert done.code == 0
    assert "video       v_demo0000001.mp4" in done.out
    assert "█" not in done.out


def test_entries_of_unknown_types_are_listed(cli: Cli, tmp_path: Path) -> None:
    odd = with_entry(multi_turn(), 1, type="gesture")
    write_shard(tmp_path / "train-0.parquet", [odd])
    assert "gesture 1 What has just happened?" in " ".join(cli("show", tmp_path).out.split())


def test_json_is_the_record_without_frames_and_valid(cli: Cli, tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [full()], frames=True)
    row = cli("show", tmp_path, "--json").json
    expected = to_dict(full())
    del expected["frames"]
    assert row == expected
    assert validate(row) == []


def test_the_beginning_of_an_id_is_enough(cli: Cli, build: Path) -> None:
    assert cli("show", build, SECOND.id[:-2], "--json").json["id"] == SECOND.id


def test_an_unknown_id_is_wrong_usage_and_the_nearest_is_named(cli: Cli, build: Path) -> None:
    done = cli("show", build, "v_train00001")
    assert (done.code, done.out) == (2, "")
    assert f"nearest: {SECOND.id}" in done.err


def test_an_empty_build_has_nothing_to_show(cli: Cli, tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [])
    done = cli("show", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "holds no record" in done.err


def test_an_encoding_without_blocks_gets_plain_characters(build: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamit", "show", str(build), SECOND.id],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    lanes = lanes_of(done.stdout.decode("ascii"))
    assert lanes["video"] == "#" * 68
    assert lanes["answer 1"] == " " * 5 + "=" * 14 + "A" + "-" * 17
