"""Finds the annotation files of a source under the path that the user named.

A folder with any of the files that `sources/<name>.yaml` lists, or one annotation file in that
format, whatever its name. The order of the files is that of the YAML, then of their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from streamit import resources
from streamit.errors import SourceError, UsageError
from streamit.readers.base import SourceFile
from streamit.readers.files import unpacked_name, unreadable
from streamit.source import BY_RECORD, ExpectedFile, SourceInfo, folder_names, load_source

TABLE = "table"
MAP_ENDING = ".source.yaml"
"""Ending of the description that `streamit sources new data.csv` writes beside the data."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """A source and what of it is there.

    `record_source` is the name that its records carry. `missing` are the expected files that a
    folder lacks, `unused` those that add nothing to another one there. `media_folder` is where its
    videos may stand, beside the media root; where the user named a single file (`is_folder` false)
    it is only searched when videos must be decoded. `part` names the source in whose format it is,
    where the whole has several.
    """

    info: SourceInfo
    record_source: str
    files: tuple[SourceFile, ...]
    missing: tuple[ExpectedFile, ...]
    media_folder: str
    is_folder: bool = True
    unused: tuple[str, ...] = ()
    part: str | None = None


def discover(name: str, path: str, record_source: str | None = None) -> Discovered:
    """The annotation files of `--source name=path`.

    `name` is a source, an alias or a YAML file of the user's own; `path` a folder, an annotation
    file, or (for `table`) such a YAML file. With `record_source`, files in the format of `name` are
    read in the name and on the terms of that source: the demo corpus. Raises SourceError when
    nothing is found, ResourceError when there is no such source.
    """
    description, path = find_description(name, str(path))
    info = load_source(description)
    if record_source is None:
        return _discover_in(info, path, info.name)
    found = _discover_in(_take_format(load_source(record_source), info), path, record_source)
    return replace(found, missing=())


def discover_parts(name: str, path: str) -> tuple[Discovered, ...]:
    """Like `discover`, for a source that may hold several formats, each in a folder of its name.

    The parts share one media root, the whole folder: several may tell of the same videos.
    """
    description, path = find_description(name, str(path))
    info = load_source(description)
    if not info.parts:
        return (_discover_in(info, path, info.name),)
    fs, root = _open(path)
    media_folder = _join(fs, root, "")
    return tuple(
        replace(
            discover(part, _join(fs, root, part), info.name), part=part, media_folder=media_folder
        )
        for part in info.parts
    )


def discover_data(folder: str) -> tuple[Discovered, ...]:
    """The sources under `--data DIR`, in the order of their names.

    Each has a folder with its name or one of its aliases; other folders are not looked at. Raises
    SourceError when such a folder holds nothing to read.
    """
    owners = {
        alias: name
        for name in resources.names("sources")
        for alias in folder_names(load_source(name))
    }
    fs, root = _open(folder)
    named = sorted((owners[child], child) for child in _list(fs, root, True) if child in owners)
    return tuple(
        found for name, child in named for found in discover_parts(name, _join(fs, root, child))
    )


def map_path(data: str) -> Path:
    """Where the description of a table stands: `my.source.yaml` beside `my.csv`."""
    path = Path(data)
    return path.with_name(Path(unpacked_name(path.name)).stem + MAP_ENDING)


def find_description(name: str, path: str) -> tuple[str, str]:
    """The source that `--source name=path` means, by name or YAML file, and where its data are.

    For `table` the YAML may stand beside the data (data.source.yaml), or be named instead of the
    data, which then lie in its folder. Raises UsageError when a folder holds several.
    """
    if name != TABLE:
        return name, path
    if path.endswith((".yaml", ".yml")):
        return path, str(Path(path).parent)
    beside = _find_map(path)
    return (name if beside is None else str(beside)), path


def _take_format(whole: SourceInfo, form: SourceInfo) -> SourceInfo:
    return replace(
        whole, reader=form.reader, files=form.files, columns=form.columns, options=form.options
    )


def _discover_in(info: SourceInfo, path: str, record_source: str) -> Discovered:
    fs, root = _open(path)
    try:
        is_folder, is_file = fs.isdir(root), fs.isfile(root)
    except OSError as exc:
        raise unreadable(path, exc) from exc
    if is_file:
        folder, _, name = root.rpartition("/")
        places = [(name, _split_of_file(info, name, path))]
        missing: tuple[ExpectedFile, ...] = ()
        unused: tuple[str, ...] = ()
        root = folder or "/"
    elif is_folder:
        places, missing, unused = _match_folder(info, fs, root)
        if not places:
            raise SourceError(f"{path}: holds no annotation file of {info.name}; {_advise(info)}")
    else:
        raise SourceError(f"{path}: there is no such file or folder; {_advise(info)}")
    files = tuple(_make_file(info, fs, root, name, split, record_source) for name, split in places)
    return Discovered(info, record_source, files, missing, _join(fs, root, ""), is_folder, unused)


def _make_file(
    info: SourceInfo, fs: Any, root: str, name: str, split: str, record_source: str
) -> SourceFile:
    path = _join(fs, root, name)
    return SourceFile(
        source=record_source,
        path=path,
        folder=path.rpartition("/")[0],
        name=name,
        split=split,
        language=info.language,
        options=info.options,
        columns=info.columns,
    )


def _split_of_file(info: SourceInfo, name: str, path: str) -> str:
    """The split of a single file: of the name it has, else train, or whatever the reader says."""
    in_folder = [e for e in info.files if "/" in e.glob and _lies_under(path, e.glob)]
    for expected in (*in_folder, *info.files):
        if _matches(name, PurePosixPath(expected.glob).name):
            if expected.companion:
                raise SourceError(
                    f"{path}: is no annotation file of {info.name} but goes with one; "
                    "name the annotation file or the folder of both"
                )
            return expected.split
    by_record = any(e.split == BY_RECORD for e in info.files if not e.companion)
    return BY_RECORD if by_record else "train"


def _match_folder(
    info: SourceInfo, fs: Any, root: str
) -> tuple[list[tuple[str, str]], tuple[ExpectedFile, ...], tuple[str, ...]]:
    """(name, split) of each file there, from the first glob that fits it; missing; unused."""
    places: list[tuple[str, str]] = []
    missing: list[ExpectedFile] = []
    unused: list[str] = []
    taken: set[str] = set()
    for expected in info.files:
        found = [name for name in _glob(fs, root, expected.glob) if name not in taken]
        taken.update(found)
        if expected.unless and any(_glob(fs, root, expected.unless)):
            unused += found
        elif not found and expected.required:
            missing.append(expected)
        elif not expected.companion:
            places += [(name, expected.split) for name in found]
    return places, tuple(missing), tuple(unused)


def _glob(fs: Any, root: str, glob: str) -> Iterator[str]:
    """Names under the root that fit; only the last part of the glob may hold wildcards.

    The file system's own glob would read wildcards in the user's folder names, too.
    """
    parent, slash, pattern = glob.rpartition("/")
    folder = f"{root.rstrip('/')}/{parent}" if parent else root
    names = _list(fs, folder, folders=False) if not parent or fs.isdir(folder) else ()
    yield from (f"{parent}{slash}{name}" for name in names if _matches(name, pattern))


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(unpacked_name(name), pattern)


def _lies_under(path: str, glob: str) -> bool:
    """Whether the file lies in a folder of the glob's name, as `gt` of `gt/*.json`."""
    folder, wanted = (name.rpartition("/")[0] for name in (path, glob))
    return f"/{folder}".endswith(f"/{wanted}")


