"""The Batch API, at half the price within a day: request files out, result files in.

`write_batches` writes what the cache lacks, the user hands the files to the provider, and
`take_batches` puts the results into the cache. What was refused is then written again as a second
attempt, and at the end a replay builds from the cache.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from streamit.errors import BatchesPendingError, StorageError
from streamit.llm.cache import Cache
from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import fill_settings
from streamit.llm.exchange import Exchange
from streamit.llm.question import ClipQuestion
from streamit.llm.render import Request, load_prompts
from streamit.llm.reply import read_reply
from streamit.llm_settings import LlmSettings, check_settings
from streamit.storage import Folder

T = TypeVar("T")

MAX_REQUESTS = 50_000
MAX_BYTES = 190_000_000
"""Per file. The API takes 200 MB; other providers count megabytes in other ways."""

_URL = "/v1/chat/completions"
_PREFIX = "requests-"
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class WrittenBatches:
    """Names of the files written, the requests in them, and questions that are settled already."""

    files: tuple[str, ...]
    n_requests: int
    n_settled: int


@dataclass(frozen=True, slots=True)
class TakenBatches:
    """`n_taken` replies are new in the cache, `n_known` were there; what failed is asked again.

    `n_foreign` lines are no results of such a batch. `failures` counts by what the server said.
    """

    n_taken: int
    n_known: int
    n_failed: int
    n_foreign: int
    failures: Mapping[str, int]


def write_batches(
    questions: Iterable[ClipQuestion],
    settings: LlmSettings,
    cache_path: str | Path,
    folder: str | Path,
    *,
    max_requests: int = MAX_REQUESTS,
    max_bytes: int = MAX_BYTES,
) -> WrittenBatches:
    """Write `requests-00001.jsonl` and so on: the next attempt at every unsettled question.

    Older request files in the folder are removed first. Equal requests are written once. Raises
    EndpointError when no model is named, and StorageError when the folder cannot be written.
    """
    check_settings(settings, "llm")
    filled = fill_settings(settings)
    prompts = load_prompts(filled.prompts)
    dialogues = (Dialogue(question, filled, prompts) for question in questions)
    return write_exchanges(
        dialogues, cache_path, folder, max_requests=max_requests, max_bytes=max_bytes
    )


def write_exchanges(
    exchanges: Iterable[Exchange[T]],
    cache_path: str | Path,
    folder: str | Path,
    *,
    max_requests: int = MAX_REQUESTS,
    max_bytes: int = MAX_BYTES,
) -> WrittenBatches:
    """Write the next attempt at every unsettled exchange, as `write_batches` does."""
    counts: Counter[str] = Counter()
    out = Folder(Path(folder))
    for name in out.list(f"{_PREFIX}*.jsonl"):
        out.remove(name)
    lines = _list_lines(exchanges, Path(cache_path), counts)
    files = []
    for number, part in enumerate(_cut(lines, max_requests, max_bytes), 1):
        files.append(f"{_PREFIX}{number:05}.jsonl")
        out.write_bytes(files[-1], b"".join(part))
        counts["requests"] += len(part)
    return WrittenBatches(tuple(files), counts["requests"], counts["settled"])


def take_batches(folder: str | Path, cache_path: str | Path) -> TakenBatches:
    """Put the results in all other `*.jsonl` files of the folder into the cache.

    A result that is an error, or no completion, is counted and not kept. Raises StorageError when
    a file cannot be read.
    """
    counts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    source = Folder(Path(folder))
    if not source.exists():
        raise StorageError(f"{folder}: there is no such folder; put the result files into one")
    with Cache(cache_path) as cache:
        for name in source.list("*.jsonl"):
            if name.startswith(_PREFIX):
                continue
            with source.open_read(name) as file:
                for line in file:
                    _take_line(line, cache, counts, failures)
    return TakenBatches(
        counts["taken"],
        counts["known"],
        sum(failures.values()),
        counts["foreign"],
        dict(sorted(failures.items())),
    )


def trade_batches(
    exchanges: Iterable[Exchange[T]], cache_path: str | Path, folder: str | Path
) -> None:
    """Take in the results that are there, and write what is still to be asked.

    Raises BatchesPendingError as long as there is such a thing.
    """
    if Path(folder).is_dir():
        take_batches(folder, cache_path)
    written = write_exchanges(exchanges, cache_path, folder)
    if written.n_requests:
        raise BatchesPendingError(
            f"{written.n_requests} requests stand in {folder} ({', '.join(written.files[:3])}"
            f"{', ...' if len(written.files) > 3 else ''}); hand them to your provider, put the "
            "result files into the same folder and run the same command again"
        )


def _take_line(line: bytes, cache: Cache, counts: Counter[str], failures: Counter[str]) -> None:
    if not line.strip():
        return
    try:
        result = json.loads(line)
    except (ValueError, RecursionError):
        result = None
    if not isinstance(result, dict) or not _KEY.fullmatch(str(result.get("custom_id"))):
        counts["foreign"] += 1
        return
    response = result.get("response")
    response = response if isinstance(response, dict) else {}
    reply = read_reply(response.get("body"))
    if response.get("status_code") != 200 or result.get("error") or reply is None:
        failures[_name_failure(result.get("error"), response)] += 1
        return
    counts["taken" if cache.put(result["custom_id"], reply) else "known"] += 1


def _name_failure(error: Any, response: Mapping[str, Any]) -> str:
    if isinstance(error, dict) and error.get("code"):
        return str(error["code"])
    return f"status {response.get('status_code')}"


def _list_lines(
    exchanges: Iterable[Exchange[T]], cache_path: Path, counts: Counter[str]
) -> Iterator[bytes]:
    with Cache(cache_path) as cache, _Once() as once:
        for exchange in exchanges:
            exchange.read(cache)
            if exchange.result is not None:
                counts["settled"] += 1
            elif once.add(exchange.key):
                yield _write_line(exchange.key, exchange.request)


def _write_line(key: str, request: Request) -> bytes:
    line = {"custom_id": key, "method": "POST", "url": _URL, "body": request}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _cut(lines: Iterator[bytes], max_requests: int, max_bytes: int) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    n_bytes = 0
    for line in lines:
        if part and (len(part) >= max_requests or n_bytes + len(line) > max_bytes):
            yield part
            part, n_bytes = [], 0
        part.append(line)
        n_bytes += len(line)
    if part:
        yield part


class _Once:
    """Remembers millions of keys outside of memory, in a temporary database without a name."""

    def __enter__(self) -> _Once:
        self._database = sqlite3.connect("")
        self._database.execute("create table keys (key text primary key) without rowid")
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def add(self, key: str) -> bool:
        """Whether the key is new."""
        try:
            done = self._database.execute("insert or ignore into keys values (?)", (key,))
        except sqlite3.Error as exc:
            raise StorageError(
                f"the requests of a batch cannot be told apart: {exc}; free some space in the "
                "temporary folder, or point TMPDIR at a larger disk"
            ) from exc
        return done.rowcount == 1
