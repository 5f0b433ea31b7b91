"""What ECR refuses of what it fetches and keeps, and what becomes of pods without it."""

import re
from collections.abc import Iterator

from core.image_names import UPSTREAMS
from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.fake_cloud.cloud import Cloud, Constraint, RefusedError, Values, strings

_RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
_REPOSITORY = "aws:ecr/repository:Repository"

_ADDRESS = re.compile(
    rf"{ACCOUNT}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[^:@]+)(?:[:@].+)?"
)
_SECRET = re.compile(r"arn:aws:secretsmanager:[^:]+:[0-9]{12}:secret:ecr-pullthroughcache/.+")
_LONGEST = 30
_CREDENTIALS = {each.url for each in UPSTREAMS.values() if each.credentials}


def _rules(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""
    if type_ != _RULE or verb == "delete":
        return
    if not 2 <= len(inputs["ecrRepositoryPrefix"]) <= _LONGEST:
        raise RefusedError("ValidationException", f"a prefix has 2 to {_LONGEST} characters")
    secret, url = inputs.get("credentialArn"), inputs["upstreamRegistryUrl"]
    if secret is None and url in _CREDENTIALS:
        raise RefusedError("InvalidParameterException", f"{url} needs credentials")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise RefusedError("ValidationException", f"{secret} is no ecr-pullthroughcache/ secret")


def _emptied(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ == _REPOSITORY and verb == "delete" and not inputs.get("forceDelete"):
        raise RefusedError("RepositoryNotEmptyException", f"{inputs['name']} has images")


def _fetched(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """What pods are told to pull is there, or is fetched: nodes may not create repositories."""
    if verb == "delete" or not type_.startswith("kubernetes:"):
        return
    there = {each.inputs["name"] for each in cloud.of_type(_REPOSITORY)}
    prefixes = [each.inputs["ecrRepositoryPrefix"] for each in cloud.of_type(_RULE)]
    for name in _kept(cloud, inputs):
        if name not in there:
            raise RefusedError("ImagePullBackOff", f"nodes may not create repository {name}")
        if not any(name.startswith(f"{prefix}/") for prefix in prefixes):
            raise RefusedError("ImagePullBackOff", f"nothing is fetched into {name}")


def _pulled_no_more(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """AWS would let go of them, and the next node would wait for ever."""
    if verb != "delete" or type_ not in (_RULE, _REPOSITORY):
        return
    own = inputs["name"] if type_ == _REPOSITORY else f"{inputs['ecrRepositoryPrefix']}/"
    for each in cloud.resources.values():
        if each.type.startswith("kubernetes:"):
            for name in _kept(cloud, each.inputs):
                if name == own or (type_ == _RULE and name.startswith(own)):
                    raise RefusedError("ImagePullBackOff", f"{each.urn} pulls {name}")


def _kept(cloud: Cloud, inputs: Values) -> Iterator[str]:
    """Repositories that some inputs name, but for those that are there without us."""
    for text in strings(inputs):
        match = _ADDRESS.fullmatch(text)
        if match and not any(f"{text}/".startswith(f"{given}/") for given in cloud.outside):
            yield match["repository"]


CONSTRAINTS: tuple[Constraint, ...] = (_rules, _emptied, _fetched, _pulled_no_more)
"""Those of images."""
