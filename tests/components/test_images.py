"""Where images are pulled from, and what that takes."""

import json
from typing import Any

import pytest

from components.images import Images, ImagesArgs
from settings.images.images import Images as ImagesSettings
from tests.components.deploy import REGION, Deployed, context, deploy, show, with_aws

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

HERE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:ecr-pullthroughcache/ghcr-AbCdEf"
DIGEST = "@sha256:" + "0123456789abcdef" * 4
KEPT = ("registry.k8s.io/pause:3.10.1", "ghcr.io/a/web:1", f"ghcr.io/a/web:2{DIGEST}")


def images(*asked: str, kept: tuple[str, ...] = KEPT, cell: str = "prod", **given: Any) -> Deployed:
    """What is registered, and from where images are pulled that are asked for."""

    def build() -> None:
        args = ImagesArgs(
            context=context(cell), images=ImagesSettings.model_validate(given), kept=kept
        )
        resolve_image = Images("images", args, with_aws()).resolve_image
        show(resolve_image=[resolve_image(image) for image in asked])

    return deploy(build)


def resolve_image(image: str, **given: Any) -> str:
    [found] = images(image, **given).shown()["pulled"]
    return found


def test_every_registry_has_a_rule_under_the_cell_s_name() -> None:
    made = images(credentials={"ghcr.io": SECRET}).of_type(RULE)
    rules = {each.inputs["ecrRepositoryPrefix"]: each.inputs for each in made}
    assert set(rules) == {"prod/k8s", "prod/github"}
    assert rules["prod/k8s"]["upstreamRegistryUrl"] == "registry.k8s.io"
    assert "credentialArn" not in rules["prod/k8s"]
    assert rules["prod/github"]["upstreamRegistryUrl"] == "ghcr.io"
    assert rules["prod/github"]["credentialArn"] == SECRET


def test_every_image_has_a_repository_whatever_its_versions() -> None:
    made = images().of_type(REPOSITORY)
    assert sorted(each.inputs["name"] for each in made) == ["prod/github/a/web", "prod/k8s/pause"]
    for each in made:
        assert each.inputs["forceDelete"] is True, "destroy would end at the first image"
        assert each.inputs["imageTagMutability"] == "MUTABLE", "a moved tag would stay behind"
        [encryption] = each.inputs["encryptionConfigurations"]
        assert encryption == {"encryptionType": "AES256"}


def test_a_repository_keeps_the_latest_and_lets_nothing_go_for_its_age() -> None:
    made = images()
    names = {each.inputs["name"] for each in made.of_type(REPOSITORY)}
    assert {each.inputs["repository"] for each in made.of_type(POLICY)} == names
    for each in made.of_type(POLICY):
        [rule] = json.loads(each.inputs["policy"])["rules"]
        assert rule["action"] == {"type": "expire"}, "what is archived cannot be pulled"
        assert rule["selection"]["tagStatus"] == "any", "what is pulled by digest has no tag"
        assert rule["selection"]["countType"] == "imageCountMoreThan"
        assert rule["selection"]["countNumber"] >= 100, "one for each platform, and their index"


@pytest.mark.parametrize(
    ("image", "address"),
    [
        (KEPT[0], f"{HERE}/prod/k8s/pause:3.10.1"),
        (KEPT[1], f"{HERE}/prod/github/a/web:1"),
        (KEPT[2], f"{HERE}/prod/github/a/web:2{DIGEST}"),
        ("ghcr.io/a/web", f"{HERE}/prod/github/a/web"),
    ],
)
def test_what_ecr_keeps_is_pulled_from_the_cell_s_own_repository(image: str, address: str) -> None:
    assert resolve_image(image) == address


def test_docker_hub_s_own_images_are_in_its_library() -> None:
    image = "redis:7.4-alpine"
    assert resolve_image(image, kept=(image,)) == f"{HERE}/prod/docker-hub/library/redis:7.4-alpine"


@pytest.mark.parametrize("source", ["pullThrough", "copies", "upstream"])
def test_what_is_in_ecr_of_the_region_is_pulled_from_where_it_is(source: str) -> None:
    image = f"{HERE}/web:1"
    registry = {"registry": f"{HERE}/copies"} if source == "copies" else {}
    assert resolve_image(image, source=source, kept=(), **registry) == image


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/web:1",
        "quay.io/a__b/web:1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1",
    ],
)
def test_what_ecr_does_not_keep_is_pulled_from_where_it_is(image: str) -> None:
    assert resolve_image(image) == image


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("redis:7", "docker.io/library/redis:7"),
        (f"quay.io/a__b/web:1{DIGEST}", f"quay.io/a__b/web:1{DIGEST}"),
        ("registry.example.com/web:1", "registry.example.com/web:1"),
    ],
)
def test_copies_keep_the_whole_name(image: str, name: str) -> None:
    registry = "reg.example.com/copies"
    assert resolve_image(image, source="copies", registry=registry, kept=()) == f"{registry}/{name}"


def test_nothing_is_made_for_images_of_other_registries() -> None:
    for given in ({"source": "upstream"}, {"source": "copies", "registry": "reg.example.com"}):
        made = images(kept=(), **given)
        assert [each for each in made.all if each.typ in (RULE, REPOSITORY, POLICY)] == []
    assert resolve_image("redis:7", source="upstream", kept=()) == "redis:7"


def test_an_image_without_a_repository_is_an_error_and_no_pod_that_waits() -> None:
    with pytest.raises(KeyError, match="prod/k8s/descheduler"):
        images("registry.k8s.io/descheduler:1")
