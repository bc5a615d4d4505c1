"""The Markdown tables of a dataset card, each from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streamit.publish.front_matter import SPLIT_ORDER, list_splits
from streamit.reasons import ADJUSTED, REJECTED, SET_ASIDE
from streamit.source import SourceInfo

LAYOUTS = ("multi_turn", "proactive")
_GROUPS = (
    ("rejected", "rejected", REJECTED),
    ("set_aside", "set aside", SET_ASIDE),
    ("adjusted", "adjusted", ADJUSTED),
)


def tabulate_records(manifest: Mapping[str, Any]) -> str:
    """Records by source, split and layout, with sums per split where there are several sources."""
    rows = []
    for source, splits in manifest["layouts"].items():
        for split in list_splits(manifest):
            layouts = splits.get(split, {})
            if layouts:
                rows.append([f"`{source}`", split, *_count_layouts(layouts)])
    for split in list_splits(manifest) if len(manifest["layouts"]) > 1 else ():
        layouts = [splits.get(split, {}) for splits in manifest["layouts"].values()]
        summed = {name: sum(one.get(name, 0) for one in layouts) for name in LAYOUTS}
        rows.append(["all", split, *_count_layouts(summed)])
    return write_table(["source", "split", "records", *LAYOUTS], rows)


def tabulate_sources(manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> str:
    """Every corpus with its terms and links."""
    rows = []
    for entry in manifest["sources"]:
        info = sources[entry["name"]]
        licence = info.licence
        terms = f"[{licence.annotations}]({licence.url})" if licence.url else licence.annotations
        links = ", ".join(f"[{name}]({url})" for name, url in info.links.items())
        rows.append([f"`{entry['name']}`", info.title, terms, licence.media, links])
    header = ["source", "corpus", "licence of the annotations", "licence of the videos", "links"]
    return write_table(header, rows)


def tabulate_files(manifest: Mapping[str, Any]) -> str:
    """The annotation files with size and hash; never with a path of this machine."""
    rows = [
        [f"`{entry['name']}`", f"`{file['name']}`", f"{file['bytes']:,}", f"`{file['sha256']}`"]
        for entry in manifest["sources"]
        for file in entry["files"]
    ]
    return write_table(["source", "file", "bytes", "sha256"], rows)


def tabulate_accounts(manifest: Mapping[str, Any]) -> str:
    """read = recorded + rejected + set aside, per source."""
    rows = []
    for source, counts in manifest["counts"].items():
        rejected = sum(counts["rejected"].values())
        share = f"{rejected / counts['read']:.2%}" if counts["read"] else "-"
        numbers = [counts["read"], counts["recorded"], rejected, sum(counts["set_aside"].values())]
        rows.append([f"`{source}`", *(f"{n:,}" for n in numbers), share])
    header = ["source", "read", "recorded", "rejected", "set aside", "share rejected"]
    return write_table(header, rows)


def tabulate_reasons(manifest: Mapping[str, Any]) -> str:
    """Rejected, set aside and adjusted annotations (of a mix: records) by reason; empty if none.

    Readers and converters of a user's own may have codes of their own, without a meaning here.
    """
    rows = [
        [f"`{source}`", title, f"{n:,}", f"`{reason}`", meanings.get(reason, "")]
        for source, counts in manifest["counts"].items()
        for group, title, meanings in _GROUPS
        for reason, n in sorted(counts[group].items())
    ]
    header = ["source", "what", manifest.get("counts_of", "annotations"), "reason", "meaning"]
    return write_table(header, rows) if rows else ""


def tabulate_augmentation(manifest: Mapping[str, Any]) -> str:
    """The share of proactive records: what the recipe asks for and what the draws gave."""
    rows = []
    for source, splits in manifest["layouts"].items():
        n_proactive = sum(layouts.get("proactive", 0) for layouts in splits.values())
        n_records = sum(sum(layouts.values()) for layouts in splits.values())
        asked = _asked_share(manifest["recipe"], source)
        drawn = f"{n_proactive / n_records:.1%} ({n_proactive:,} of {n_records:,})"
        rows.append([f"`{source}`", f"{asked:.1%}", drawn])
    return write_table(["source", "proactive, asked for", "proactive, drawn"], rows)


def tabulate_taken(manifest: Mapping[str, Any]) -> str:
    """What each part of a mix was asked for, has and gives."""
    rows = []
    for share in manifest["taken"]:
        wanted = [share[key] for key in ("source", "task", "layout", "split")]
        asked = "all" if share["asked"] is None else f"{share['asked']:,}"
        rows.append(
            [
                f"`{share['build']}`",
                ", ".join(f"`{word}`" for word in wanted if word) or "all",
                asked,
                f"{share['available']['train']:,}",
                *(f"{share['taken'][split]:,}" for split in SPLIT_ORDER),
            ]
        )
    header = ["build", "of it", "asked for", "there", *SPLIT_ORDER]
    return write_table(header, rows)


def tabulate_builds(manifest: Mapping[str, Any]) -> str:
    """The builds of a mix: by what they were made, and what became of their annotations."""
    rows = []
    for build in manifest["builds"]:
        counts = build["counts"].values()
        sums = {key: sum(one[key] for one in counts) for key in ("read", "recorded")}
        left = {
            key: sum(sum(one[key].values()) for one in counts) for key in ("rejected", "set_aside")
        }
        rows.append(
            [
                f"`{build['name']}`",
                f"`{build['recipe']['name']}`",
                f"`{build['recipe_fingerprint'][:12]}`",
                *(f"{n:,}" for n in (sums | left).values()),
            ]
        )
    header = ["build", "recipe", "fingerprint", "read", "recorded", "rejected", "set aside"]
    return write_table(header, rows)


def write_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars and line ends inside a cell are made harmless."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines)


def _count_layouts(layouts: Mapping[str, int]) -> list[str]:
    n_records = sum(layouts.values())
    return [f"{n:,}" for n in (n_records, *(layouts.get(name, 0) for name in LAYOUTS))]


def _asked_share(recipe: Mapping[str, Any], source: str) -> float:
    """As `Recipe.proactive_share`, from the recipe's plain data."""
    own = (recipe["sources"].get(source) or {}).get("layout") or recipe["layout"]
    share: float = own["proactive"]
    return share


def _escape(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|")
