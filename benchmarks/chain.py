"""How ordering clips grows with their number, and how alike neighbours in the chain are.

Every figure is taken in a process of its own, so that peak memory is its own too; it holds the
embeddings. Times are of CPU: nearly all of the work is on one thread, so that an idle core needs no
more on the wall, and other jobs do not count. The embeddings are made up: unit rows of 512 around
2,000 random centres, in random order, or `--clusters 0` for rows without any structure, the hardest
case. Floor: the approximate chain keeps 98 % of the exact one's mean similarity. The last line
extrapolates to 1.28 million clips.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import describe_machine

SIZE = 512
NOISE = 0.8
FLOOR = 0.98
WHOLE = 1_280_000
BLOCK = 16_384
KIB_PER_MB = 1000**2 / 1024


def main() -> int:
    """Measure, print a table, and return 1 when an approximate chain is under the floor."""
    options = read_options()
    if options.one:
        print(json.dumps(measure(options.clips[0], options.one, options.clusters)))
        return 0
    results = [
        measure_apart(n, method, options)
        for n in options.clips
        for method in ("exact", "approximate")
        if method == "approximate" or n <= options.exact_up_to
    ]
    compare(results)
    if options.json:
        print(json.dumps({"machine": describe_machine(), "chains": results}, indent=2))
    else:
        print("\n".join(to_lines(results)))
    return int(any(result["of_exact"] and result["of_exact"] < FLOOR for result in results))


def read_options() -> argparse.Namespace:
    """Sizes and what to do with them; `--one` is for the process of a single figure."""
    parser = argparse.ArgumentParser(description="Growth of the chain of clips")
    parser.add_argument("clips", nargs="*", type=int, default=[5_000, 20_000])
    parser.add_argument("--exact-up-to", type=int, default=20_000, metavar="CLIPS")
    parser.add_argument("--clusters", type=int, default=2_000, help="0: no structure at all")
    parser.add_argument("--rounds", type=int, default=1, help="times are medians of these")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure_apart(n: int, method: str, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one chain, each round in a new process."""
    command = [sys.executable, "-m", "benchmarks.chain", str(n), "--one", method]
    command += ["--clusters", str(options.clusters)]
    rounds: list[dict[str, Any]] = []
    for number in range(options.rounds):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        rounds.append(json.loads(done.stdout))
        print(f"{n} {method}: round {number}: {rounds[-1]['cpu_s']:.1f} s", file=sys.stderr)
    medians = {key: statistics.median(r[key] for r in rounds) for key in ("wall_s", "cpu_s")}
    return rounds[-1] | medians | {"rounds": options.rounds}


def measure(n: int, method: str, n_clusters: int) -> dict[str, Any]:
    """Order `n` clips in this process."""
    from streamit.convert.chain import order_clips

    embeddings = make_embeddings(n, n_clusters)
    started, cpu_started = time.perf_counter(), time.process_time()
    order = order_clips(embeddings, seed=0, method=method)
    cpu_seconds, seconds = time.process_time() - cpu_started, time.perf_counter() - started
    if not np.array_equal(np.sort(order), np.arange(n)):
        raise SystemExit(f"{method}: not every one of {n} clips came once")
    return {
        "clips": n,
        "method": method,
        "wall_s": round(seconds, 2),
        "cpu_s": round(cpu_seconds, 2),
        "similarity": measure_similarity(embeddings, order),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB),
    }


def make_embeddings(n: int, n_clusters: int) -> NDArray[np.float32]:
    """Unit rows, made block by block so that making them is not the peak."""
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((n_clusters, SIZE), np.float32) / math.sqrt(SIZE)
    embeddings = np.empty((n, SIZE), np.float32)
    for start in range(0, n, BLOCK):
        block = embeddings[start : start + BLOCK]
        block[:] = generator.standard_normal(block.shape, np.float32) / math.sqrt(SIZE)
        if n_clusters:
            block *= NOISE
            block += centres[generator.integers(n_clusters, size=len(block))]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return embeddings


def measure_similarity(embeddings: NDArray[np.float32], order: NDArray[np.int64]) -> float:
    """Mean cosine of neighbours in the chain."""
    total, last = 0.0, len(order) - 1
    for start in range(0, last, BLOCK):
        stop = min(start + BLOCK, last)
        before, after = order[start:stop], order[start + 1 : stop + 1]
        total += float(np.vecdot(embeddings[before], embeddings[after]).sum())
    return total / last


def compare(results: list[dict[str, Any]]) -> None:
    """Add to each approximate chain its share of the exact one's mean similarity, if measured."""
    exact = {r["clips"]: r["similarity"] for r in results if r["method"] == "exact"}
    for result in results:
        known = result["method"] == "approximate" and result["clips"] in exact
        result["of_exact"] = result["similarity"] / exact[result["clips"]] if known else None


def to_lines(results: list[dict[str, Any]]) -> list[str]:
    """A Markdown table, and what the largest two sizes say about 1.28 million clips."""
    machine = describe_machine()
    lines = [
        f"Chain of clips, {SIZE} dimensions ({machine['cores']} x {machine['cpu']})",
        "",
        "| clips | method | CPU | CPU per clip | wall | mean similarity | of exact | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        of_exact = f"{r['of_exact']:.4f}" if r["of_exact"] else "-"
        lines.append(
            f"| {r['clips']:,} | {r['method']} | {r['cpu_s']:.1f} s | "
            f"{1000 * r['cpu_s'] / r['clips']:.2f} ms | {r['wall_s']:.1f} s | "
            f"{r['similarity']:.4f} | {of_exact} | {r['peak_mb']:,} MB |"
        )
    measured = [r for r in results if r["method"] == "approximate"]
    return [*lines, "", extrapolate(*measured[-2:])] if len(measured) > 1 else lines


def extrapolate(one: dict[str, Any], other: dict[str, Any]) -> str:
    """CPU time as a power of the number of clips through two sizes; memory as a straight line."""
    power = math.log(other["cpu_s"] / one["cpu_s"]) / math.log(other["clips"] / one["clips"])
    hours = other["cpu_s"] * (WHOLE / other["clips"]) ** power / 3600
    per_clip = (other["peak_mb"] - one["peak_mb"]) / (other["clips"] - one["clips"])
    peak_gb = (other["peak_mb"] + per_clip * (WHOLE - other["clips"])) / 1000
    return (
        f"Extrapolated, not measured: {WHOLE:,} clips in {hours:.1f} h of CPU and {peak_gb:.1f} GB "
        f"(seconds grow as clips ** {power:.2f} from {one['clips']:,} to {other['clips']:,})"
    )


if __name__ == "__main__":
    sys.exit(main())