def _list(fs: Any, folder: str, folders: bool) -> Sequence[str]:
    try:
        entries = fs.ls(folder, detail=True)
    except OSError as exc:
        raise unreadable(folder, exc) from exc
    return sorted(
        entry["name"].rstrip("/").rpartition("/")[2]
        for entry in entries
        if (entry["type"] == "directory") == folders
    )


def _open(path: str) -> tuple[Any, str]:
    try:
        fs, root = url_to_fs(path)
    except (ValueError, ImportError) as exc:
        raise unreadable(path, exc) from exc
    return fs, root.rstrip("/") or "/"


def _join(fs: Any, root: str, name: str) -> str:
    path = f"{root.rstrip('/')}/{name}" if name else root
    return path if isinstance(fs, LocalFileSystem) else str(fs.unstrip_protocol(path))


def _advise(info: SourceInfo) -> str:
    """What was expected and where it is to be had."""
    wanted = [file for file in info.files if not file.companion]
    lines = [f"{file.glob} ({file.obtain})" if file.obtain else file.glob for file in wanted]
    return f"expected any of: {'; '.join(lines)}" if lines else "name an annotation file"


def _find_map(path: str) -> Path | None:
    data = Path(path)
    if data.is_dir():
        maps = sorted(data.glob(f"*{MAP_ENDING}"))
        if len(maps) > 1:
            listed = ", ".join(found.name for found in maps)
            raise UsageError(
                f"{path}: holds several descriptions ({listed}); name one: --source table={maps[0]}"
            )
        return maps[0] if maps else None
    beside = map_path(path)
    return beside if beside.is_file() else None
