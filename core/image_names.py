"""Names of images, and of their copies in ECR.

The name of an image consists of registry and repository, and optionally a tag and a digest.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

import hashlib
import re
from dataclasses import dataclass

_DOCKER_HUB = "docker.io"
_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_NAMES_IN_ECR = re.compile(rf"{_PART}(?:/{_PART})*")
"""Repository names that ECR allows. Other registries also allow two adjacent separators."""

_MAX_NAME = 256
"""Maximum length of a repository name in ECR."""
_MAX_PREFIX = 30
"""Maximum length of the repository prefix of a pull-through cache rule.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A registry whose images ECR can cache."""

    url: str
    """Registry URL in the pull-through cache rule."""
    short: str
    """Part of the repository prefix for images of the registry, at most 10 characters."""
    credentials: bool
    """True if ECR requires credentials for the registry."""


UPSTREAMS = {
    "public.ecr.aws": Upstream(url="public.ecr.aws", short="ecr-public", credentials=False),
    "registry.k8s.io": Upstream(url="registry.k8s.io", short="k8s", credentials=False),
    "quay.io": Upstream(url="quay.io", short="quay", credentials=False),
    _DOCKER_HUB: Upstream(url="registry-1.docker.io", short="docker-hub", credentials=True),
    "ghcr.io": Upstream(url="ghcr.io", short="github", credentials=True),
    "registry.gitlab.com": Upstream(url="registry.gitlab.com", short="gitlab", credentials=True),
    "cgr.dev": Upstream(url="cgr.dev", short="chainguard", credentials=True),
}
"""Public registries that ECR supports, by the registry in image names. ECR also supports private
registries: Azure Container Registry, and ECR of other accounts and regions.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html"""

_MAX_CELL = _MAX_PREFIX - 1 - max(len(each.short) for each in UPSTREAMS.values())


def full_name(image: str) -> str:
    """Returns an image name with its registry, such as docker.io/library/redis:7.4-alpine."""
    first, slash, rest = image.partition("/")
    if not (slash and ("." in first or ":" in first or first == "localhost")):
        return f"{_DOCKER_HUB}/{image}" if slash else f"{_DOCKER_HUB}/library/{image}"
    if first == _DOCKER_HUB and "/" not in rest:
        return f"{_DOCKER_HUB}/library/{rest}"
    return image


def host(image: str) -> str:
    """Returns the registry of an image."""
    return full_name(image).partition("/")[0]


def version(image: str) -> str:
    """Returns tag and digest in the name of an image: `:7.4-alpine`, `@sha256:…`, both or none."""
    last = image.rpartition("/")[2]
    return last[len(re.split("[:@]", last, maxsplit=1)[0]) :]


def in_ecr(image: str, region: str) -> bool:
    """True if an image or a registry is in ECR of a region, which nodes reach without NAT."""
    registry = rf"[0-9]{{12}}\.dkr\.ecr\.{re.escape(region)}\.amazonaws\.com"
    return re.match(rf"{registry}(?:/|$)", image) is not None


def is_cacheable(image: str) -> bool:
    """True if ECR supports the registry of an image and allows its repository name."""
    name = _path(image)
    fits = len(name) <= _MAX_NAME - _MAX_PREFIX - 1
    return host(image) in UPSTREAMS and fits and _NAMES_IN_ECR.fullmatch(name) is not None


def prefix(cell: str, registry: str) -> str:
    """Returns the repository prefix of a cell's copies of images from a registry in UPSTREAMS.

    A prefix must be unique in an account and region, so the prefix begins with the name of the
    cell.
    """
    return f"{cell_in_ecr(cell)}/{UPSTREAMS[registry].short}"


def cell_in_ecr(cell: str) -> str:
    """Returns the name of a cell in the names of its repositories.

    A name that ECR does not allow is shortened, and ends in a digest of the name.
    """
    if len(cell) <= _MAX_CELL and re.fullmatch(_PART, cell):
        return cell
    digest = hashlib.sha256(cell.encode()).hexdigest()[:6]
    plain = re.sub("[^a-z0-9]+", "-", cell.lower()).strip("-")
    return f"{plain[: _MAX_CELL - 7].strip('-')}-{digest}".strip("-")


def repository(cell: str, image: str) -> str:
    """Returns the ECR repository of a cell with the copies of an image, for all its tags."""
    return f"{prefix(cell, host(image))}/{_path(image)}"


def _path(image: str) -> str:
    """Returns the repository of an image in its registry."""
    name = full_name(image)
    return name.partition("/")[2].removesuffix(version(name))
