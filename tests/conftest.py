"""What all tests share: the corpora and videos that do not travel with the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("streamit", deadline=None)
settings.load_profile("streamit")

_CHECKOUT = Path(__file__).resolve().parent.parent
_SHARED = Path(os.environ.get("STREAMIT_SHARED") or _CHECKOUT.parent / "shared")
_ABSENT = f"needs the shared corpora and videos, not found at {_SHARED}; set STREAMIT_SHARED"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (_SHARED / "corpora").is_dir():
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(pytest.mark.skip(reason=_ABSENT))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with `corpora/` and `videos/`; mark the test `shared` as well, to select by it."""
    if not (_SHARED / "corpora").is_dir():
        pytest.skip(_ABSENT)
    return _SHARED
