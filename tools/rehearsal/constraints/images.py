"""Constraints of ECR on repositories and pull through caches, and of pods on their images."""

import re
from collections.abc import Iterator

from core.image_names import UPSTREAMS
from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.fake_cloud.cloud import JOB, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values, strings_in

_RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
_REPOSITORY = "aws:ecr/repository:Repository"

_IMAGE = re.compile(
    rf"{ACCOUNT}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[^:@]+)(?:[:@].+)?"
)
_SECRET = re.compile(r"arn:aws:secretsmanager:[^:]+:[0-9]{12}:secret:ecr-pullthroughcache/.+")
_MAXIMUM_PREFIX_LENGTH = 30
_REGISTRIES_WITH_CREDENTIALS = {each.url for each in UPSTREAMS.values() if each.credentials}


def _cache_rule(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""
    if type_ != _RULE or verb == "delete":
        return
    if not 2 <= len(inputs["ecrRepositoryPrefix"]) <= _MAXIMUM_PREFIX_LENGTH:
        raise RefusedError(
            "ValidationException",
            f"the prefix must have 2 to {_MAXIMUM_PREFIX_LENGTH} characters",
        )
    secret, url = inputs.get("credentialArn"), inputs["upstreamRegistryUrl"]
    if secret is None and url in _REGISTRIES_WITH_CREDENTIALS:
        raise RefusedError("InvalidParameterException", f"{url} needs credentials")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise RefusedError(
            "ValidationException", f"the name of secret {secret} lacks ecr-pullthroughcache/"
        )


def _repository_not_empty(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ == _REPOSITORY and verb == "delete" and not inputs.get("forceDelete"):
        raise RefusedError("RepositoryNotEmptyException", f"{inputs['name']} contains images")


def _image_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Pods can pull from repositories that exist and belong to a cache rule.

    Nodes have no permission to create repositories.
    """
    if verb == "delete" or not type_.startswith("kubernetes:"):
        return
    repositories = {each.inputs["name"] for each in cloud.of_type(_REPOSITORY)}
    prefixes = [each.inputs["ecrRepositoryPrefix"] for each in cloud.of_type(_RULE)]
    for name in _cached_repositories(cloud, inputs):
        if name not in repositories:
            raise RefusedError(
                "ImagePullBackOff",
                f"repository {name} does not exist, and nodes may not create it",
            )
        if not any(name.startswith(f"{prefix}/") for prefix in prefixes):
            raise RefusedError(
                "ImagePullBackOff", f"no pull through cache rule fills repository {name}"
            )


def _image_in_use(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """AWS deletes a rule or repository in use, and new nodes then fail to pull the image.

    A Job is complete once the fake cloud has created it, and pulls no image again.
    """
    if verb != "delete" or type_ not in (_RULE, _REPOSITORY):
        return
    for each in cloud.resources.values():
        if not each.type.startswith("kubernetes:") or each.type == JOB:
            continue
        for name in _cached_repositories(cloud, each.inputs):
            if type_ == _REPOSITORY and name == inputs["name"]:
                raise RefusedError("ImagePullBackOff", f"{each.label} pulls from {name}")
            if type_ == _RULE and name.startswith(f"{inputs['ecrRepositoryPrefix']}/"):
                raise RefusedError("ImagePullBackOff", f"{each.label} pulls from {name}")


def _cached_repositories(cloud: FakeCloud, inputs: Values) -> Iterator[str]:
    """Yields the ECR repositories in some inputs, without those that the stack file names."""
    for text in strings_in(inputs):
        match = _IMAGE.fullmatch(text)
        if match and not any(f"{text}/".startswith(f"{each}/") for each in cloud.external):
            yield match["repository"]


CONSTRAINTS: tuple[Constraint, ...] = (
    _cache_rule, _repository_not_empty, _image_exists, _image_in_use,
)  # fmt: skip
