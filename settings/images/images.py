"""`ha-eks:images`: where nodes pull images from."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_REGISTRY = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9][0-9]{1,4})?(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*"
)
_SECRET = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):[0-9]{12}:"
    r"secret:ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,490}"
)


def _registry(value: str) -> str:
    if not _REGISTRY.fullmatch(value):
        raise refuse("a registry such as 123456789012.dkr.ecr.us-east-1.amazonaws.com")
    return value


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(value):
        raise refuse(
            "the ARN of a secret whose name begins with ecr-pullthroughcache/, as ECR wants it"
        )
    return value


Secret = Annotated[str, AfterValidator(_secret)]


Source = Literal["pullThrough", "copies", "upstream"]


class Images(Section):
    """Images that are in ECR of the cell's region are pulled from there; all others as `source`
    says."""

    source: Source = "pullThrough"
    """From ECR, which fetches from the registries that it knows and keeps what it fetched; from a
    `registry` with copies; or from each image's own registry, on which every new node depends.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html"""
    registry: Annotated[str, AfterValidator(_registry)] | None = None
    """With `copies`, and only then: registry, with a path if it has one, whose copies keep the
    whole name: REGISTRY/registry.k8s.io/pause."""
    credentials: dict[str, Secret] = Field(default_factory=dict[str, str])
    """With `pullThrough`, and only then: for registries that want them, by name, the secret with
    `username` and `accessToken`, by ARN, in the cell's region and account, encrypted with the key
    aws/secretsmanager: ECR may use no other.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html"""

    @staticmethod
    def region_of(secret: str) -> str | None:
        """Region of a secret."""
        match = _SECRET.fullmatch(secret)
        return match["region"] if match else None
