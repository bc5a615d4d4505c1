"""A Hub on loopback that serves folders as dataset repositories, to the Hub's own client.

Just what reading needs: the repository, its tree, and files by range.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_REPO = r"/?(?:api/)?datasets/(?P<repo>[\w.-]+/[\w.-]+)"
_INFO = re.compile(rf"{_REPO}(?:/revision/[^/]+)?")
_TREE = re.compile(rf"{_REPO}/tree/[^/]+(?:/(?P<path>.+))?")
_FILE = re.compile(rf"{_REPO}/resolve/[^/]+/(?P<path>.+)")


@contextmanager
def serve_hub(repos: dict[str, Path]) -> Iterator[str]:
    """The address (HF_ENDPOINT) of a Hub with these repositories, until the block ends."""
    handler = type("Handler", (_Handler,), {"repos": repos})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    repos: dict[str, Path]

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        for pattern, answer in ((_INFO, self._info), (_TREE, self._tree), (_FILE, self._file)):
            found = pattern.fullmatch(path)
            if found and found["repo"] in self.repos:
                answer(found["repo"], found.groupdict().get("path") or "")
                return
        self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def log_message(self, format: str, *args: object) -> None:
        """Keep the log of the tests clean."""

    def _info(self, repo: str, path: str) -> None:
        self._send_json({"id": repo, "sha": COMMIT, "private": False, "tags": [], "siblings": []})

    def _tree(self, repo: str, path: str) -> None:
        root = self.repos[repo]
        if not (root / path).is_dir():
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
            return
        recursive = "recursive=true" in self.path.lower()
        below = (root / path).rglob("*") if recursive else (root / path).iterdir()
        self._send_json(
            [
                {
                    "type": "directory" if item.is_dir() else "file",
                    "oid": COMMIT,
                    "size": 0 if item.is_dir() else item.stat().st_size,
                    "path": item.relative_to(root).as_posix(),
                }
                for item in sorted(below)
            ]
        )

    def _file(self, repo: str, path: str) -> None:
        data = (self.repos[repo] / path).read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            self._send(200, data)
            return
        first, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
        where = {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
        self._send(206, data[first : last + 1], where)

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, code: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
