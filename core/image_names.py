"""Images by name, and where copies of them are in ECR.

A name has a registry, a repository in it and, perhaps, a tag and a digest.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

import hashlib
import re
from dataclasses import dataclass

_DOCKER_HUB = "docker.io"
_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_NAMES_IN_ECR = re.compile(rf"{_PART}(?:/{_PART})*")
"""Names that ECR takes: other registries know two separators side by side as well."""

_LONGEST = 256
"""Of the name of a repository in ECR."""
_LONGEST_PREFIX = 30
"""Of a rule's prefix: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A registry that ECR fetches from, and keeps what it fetched."""

    url: str
    """What ECR calls it."""
    short: str
    """What its images are kept under, in ECR: at most 10 characters."""
    credentials: bool
    """Whether ECR fetches from it with credentials only."""


UPSTREAMS = {
    "public.ecr.aws": Upstream(url="public.ecr.aws", short="ecr-public", credentials=False),
    "registry.k8s.io": Upstream(url="registry.k8s.io", short="k8s", credentials=False),
    "quay.io": Upstream(url="quay.io", short="quay", credentials=False),
    _DOCKER_HUB: Upstream(url="registry-1.docker.io", short="docker-hub", credentials=True),
    "ghcr.io": Upstream(url="ghcr.io", short="github", credentials=True),
    "registry.gitlab.com": Upstream(url="registry.gitlab.com", short="gitlab", credentials=True),
    "cgr.dev": Upstream(url="cgr.dev", short="chainguard", credentials=True),
}
"""Registries by the name that images begin with. Others that ECR knows are somebody's own: those of
Azure, and ECR of other accounts and regions.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html"""

_CELL_IN_PREFIX = _LONGEST_PREFIX - 1 - max(len(each.short) for each in UPSTREAMS.values())


def whole(image: str) -> str:
    """An image's whole name, with its registry: docker.io/library/redis:7.4-alpine."""
    first, slash, rest = image.partition("/")
    if not (slash and ("." in first or ":" in first or first == "localhost")):
        return f"{_DOCKER_HUB}/{image}" if slash else f"{_DOCKER_HUB}/library/{image}"
    if first == _DOCKER_HUB and "/" not in rest:
        return f"{_DOCKER_HUB}/library/{rest}"
    return image


def host(image: str) -> str:
    """The registry of an image."""
    return whole(image).partition("/")[0]


def version(image: str) -> str:
    """Tag and digest of an image, as they stand in its name: :7.4-alpine, @sha256:…, both, none."""
    last = image.rpartition("/")[2]
    return last[len(re.split("[:@]", last, maxsplit=1)[0]) :]


def in_ecr(image: str, region: str) -> bool:
    """Whether an image, or a registry, is in ECR of `region`: nodes reach it without NAT."""
    where = rf"[0-9]{{12}}\.dkr\.ecr\.{re.escape(region)}\.amazonaws\.com"
    return re.match(rf"{where}(?:/|$)", image) is not None


def is_cacheable(image: str) -> bool:
    """Whether ECR can keep an image: it knows its registry, and takes its name."""
    name = _path(image)
    fits = len(name) <= _LONGEST - _LONGEST_PREFIX - 1
    return host(image) in UPSTREAMS and fits and _NAMES_IN_ECR.fullmatch(name) is not None


def prefix(cell: str, registry: str) -> str:
    """What a cell's repositories in ECR begin with that keep images of one of UPSTREAMS.

    A prefix stands once in an account and region, so that the cell's name is in it: shortened,
    with a digest of the whole, if ECR does not take it as it is.
    """
    own = cell
    if len(cell) > _CELL_IN_PREFIX or not re.fullmatch(_PART, cell):
        digest = hashlib.sha256(cell.encode()).hexdigest()[:6]
        plain = re.sub("[^a-z0-9]+", "-", cell.lower()).strip("-")
        own = f"{plain[: _CELL_IN_PREFIX - 7].strip('-')}-{digest}".strip("-")
    return f"{own}/{UPSTREAMS[registry].short}"


def repository(cell: str, image: str) -> str:
    """The repository in ECR in which a cell keeps an image: its own, whatever the tag."""
    return f"{prefix(cell, host(image))}/{_path(image)}"


def _path(image: str) -> str:
    """Name of an image in its registry."""
    name = whole(image)
    return name.partition("/")[2].removesuffix(version(name))
