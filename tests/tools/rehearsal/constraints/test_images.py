"""What ECR refuses of what it fetches and keeps, on a plan whose images come from there."""

from collections.abc import Callable

import pytest

from core.image_names import UPSTREAMS, Upstream
from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    empty_cloud,
    make,
    refused,
    update,
)
from tools.recording import Recording
from tools.rehearsal.constraints import images
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "arn:aws:secretsmanager:us-east-1:210987654321:secret:ecr-pullthroughcache/a-AbCdEf"
HERE = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def cloud(previewed: Callable[[str], Recording]) -> Cloud:
    recording = previewed("prod")
    return build(cloud_for(recording, constraints=images.CONSTRAINTS), created_by(recording))


def there(cloud: Cloud, type_: str, name: str) -> CloudResource:
    [found] = [each for each in cloud.of_type(type_) if each.name == name]
    return found


def take_away(cloud: Cloud, thing: CloudResource) -> None:
    """As if it had not been made yet; no law is asked."""
    del cloud.resources[thing.type, thing.id]


def rule(prefix: str = "cell/k8s", url: str = "registry.k8s.io", **more: str) -> None:
    cloud = empty_cloud(constraints=images.CONSTRAINTS)
    make(cloud, RULE, "a", ecrRepositoryPrefix=prefix, upstreamRegistryUrl=url, **more)


@pytest.mark.parametrize("upstream", UPSTREAMS.values(), ids=UPSTREAMS)
def test_a_rule_has_credentials_where_ecr_wants_them(upstream: Upstream) -> None:
    rule(url=upstream.url, credentialArn=SECRET)
    if upstream.credentials:
        with refused("InvalidParameterException", upstream.url):
            rule(url=upstream.url)
    else:
        rule(url=upstream.url)


def test_a_secret_is_one_that_ecr_may_read() -> None:
    with refused("ValidationException", "ecr-pullthroughcache/"):
        rule(credentialArn=SECRET.replace("ecr-pullthroughcache/", ""))


def test_a_prefix_is_short() -> None:
    rule("a" * 30)
    for prefix in ("a", "a" * 31):
        with refused("ValidationException", "2 to 30"):
            rule(prefix)


def test_a_prefix_is_taken_once(cloud: Cloud) -> None:
    taken = there(cloud, RULE, "images-k8s")
    with refused("AlreadyExists", "prod/k8s"):
        make(cloud, RULE, "other", **taken.inputs)
    repository = there(cloud, REPOSITORY, "images-k8s/pause")
    with refused("AlreadyExists", "prod/k8s/pause"):
        make(cloud, REPOSITORY, "other", **repository.inputs)


def test_a_repository_goes_with_its_images_or_not_at_all() -> None:
    cloud = empty_cloud(constraints=images.CONSTRAINTS)
    with refused("RepositoryNotEmptyException"):
        delete(cloud, make(cloud, REPOSITORY, "a", name="a"))
    delete(cloud, make(cloud, REPOSITORY, "b", name="b", forceDelete=True))


PULLS = [
    (DEPLOYMENT, "web", "images-github", "images-github/stefanprodan/podinfo"),
    (
        RELEASE, "lb-aws-load-balancer-controller",
        "images-ecr-public", "images-ecr-public/eks/aws-load-balancer-controller",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "name", "rule", "repository"), PULLS)
def test_what_is_pulled_is_there_before_and_after(
    type_: str, name: str, rule: str, repository: str, cloud: Cloud
) -> None:
    who = there(cloud, type_, name)
    for kind, own in ((RULE, rule), (REPOSITORY, repository)):
        with refused("ImagePullBackOff", " pulls prod/"):
            delete(cloud, there(cloud, kind, own))
    without = there(cloud, RULE, rule)
    take_away(cloud, without)
    with refused("ImagePullBackOff", "nothing is fetched into"):
        update(cloud, who, **who.inputs)
    take_away(cloud, there(cloud, REPOSITORY, repository))
    with refused("ImagePullBackOff", "may not create"):
        update(cloud, who, **who.inputs)
    delete(cloud, who)


def test_what_nobody_pulls_any_more_may_go(cloud: Cloud) -> None:
    delete(cloud, there(cloud, DEPLOYMENT, "web"))
    delete(cloud, there(cloud, REPOSITORY, "images-github/stefanprodan/podinfo"))
    delete(cloud, there(cloud, RULE, "images-github"))


@pytest.mark.parametrize("given", [HERE, f"{HERE}/copies", f"{HERE}/copies/web:1"])
def test_what_the_stack_file_names_is_there_without_us(given: str) -> None:
    spec = {"containers": [{"image": f"{HERE}/copies/web:1"}]}
    make(
        empty_cloud(given, constraints=images.CONSTRAINTS),
        DEPLOYMENT,
        "a",
        metadata={"name": "a"},
        spec=spec,
    )
    with refused("ImagePullBackOff"):
        other = empty_cloud(f"{given}-other", constraints=images.CONSTRAINTS)
        make(other, DEPLOYMENT, "a", metadata={"name": "a"}, spec=spec)
