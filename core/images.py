"""Where images are pulled from.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

import re
from dataclasses import dataclass

_DOCKER_HUB = "docker.io"


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A registry that ECR's pull-through cache knows."""

    url: str
    """What ECR calls it."""
    credentials: bool
    """Whether ECR fetches from it with credentials only."""


UPSTREAMS = {
    "public.ecr.aws": Upstream(url="public.ecr.aws", credentials=False),
    "registry.k8s.io": Upstream(url="registry.k8s.io", credentials=False),
    "quay.io": Upstream(url="quay.io", credentials=False),
    _DOCKER_HUB: Upstream(url="registry-1.docker.io", credentials=True),
    "ghcr.io": Upstream(url="ghcr.io", credentials=True),
    "registry.gitlab.com": Upstream(url="registry.gitlab.com", credentials=True),
}
"""Registries by the name that images begin with.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html"""


def whole(image: str) -> str:
    """An image's whole name, with its registry: docker.io/library/redis:7.4-alpine."""
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return image
    return f"{_DOCKER_HUB}/{image}" if slash else f"{_DOCKER_HUB}/library/{image}"


def host(image: str) -> str:
    """The registry of an image."""
    return whole(image).partition("/")[0]


def in_ecr(image: str, region: str) -> bool:
    """Whether an image, or a registry, is in ECR of `region`: nodes reach it without NAT."""
    where = rf"[0-9]{{12}}\.dkr\.ecr\.{re.escape(region)}\.amazonaws\.com"
    return re.match(rf"{where}(?:/|$)", image) is not None


def copied(image: str, registry: str | None) -> str:
    """An image in a registry of copies, which keeps its whole name; in its own without one."""
    return f"{registry}/{image}" if registry else image
