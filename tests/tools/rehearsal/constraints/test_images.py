"""Constraints on ECR repositories and pull through caches, and on the images of pods."""

from collections.abc import Callable

import pytest

from core.image_names import UPSTREAMS, Upstream
from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    empty_cloud,
    find,
    make,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.constraints import images
from tools.rehearsal.fake_cloud.cloud import JOB, FakeCloud

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "arn:aws:secretsmanager:us-east-1:210987654321:secret:ecr-pullthroughcache/a-AbCdEf"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def cloud(previewed: Callable[[str], Recording]) -> FakeCloud:
    recording = previewed("prod")
    return build(cloud_for(recording, constraints=images.CONSTRAINTS), created_by(recording))


# Rules and repositories.


def make_rule(prefix: str = "cell/k8s", url: str = "registry.k8s.io", **more: str) -> None:
    cloud = empty_cloud(constraints=images.CONSTRAINTS)
    make(cloud, RULE, "a", ecrRepositoryPrefix=prefix, upstreamRegistryUrl=url, **more)


@pytest.mark.parametrize("upstream", UPSTREAMS.values(), ids=UPSTREAMS)
def test_a_rule_needs_credentials_only_for_some_registries(upstream: Upstream) -> None:
    make_rule(url=upstream.url, credentialArn=SECRET)
    if upstream.credentials:
        with refused("InvalidParameterException", f"{upstream.url} needs credentials"):
            make_rule(url=upstream.url)
    else:
        make_rule(url=upstream.url)


def test_the_name_of_a_secret_has_the_prefix_that_ecr_requires() -> None:
    secret = SECRET.replace("ecr-pullthroughcache/", "")
    message = f"the name of secret {secret} lacks ecr-pullthroughcache/"
    with refused("ValidationException", message):
        make_rule(credentialArn=secret)


def test_a_prefix_has_2_to_30_characters() -> None:
    make_rule("a" * 2)
    make_rule("a" * 30)
    for prefix in ("a", "a" * 31):
        with refused("ValidationException", "the prefix must have 2 to 30 characters"):
            make_rule(prefix)


def test_a_prefix_and_the_name_of_a_repository_are_unique(cloud: FakeCloud) -> None:
    rule = find(cloud, (RULE, "images-k8s"))
    with refused("AlreadyExists", f"prod/k8s is already in use by {rule.label}"):
        make(cloud, RULE, "other", **rule.inputs)
    repository = find(cloud, (REPOSITORY, "images-k8s/pause"))
    message = f"prod/k8s/pause is already in use by {repository.label}"
    with refused("AlreadyExists", message):
        make(cloud, REPOSITORY, "other", **repository.inputs)


def test_a_repository_with_images_is_deleted_only_with_force_delete() -> None:
    cloud = empty_cloud(constraints=images.CONSTRAINTS)
    with refused("RepositoryNotEmptyException", "a contains images"):
        delete(cloud, make(cloud, REPOSITORY, "a", name="a"))
    delete(cloud, make(cloud, REPOSITORY, "b", name="b", forceDelete=True))


# Images of pods.


PULLS = [
    (DEPLOYMENT, "web", "github", "stefanprodan/podinfo"),
    (
        RELEASE, "lb-aws-load-balancer-controller",
        "ecr-public", "eks/aws-load-balancer-controller",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "name", "upstream", "image"), PULLS)
def test_rule_and_repository_exist_before_and_after_the_pods_that_use_them(
    type_: str, name: str, upstream: str, image: str, cloud: FakeCloud
) -> None:
    user = find(cloud, (type_, name))
    rule = (RULE, f"images-{upstream}")
    repository = (REPOSITORY, f"images-{upstream}/{image}")
    repository_name = f"prod/{upstream}/{image}"
    assert find(cloud, repository).inputs["name"] == repository_name
    for each in list(cloud.resources.values()):
        if each.type.startswith("kubernetes:") and each is not user:
            del cloud.resources[each.type, each.id]
    for used in (rule, repository):
        with refused("ImagePullBackOff", f"{user.label} pulls from {repository_name}"):
            delete(cloud, find(cloud, used))
    remove(cloud, rule)
    message = f"no pull through cache rule fills repository {repository_name}"
    with refused("ImagePullBackOff", message):
        update(cloud, user, **user.inputs)
    remove(cloud, repository)
    message = f"repository {repository_name} does not exist, and nodes may not create it"
    with refused("ImagePullBackOff", message):
        update(cloud, user, **user.inputs)
    delete(cloud, user)


def test_rule_and_repository_are_deleted_after_the_last_user(cloud: FakeCloud) -> None:
    delete(cloud, find(cloud, (DEPLOYMENT, "web")))
    delete(cloud, find(cloud, (REPOSITORY, "images-github/stefanprodan/podinfo")))
    delete(cloud, find(cloud, (RULE, "images-github")))


def test_a_completed_job_does_not_use_its_repository() -> None:
    cloud = empty_cloud(constraints=images.CONSTRAINTS)
    rule = make(cloud, RULE, "a", ecrRepositoryPrefix="cell", upstreamRegistryUrl="registry.k8s.io")
    repository = make(cloud, REPOSITORY, "a", name="cell/web", forceDelete=True)
    image = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/cell/web:1"
    make(cloud, JOB, "web-migration", spec={"containers": [{"image": image}]})
    delete(cloud, repository)
    delete(cloud, rule)


@pytest.mark.parametrize("external", [REGISTRY, f"{REGISTRY}/copies", f"{REGISTRY}/copies/web:1"])
def test_registries_and_images_of_the_stack_file_exist_outside_the_stack(external: str) -> None:
    inputs = {
        "metadata": {"name": "a"},
        "spec": {"containers": [{"image": f"{REGISTRY}/copies/web:1"}]},
    }
    cloud = empty_cloud(external, constraints=images.CONSTRAINTS)
    make(cloud, DEPLOYMENT, "a", **inputs)
    other = empty_cloud(f"{external}-other", constraints=images.CONSTRAINTS)
    message = "repository copies/web does not exist, and nodes may not create it"
    with refused("ImagePullBackOff", message):
        make(other, DEPLOYMENT, "a", **inputs)
