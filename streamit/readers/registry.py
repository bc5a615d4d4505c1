"""Finds a reader by name: a shipped format, or a function of the user's own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from os import getcwd

from streamit.config import nearest
from streamit.errors import SourceError
from streamit.item import Item, Reject
from streamit.readers.base import Reader, SourceFile
from streamit.readers.parse import Refusal, clean_text, read_video_id
from streamit.timeline import TimeFault, read_seconds

SHIPPED = (
    "activitynet",
    "charades_sta",
    "coin",
    "ego4d_qa",
    "et_instruct",
    "fineaction",
    "finevideo",
    "hacs",
    "howtostep",
    "internvid",
    "llava_video_178k",
    "moviechat",
    "multihop_egoqa",
    "panda70m",
    "qvhighlights",
    "sharegpt4video",
    "shot2story",
    "table",
    "vcg_plus",
    "vitt",
    "webvid",
    "youcook2",
)


def load_reader(name: str) -> Reader:
    """The reader of a format, or of `package.module:function`.

    A function of the user's own is looked for where Python looks, then in the current folder; what
    it yields is checked, because an id or text that breaks the rules would fail much later. Raises
    SourceError when there is none, or when it cannot be imported.
    """
    module_name, colon, function_name = name.partition(":")
    if not colon:
        if name not in SHIPPED:
            hint = nearest(name, list(SHIPPED))
            raise SourceError(
                f"no reader is named {name!r}; {hint} (one of your own: package.module:function)"
            )
        module = importlib.import_module(f"streamit.readers.{name}")
        shipped: Reader = module.read
        return shipped
    return _check_output(name, _import_function(name, module_name, function_name))


def _import_function(name: str, module_name: str, function_name: str) -> Reader:
    try:
        with _current_folder_importable():
            function = getattr(importlib.import_module(module_name), function_name)
    except Exception as exc:
        raise SourceError(
            f"reader {name!r} cannot be imported: {exc!r}; the module must be installed or stand "
            "in the current folder, and hold the function"
        ) from exc
    if not callable(function):
        raise SourceError(f"reader {name!r} is {type(function).__name__}, not a function")
    reader: Reader = function
    return reader


@contextmanager
def _current_folder_importable() -> Iterator[None]:
    """Behind everything installed, so that a file of the user's never hides a package."""
    folder = getcwd()
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _check_output(name: str, function: Reader) -> Reader:
    def read(file: SourceFile) -> Iterator[Item | Reject]:
        try:
            for entry in function(file):
                yield _check_entry(entry)
        except SourceError:
            raise
        except Exception as exc:
            raise SourceError(f"reader {name!r} failed on {file.path}: {exc!r}") from exc

    return read


def _check_entry(entry: object) -> Item | Reject:
    if isinstance(entry, Item):
        if not entry.events:
            raise ValueError(f"the item {entry.key!r} has no events; yield a Reject `no_events`")
        try:
            _check_item(entry)
        except (Refusal, TimeFault) as fault:
            raise ValueError(
                f"the item {entry.key!r} holds what a reader must refuse: {fault}; "
                "streamit.readers.parse has the functions to read it with"
            ) from fault
    elif not isinstance(entry, Reject):
        raise TypeError(f"a reader yields Item and Reject, not {type(entry).__name__}")
    return entry


def _check_item(item: Item) -> None:
    read_video_id(item.video_id)
    read_video_id(item.source_video)
    for event in item.events:
        for time_s in (event.start_s, event.end_s, *chain.from_iterable(event.earlier)):
            if time_s is not None:
                read_seconds(time_s)
        for text in (event.text, event.question, item.goal):
            if text is not None and clean_text(text) != text:
                raise Refusal("not_text", f"the text {text!r} was not cleaned")
