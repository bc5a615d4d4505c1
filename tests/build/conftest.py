import pytest

from streamit.demo.corpus import DemoCorpus, write_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> DemoCorpus:
    """Rendered videos with known events, in three native formats."""
    return write_demo(tmp_path_factory.mktemp("demo-corpus") / "demo")
