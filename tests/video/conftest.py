"""The rendered videos, each made once and only when a test asks for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rendered import Rendered
from tests.video.catalog import CATALOG

Catalog = Callable[[str], Rendered]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Gives the video of a name in the catalog."""
    made: dict[str, Rendered] = {}

    def get(name: str) -> Rendered:
        if name not in made:
            file_name, make = CATALOG[name]
            made[name] = make(tmp_path_factory.mktemp(name) / file_name)
        return made[name]

    return get
