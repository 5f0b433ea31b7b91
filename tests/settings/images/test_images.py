"""What people are told of where images are pulled from: the shipped files, with some changes."""

from pathlib import Path

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import check
from settings.images.image_sources import cached, images, kept
from tests.settings.stack_files import (
    APPS,
    IMAGES,
    NETWORK,
    WEB,
    Case,
    Change,
    accepted,
    assert_one,
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

ONE_CHANGE: dict[str, Case] = {
    "a source that is none": put_in(
        (IMAGES,), "source", "cache", "'pullThrough', 'copies' or 'upstream'"
    ),
    "a registry with a scheme": put_in(
        (IMAGES,), "registry", "https://example.com", "a registry such as"
    ),
    "a registry with a tag": put_in((IMAGES,), "registry", f"{ECR}/copies:1", "a registry such as"),
    "unknown key": unknown((IMAGES, "registri"), "registry"),
    "a secret that ECR may not read": (
        (IMAGES, "credentials"),
        {"ghcr.io": "arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf"},
        f"{IMAGES}.credentials.ghcr.io",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf",
        "a secret whose name begins with ecr-pullthroughcache/",
    ),
}


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem(tmp_path: Path, case: str) -> None:
    path, new, key, value, word = ONE_CHANGE[case]
    text = changed("prod", (IMAGES_OF_PROD if len(path) > 1 else (path, new)), (path, new))
    assert_one(refused(tmp_path, "prod", text), key, value, word)


IMAGES_OF_PROD: Change = ((IMAGES,), config_of("prod")[IMAGES])


def test_copies_are_of_some_registry(tmp_path: Path) -> None:
    text = changed("dev", ((IMAGES,), {"source": "copies"}))
    key = f"{IMAGES}.registry"
    assert_one(refused(tmp_path, "dev", text), key, None, "a registry with copies")


@pytest.mark.parametrize("source", ["pullThrough", "upstream"])
def test_without_copies_there_is_no_registry_of_them(tmp_path: Path, source: str) -> None:
    text = changed("prod-standby", ((IMAGES, "source"), source), ((IMAGES, "registry"), ECR))
    problems = refused(tmp_path, "prod-standby", text)
    told = {problem.key: problem.message for problem in problems}
    assert told[f"{IMAGES}.registry"] == f"nothing: source {source} has no registry of copies"
    assert len(told) == (2 if source == "upstream" else 1), "its credentials are for nothing then"


@pytest.mark.parametrize("given", [COPIES, {"source": "upstream"}])
def test_credentials_are_for_what_ecr_fetches(tmp_path: Path, given: dict[str, str]) -> None:
    text = changed("dev", ((IMAGES,), {**given, "credentials": {"ghcr.io": SECRET}}))
    assert_one(
        refused(tmp_path, "dev", text), f"{IMAGES}.credentials", ["ghcr.io"], "ECR fetches nothing"
    )


@pytest.mark.parametrize("registry", ["quay.io", "registry.k8s.io", "registry.example.com"])
def test_credentials_are_for_registries_that_want_them(tmp_path: Path, registry: str) -> None:
    text = changed("prod", ((IMAGES, "credentials", registry), SECRET))
    assert_one(
        refused(tmp_path, "prod", text),
        f"{IMAGES}.credentials.{registry}", SECRET,
        "docker.io, ghcr.io, registry.gitlab.com, cgr.dev",
    )  # fmt: skip


def test_a_secret_is_in_the_cell_s_region(tmp_path: Path) -> None:
    elsewhere = SECRET.replace("us-east-1", "us-west-2")
    text = changed("prod", ((IMAGES, "credentials", "ghcr.io"), elsewhere))
    assert_one(
        refused(tmp_path, "prod", text),
        f"{IMAGES}.credentials.ghcr.io", elsewhere, "a secret of aws:region us-east-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("redis:7.4-alpine", "docker.io"),
        ("grafana/loki:3.1.0", "docker.io"),
        ("registry.gitlab.com/a/b:1", "registry.gitlab.com"),
        ("cgr.dev/chainguard/valkey:8", "cgr.dev"),
    ],
)
def test_who_needs_credentials_is_told_by_name(tmp_path: Path, image: str, registry: str) -> None:
    text = changed("prod", (CACHE, image))
    key = f"{IMAGES}.credentials.{registry}"
    problems = refused(tmp_path, "prod", text)
    assert_one(problems, key, None, f"{APPS}.cache is from there", f"fetches from {registry} with")
    accepted(tmp_path, "prod", (CACHE, image), ((IMAGES, "credentials", registry), SECRET))


