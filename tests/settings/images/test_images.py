"""Tests of ha-eks:images: problems and cautions on the shipped files with some changes."""

from pathlib import Path

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings.images.image_sources import cached_images, images_outside_ecr, upstream_registries
from tests.settings.stack_files import (
    APPS,
    IMAGES,
    NETWORK,
    WEB,
    Case,
    Change,
    accepted,
    app,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    put_in,
    refused,
    unknown,
)

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
COPIES = {"source": "copies", "registry": ECR}
CACHE = (APPS, "cache", "image")
WEB_IN_ECR: Change = ((*WEB, "image"), f"{ECR}/podinfo:6.14.1")
WITHOUT_NAT: list[Change] = [
    ((NETWORK, "nat"), "none"),
    ((NETWORK, "endpoints"), [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]),
]
QUERY: list[Change] = [
    ((*WEB, "metrics"), {}),
    (
        (*WEB, "scaling"),
        {"prometheus": {"requests": {"query": "sum(rate(r[2m]))", "targetPerPod": 50.0}}},
    ),
]

REGISTRY = (
    "must be a registry without scheme and tag, such as "
    "123456789012.dkr.ecr.us-east-1.amazonaws.com"
)
ELSEWHERE = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf"

ONE_CHANGE: dict[str, Case] = {
    "an unknown source": put_in(
        (IMAGES,), "source", "cache", 'must be one of pullThrough, copies, upstream; found "cache"'
    ),
    "a registry with a scheme": put_in((IMAGES,), "registry", "https://example.com", REGISTRY),
    "a registry with a tag": put_in((IMAGES,), "registry", f"{ECR}/copies:1", REGISTRY),
    "an unknown key": unknown((IMAGES, "registri"), "registry"),
    "a secret with a name that ECR does not support": (
        (IMAGES, "credentials"),
        {"ghcr.io": ELSEWHERE},
        f"{IMAGES}.credentials.ghcr.io",
        ELSEWHERE,
        "must be the ARN of a Secrets Manager secret whose name begins with "
        "ecr-pullthroughcache/, which ECR requires",
    ),
}
SHIPPED: Change = ((IMAGES,), config_of("prod")[IMAGES])


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_malformed_value_is_one_problem(tmp_path: Path, case: str) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    text = changed("prod", (SHIPPED if len(path) > 1 else (path, new)), (path, new))
    assert_problem(refused(tmp_path, "prod", text), key, value, message)


def test_copies_need_a_registry(tmp_path: Path) -> None:
    text = changed("dev", ((IMAGES,), {"source": "copies"}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{IMAGES}.registry",
        None,
        "required with source: copies; write the registry that has the copies",
    )


@pytest.mark.parametrize("source", ["pullThrough", "upstream"])
def test_a_registry_without_copies_is_refused(tmp_path: Path, source: str) -> None:
    images = {"source": source, "registry": ECR}
    problems = refused(
        tmp_path, "dev", changed("dev", ((IMAGES,), images), (CACHE, "quay.io/a/b:1"), WEB_IN_ECR)
    )
    assert_problem(
        problems,
        f"{IMAGES}.registry",
        ECR,
        "applies only with source: copies; write source: copies or remove registry",
    )


@pytest.mark.parametrize("images", [COPIES, {"source": "upstream"}])
def test_credentials_without_pull_through_cache_are_refused(
    tmp_path: Path, images: dict[str, str]
) -> None:
    credentials = {"ghcr.io": SECRET}
    text = changed("dev", ((IMAGES,), {**images, "credentials": credentials}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{IMAGES}.credentials",
        credentials,
        "applies only with source: pullThrough; write source: pullThrough or remove credentials",
    )


@pytest.mark.parametrize("registry", ["quay.io", "registry.k8s.io", "registry.example.com"])
def test_credentials_of_other_registries_are_refused(tmp_path: Path, registry: str) -> None:
    text = changed("prod", ((IMAGES, "credentials", registry), SECRET))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{IMAGES}.credentials.{registry}",
        SECRET,
        "ECR does not use credentials for this registry; remove the key, or write one of "
        "docker.io, ghcr.io, registry.gitlab.com, cgr.dev",
    )


def test_a_secret_in_another_region_is_refused(tmp_path: Path) -> None:
    elsewhere = SECRET.replace("us-east-1", "us-west-2")
    text = changed("prod", ((IMAGES, "credentials", "ghcr.io"), elsewhere))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{IMAGES}.credentials.ghcr.io",
        elsewhere,
        "the secret is in us-west-2, but ECR needs a secret in the region of the cell; write the "
        "ARN of a secret in us-east-1",
    )


def missing_credentials(registry: str, user: str) -> str:
    official = " (public.ecr.aws/docker/library has the official ones)"
    return (
        f"required: ECR pulls from {registry} only with credentials, and {user} uses an image "
        "from there; write the ARN of a secret, use an image from another registry"
        f"{official if registry == 'docker.io' else ''}, or write source: upstream"
    )


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("redis:7.4-alpine", "docker.io"),
        ("grafana/loki:3.1.0", "docker.io"),
        ("registry.gitlab.com/a/b:1", "registry.gitlab.com"),
        ("cgr.dev/chainguard/valkey:8", "cgr.dev"),
    ],
)
def test_missing_credentials_are_refused_with_the_app_that_needs_them(
    tmp_path: Path, image: str, registry: str
) -> None:
    problems = refused(tmp_path, "prod", changed("prod", (CACHE, image)))
    key = f"{IMAGES}.credentials.{registry}"
    assert_problem(problems, key, None, missing_credentials(registry, f"{APPS}.cache"))
    accepted(tmp_path, "prod", (CACHE, image), ((IMAGES, "credentials", registry), SECRET))


