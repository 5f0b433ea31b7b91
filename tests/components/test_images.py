import json
from typing import Any

import pytest

from components.images import Images, ImagesArgs
from settings.images.images import Images as ImagesSettings
from tests.components.deploy import REGION, Deployed, context, deploy, show, with_aws

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:ecr-pullthroughcache/ghcr-AbCdEf"
DIGEST = "@sha256:" + "0123456789abcdef" * 4
CACHED = ("registry.k8s.io/pause:3.10.1", "ghcr.io/a/web:1", f"ghcr.io/a/web:2{DIGEST}")


def images(
    *requested: str, cached: tuple[str, ...] = CACHED, cell: str = "prod", **changes: Any
) -> Deployed:
    """Deploys Images; the output `resolved` has the addresses of the requested images."""

    def build() -> None:
        args = ImagesArgs(
            context=context(cell),
            images=ImagesSettings.model_validate(changes),
            cached_images=cached,
        )
        resolve_image = Images("images", args, with_aws()).resolve_image
        show(resolved=[resolve_image(image) for image in requested])

    return deploy(build)


def resolved(image: str, **changes: Any) -> str:
    [found] = images(image, **changes).shown()["resolved"]
    return found


def test_every_upstream_registry_has_a_cache_rule_with_the_cell_in_its_prefix() -> None:
    deployed = images(credentials={"ghcr.io": SECRET}).of_type(RULE)
    rules = {each.inputs["ecrRepositoryPrefix"]: each.inputs for each in deployed}
    assert set(rules) == {"prod/k8s", "prod/github"}
    assert rules["prod/k8s"]["upstreamRegistryUrl"] == "registry.k8s.io"
    assert "credentialArn" not in rules["prod/k8s"]
    assert rules["prod/github"]["upstreamRegistryUrl"] == "ghcr.io"
    assert rules["prod/github"]["credentialArn"] == SECRET


def test_all_tags_of_an_image_share_one_repository() -> None:
    deployed = images().of_type(REPOSITORY)
    assert sorted(each.inputs["name"] for each in deployed) == [
        "prod/github/a/web",
        "prod/k8s/pause",
    ]
    for each in deployed:
        assert each.inputs["forceDelete"] is True, (
            "pulumi destroy would fail on a repository with images"
        )
        assert each.inputs["imageTagMutability"] == "MUTABLE", (
            "the cache could not follow a tag that moves upstream"
        )
        [encryption] = each.inputs["encryptionConfigurations"]
        assert encryption == {"encryptionType": "AES256"}


def test_a_repository_retains_the_newest_images_of_any_age() -> None:
    deployed = images()
    names = {each.inputs["name"] for each in deployed.of_type(REPOSITORY)}
    assert {each.inputs["repository"] for each in deployed.of_type(POLICY)} == names
    for each in deployed.of_type(POLICY):
        [rule] = json.loads(each.inputs["policy"])["rules"]
        assert rule["action"] == {"type": "expire"}, "an archived image cannot be pulled"
        assert rule["selection"]["tagStatus"] == "any", "an image pulled by digest has no tag"
        assert rule["selection"]["countType"] == "imageCountMoreThan"
        assert rule["selection"]["countNumber"] >= 100, "a multi-platform image takes several"


@pytest.mark.parametrize(
    ("image", "address"),
    [
        (CACHED[0], f"{REGISTRY}/prod/k8s/pause:3.10.1"),
        (CACHED[1], f"{REGISTRY}/prod/github/a/web:1"),
        (CACHED[2], f"{REGISTRY}/prod/github/a/web:2{DIGEST}"),
        ("ghcr.io/a/web", f"{REGISTRY}/prod/github/a/web"),
    ],
)
def test_cached_images_are_pulled_from_the_repository_of_the_cell(image: str, address: str) -> None:
    assert resolved(image) == address


def test_official_images_of_docker_hub_are_cached_under_library() -> None:
    image = "redis:7.4-alpine"
    assert (
        resolved(image, cached=(image,)) == f"{REGISTRY}/prod/docker-hub/library/redis:7.4-alpine"
    )


@pytest.mark.parametrize("source", ["pullThrough", "copies", "upstream"])
def test_images_in_ecr_of_the_region_are_pulled_from_there(source: str) -> None:
    image = f"{REGISTRY}/web:1"
    registry = {"registry": f"{REGISTRY}/copies"} if source == "copies" else {}
    assert resolved(image, source=source, cached=(), **registry) == image


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/web:1",
        "quay.io/a__b/web:1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1",
    ],
)
def test_images_that_ecr_cannot_cache_are_pulled_from_their_registry(image: str) -> None:
    assert resolved(image) == image


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("redis:7", "docker.io/library/redis:7"),
        (f"quay.io/a__b/web:1{DIGEST}", f"quay.io/a__b/web:1{DIGEST}"),
        ("registry.example.com/web:1", "registry.example.com/web:1"),
    ],
)
def test_copies_have_the_full_name_of_the_image(image: str, name: str) -> None:
    registry = "reg.example.com/copies"
    assert resolved(image, source="copies", registry=registry, cached=()) == f"{registry}/{name}"


def test_other_image_sources_create_no_ecr_resources() -> None:
    for changes in ({"source": "upstream"}, {"source": "copies", "registry": "reg.example.com"}):
        deployed = images(cached=(), **changes)
        assert [each for each in deployed.all if each.typ in (RULE, REPOSITORY, POLICY)] == []
    assert resolved("redis:7", source="upstream", cached=()) == "redis:7"


def test_an_image_without_a_repository_fails_the_program() -> None:
    with pytest.raises(KeyError, match="prod/k8s/descheduler"):
        images("registry.k8s.io/descheduler:1")