def test_keda_needs_credentials_once_an_app_follows_a_query(tmp_path: Path) -> None:
    elsewhere: list[Change] = [
        ((*WEB, "image"), "quay.io/a/podinfo:6.14.1"), ((IMAGES, "credentials"), {}),
    ]  # fmt: skip
    accepted(tmp_path, "prod", *elsewhere)
    problems = refused(tmp_path, "prod", changed("prod", *elsewhere, *QUERY))
    key = f"{IMAGES}.credentials.ghcr.io"
    assert_one(problems, key, None, "KEDA, for queries is from there", "or source upstream")


@pytest.mark.parametrize("source", ["pullThrough", "upstream"])
def test_without_nat_images_are_copies(tmp_path: Path, source: str) -> None:
    images = {"source": source, "credentials": {}}
    web: Change = ((*WEB, "image"), f"{ECR}/podinfo:6.14.1")
    cache: Change = (CACHE, "quay.io/a/redis:7")
    text = changed("dev", *WITHOUT_NAT, ((IMAGES,), images), web, cache)
    assert_one(
        refused(tmp_path, "dev", text), f"{IMAGES}.source", source, "copies, in ECR of us-east-1"
    )


@pytest.mark.parametrize(
    "registry", ["registry.example.com", "123456789012.dkr.ecr.us-west-2.amazonaws.com"]
)
def test_without_nat_copies_are_in_the_region(tmp_path: Path, registry: str) -> None:
    text = changed("dev", *WITHOUT_NAT, ((IMAGES,), {**COPIES, "registry": registry}))
    assert_one(refused(tmp_path, "dev", text), f"{IMAGES}.registry", registry, "ECR of us-east-1")


def test_with_nat_copies_may_be_anywhere(tmp_path: Path) -> None:
    accepted(tmp_path, "dev", ((IMAGES,), {**COPIES, "registry": "registry.example.com:5000/a"}))
    accepted(tmp_path, "dev", *WITHOUT_NAT, ((IMAGES,), COPIES))


@pytest.mark.parametrize(("region", "fetches"), [("us-gov-west-1", False), ("mx-central-1", True)])
def test_a_region_whose_ecr_fetches_nothing_is_told(region: str, fetches: bool) -> None:
    config = config_of("dev")
    zones = [f"{region}a", f"{region}b"]
    config["aws:region"] = region
    config[NETWORK] |= {"zones": zones, "controlPlaneZones": zones}
    assert [problem.key for problem in check(config)[1]] == []
    config[IMAGES] = {}
    told = {problem.key: problem.message for problem in check(config)[1]}
    assert (told.get(f"{IMAGES}.source") is None) is fetches
    assert fetches or "ECR of us-gov-west-1 fetches from no other" in told[f"{IMAGES}.source"]


def test_what_is_kept_is_what_is_pulled_and_known(tmp_path: Path) -> None:
    given: list[Change] = [(CACHE, "registry.example.com/redis:7"), *QUERY]
    settings = accepted(tmp_path, "prod", *given)
    assert set(images(settings)) - set(kept(settings)) == {"registry.example.com/redis:7"}
    assert set(cached(settings)) == {"public.ecr.aws", "registry.k8s.io", "ghcr.io"}
    keda = {"keda", "keda-metrics-apiserver", "keda-admission-webhooks"}
    assert {f"ghcr.io/kedacore/{each}" for each in keda} < set(kept(settings))
    ours = accepted(tmp_path, "prod", ((*WEB, "image"), f"{ECR}/podinfo:6.14.1"))
    assert "ghcr.io" not in cached(ours), "credentials would be asked for that nothing needs"


@pytest.mark.parametrize("given", [COPIES, {"source": "upstream"}])
def test_from_elsewhere_nothing_is_kept(tmp_path: Path, given: dict[str, str]) -> None:
    settings = accepted(tmp_path, "dev", ((IMAGES,), given))
    assert kept(settings) == cached(settings) == {}
    assert images(settings)
