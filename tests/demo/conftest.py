from __future__ import annotations

from pathlib import Path

import pytest

from streamit.demo.corpus import N_VIDEOS, DemoCorpus, write_demo
from streamit.demo.videos import DemoVideo, plan_videos

from .pixels import Sight, look_through


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoCorpus:
    return write_demo(tmp_path_factory.mktemp("demo") / "corpus")


@pytest.fixture(scope="session")
def planned() -> list[DemoVideo]:
    """What the corpus of the fixture `demo` is meant to hold."""
    return plan_videos(seed=0, n_videos=N_VIDEOS)


@pytest.fixture(params=range(N_VIDEOS), ids=lambda number: f"video{number}")
def video(request: pytest.FixtureRequest, planned: list[DemoVideo]) -> DemoVideo:
    return planned[request.param]


@pytest.fixture
def video_path(demo: DemoCorpus, video: DemoVideo) -> Path:
    return demo.folders[video.source] / "videos" / video.file_name


@pytest.fixture
def sight(video_path: Path) -> Sight:
    return look_through(video_path)
