"""Where images are pulled from."""

import pytest

from core.images import copied, in_ecr

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def test_a_copy_keeps_its_whole_name() -> None:
    image = "registry.k8s.io/pause:3.10.1"
    assert copied(image, f"{ECR}/copies") == f"{ECR}/copies/{image}"
    assert copied(image, None) == image


@pytest.mark.parametrize(
    ("image", "inside"),
    [
        (f"{ECR}/web:1", True),
        (ECR, True),
        (f"{ECR}.example.com/web:1", False),
        (f"example.com/{ECR}/web:1", False),
        ("123456789012.dkr.ecr.us-west-2.amazonaws.com/web:1", False),
        ("public.ecr.aws/web:1", False),
        ("redis:7", False),
    ],
)
def test_only_ecr_of_the_region_is_reached_without_nat(image: str, inside: bool) -> None:
    assert in_ecr(image, "us-east-1") is inside
