"""streamit builds streaming video-text datasets (Stream-IT) from annotated video corpora.

`build` is what the command line calls; `load_records` reads what it wrote. Everything heavy is
imported on first use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

# The sub-package is loaded first, so that the function below keeps the name `streamit.build`.
import streamit.build as _build_package  # noqa: F401
from streamit.version import __version__

if TYPE_CHECKING:
    from streamit.build.report import BuildReport
    from streamit.record import Record

__all__ = ["__version__", "build", "load_records"]


def build(
    recipe: str,
    sources: Mapping[str, str | os.PathLike[str]] | Sequence[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    **overrides: Any,
) -> BuildReport:
    """Build a recipe from annotated corpora into a folder of Parquet shards.

    `sources` maps source names to a folder or file; None builds the demo corpus. `overrides` are
    the options of `streamit build` by name (media="frames", media_root=..., limit=..., workers=...)
    and any recipe key: a mapping for a group (sampling={"fps": 2}), or **{"sampling.fps": 2}.
    """
    from streamit.build.run import build as run
    from streamit.build.run import list_options

    names = list_options()
    options = {key: value for key, value in overrides.items() if key in names}
    keys = {key: value for key, value in overrides.items() if key not in names}
    return run(recipe, sources, out, overrides=keys, **options)


def load_records(
    src: str | os.PathLike[str], *, splits: Sequence[str] | None = None, frames: bool = True
) -> Iterator[Record]:
    """The records of a build: a folder or an fsspec URL (hf://datasets/..., s3://...).

    `splits` None reads all; without `frames` the embedded JPEGs are not read.
    """
    from streamit.dataset import load_records as load

    return load(src, splits=splits, frames=frames)
