"""MC2: rules about cells that fail together, or that run different releases."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from settings import Settings
from settings.reading.paths import path_of
from tools.rules.cells.cells import Cells, at, differing
from tools.rules.rule import Evidence, Rule


def _regions(cells: Cells) -> Iterator[Evidence]:
    for region, (first, *others) in cells.groups(lambda each: each.aws.region).items():
        for name in others:
            yield at(
                name,
                "traffic.policy",
                f"{region} is also the region of {first}: if the region fails, both cells fail; "
                "move a cell to another region",
            )


def _references(cells: Cells) -> Iterator[Evidence]:
    for name, each in cells.settings.items():
        for other, its in cells.settings.items():
            region = its.aws.region
            if region == each.aws.region:
                continue
            for key, text in _texts(each):
                if re.search(rf"(?<![\w-]){region}(?![\w-])", text):
                    yield at(
                        name,
                        key,
                        f"{text} is in {region}, the region of {other}: if this region fails, "
                        f"{name} may fail too; write a resource of {each.aws.region}",
                    )


def _texts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yields key and text of each text in the settings of a cell."""
    values = settings.model_dump(mode="json", by_alias=True, exclude={"aws"})
    for section, value in values.items():
        yield from _below(value, section, ())


def _below(value: object, section: str, path: tuple[int | str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path_of(section, path), value
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            yield from _below(item, section, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _below(item, section, (*path, number))


def _versions(cells: Cells) -> Iterator[Evidence]:
    minors = {
        name: int(each.cluster.version.partition(".")[2]) for name, each in cells.settings.items()
    }
    newest = max(minors, key=lambda name: minors[name])
    for name, minor in minors.items():
        if minors[newest] - minor > 1:
            yield at(
                name,
                "cluster.version",
                f"1.{minor}, but {newest} runs 1.{minors[newest]}; upgrade this cell, so that the "
                "versions are at most one minor version apart",
            )


def _images(cells: Cells) -> Iterator[Evidence]:
    first = next(iter(cells.settings.values()))
    for name in first.workloads:
        if all(name in each.workloads for each in cells.settings.values()):
            yield from differing(
                cells,
                first.key_of(name, "image").partition(":")[2],
                lambda each, name=name: each.workloads[name].image,
                "a rollout is in progress; complete it, or roll back",
            )


RULES: tuple[Rule[Cells], ...] = (
    Rule(
        id="MC201",
        claim="The cells of a domain are in different regions.",
        why="A failover to a cell of the same region does not help if the region fails.",
        not_flagged=("cells of different regions in one account",),
        severity="warning",
        setting="aws:region of each stack file.",
        find=_regions,
    ),
    Rule(
        id="MC202",
        claim="No cell names a resource in the region of another cell.",
        why="The failure of one region can then make cells of both regions unavailable.",
        not_flagged=("regions without a cell of the domain", "ARNs without a region, as of IAM"),
        severity="warning",
        setting="The finding names the key.",
        find=_references,
    ),
    Rule(
        id="MC203",
        claim="Kubernetes versions of the cells are at most one minor version apart.",
        why="An application that runs in one cell may use an API that the other cell does not have "
        "yet, or no longer has.",
        not_flagged=("one minor version, as during an upgrade cell by cell",),
        severity="warning",
        setting="cluster.version",
        find=_versions,
    ),
    Rule(
        id="MC204",
        claim="All cells run the same images.",
        why="After a failover, users have another release.",
        not_flagged=("workloads that only some cells have", "init containers and sidecars"),
        severity="caution",
        setting="apps.NAME.image",
        find=_images,
    ),
)
"""Rules about failures that cells have in common, and about their releases."""