def test_keda_needs_credentials_if_an_app_scales_on_a_query(tmp_path: Path) -> None:
    changes: list[Change] = [
        ((*WEB, "image"), "quay.io/a/podinfo:6.14.1"), ((IMAGES, "credentials"), {}),
    ]  # fmt: skip
    accepted(tmp_path, "prod", *changes)
    problems = refused(tmp_path, "prod", changed("prod", *changes, *QUERY))
    key = f"{IMAGES}.credentials.ghcr.io"
    assert_problem(problems, key, None, missing_credentials("ghcr.io", "KEDA"))


@pytest.mark.parametrize("source", ["pullThrough", "upstream", None])
def test_without_nat_the_source_must_be_copies(tmp_path: Path, source: str | None) -> None:
    images = {"source": source} if source else {}
    text = changed(
        "dev", *WITHOUT_NAT, ((IMAGES,), images), WEB_IN_ECR, (CACHE, "quay.io/a/redis:7")
    )
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{IMAGES}.source",
        source,
        "without NAT, nodes can pull only from ECR in us-east-1, and the pull-through cache needs "
        "NAT for the first pull of an image; write source: copies and a registry in ECR of "
        "us-east-1",
    )


@pytest.mark.parametrize(
    "registry", ["registry.example.com", "123456789012.dkr.ecr.us-west-2.amazonaws.com"]
)
def test_without_nat_the_registry_must_be_ecr_in_the_region(tmp_path: Path, registry: str) -> None:
    text = changed("dev", *WITHOUT_NAT, ((IMAGES,), {**COPIES, "registry": registry}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{IMAGES}.registry",
        registry,
        "without NAT, nodes can pull only from ECR in us-east-1; write a registry there, such as "
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    )


def test_with_nat_copies_can_be_in_any_registry(tmp_path: Path) -> None:
    accepted(tmp_path, "dev", ((IMAGES,), {**COPIES, "registry": "registry.example.com:5000/a"}))
    accepted(tmp_path, "dev", *WITHOUT_NAT, ((IMAGES,), COPIES))


def test_ecr_caches_the_images_of_supported_registries_only(tmp_path: Path) -> None:
    changes: list[Change] = [(CACHE, "registry.example.com/redis:7"), *QUERY]
    settings = accepted(tmp_path, "prod", *changes)
    outside, cacheable = set(images_outside_ecr(settings)), set(cached_images(settings))
    assert outside - cacheable == {"registry.example.com/redis:7"}
    assert set(upstream_registries(settings)) == {"public.ecr.aws", "registry.k8s.io", "ghcr.io"}
    keda = {"keda", "keda-metrics-apiserver", "keda-admission-webhooks"}
    assert {f"ghcr.io/kedacore/{each}" for each in keda} < cacheable
    in_ecr = accepted(tmp_path, "prod", WEB_IN_ECR)
    assert "ghcr.io" not in upstream_registries(in_ecr), "unneeded credentials would be required"


@pytest.mark.parametrize("images", [COPIES, {"source": "upstream"}])
def test_without_pull_through_ecr_caches_no_image(tmp_path: Path, images: dict[str, str]) -> None:
    settings = accepted(tmp_path, "dev", ((IMAGES,), images))
    assert cached_images(settings) == upstream_registries(settings) == {}
    assert images_outside_ecr(settings)


@pytest.mark.parametrize(
    "image", ["registry.example.com/web:1", "my.azurecr.io/web:1", "quay.io/a__b/web:1"]
)
def test_an_image_that_ecr_cannot_cache_is_a_caution(image: str) -> None:
    assert cautions_of(((*WEB, "image"), image)) == {f"{APPS}.web.image": not_cacheable(image)}
    upstream: Change = ((IMAGES,), {"source": "upstream"})
    assert cautions_of(((*WEB, "image"), image), upstream) == {}, "the user chose upstream"


def test_only_an_image_in_ecr_of_another_region_is_a_caution() -> None:
    image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/web:1"
    assert cautions_of(((*WEB, "image"), image)) == {}
    elsewhere = image.replace("us-west-2", "eu-west-1")
    found = cautions_of(((*WEB, "image"), elsewhere))
    assert found == {f"{APPS}.web.image": not_cacheable(elsewhere)}


def not_cacheable(image: str) -> str:
    return (
        f"ECR cannot cache {image}, so every new node pulls the image from "
        f"{image.partition('/')[0]} and its pods start only while that registry is available; copy "
        "the image to ECR"
    )


@pytest.mark.parametrize(
    ("image", "images", "unused"),
    [
        ("public.ecr.aws/team/a:1", {}, True),
        ("registry.example.com/a:1", {}, False),
        ("public.ecr.aws/team/a:1", {"source": "upstream"}, False),
        ("registry.example.com/a:1", {"source": "copies", "registry": "mirror.local/a"}, False),
        (
            "registry.example.com/a:1",
            {"source": "copies", "registry": "123456789012.dkr.ecr.us-west-2.amazonaws.com"},
            True,
        ),
    ],
)
def test_pull_secrets_for_an_image_in_ecr_are_a_caution(
    image: str, images: dict[str, str], unused: bool
) -> None:
    key = "ha-eks:apps.index.imagePullSecrets"
    index = app(image=image, imagePullSecrets=["registry"])
    changes: list[Change] = [((IMAGES,), images)] if images else []
    found = cautions_of(((APPS, "index"), index), *changes)
    text = (
        f"nodes pull {image} from ECR with their own credentials, and do not use these Secrets; "
        "remove them (the credentials of registries that ECR caches are in "
        "ha-eks:images.credentials)"
    )
    assert found.get(key) == (text if unused else None)
