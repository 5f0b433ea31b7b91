"""Tests of the comparison of a caller with a principal."""

import pytest

from core.principals import is_principal

SESSION = "arn:aws:sts::123456789012:assumed-role/ops/alice"
USER = "arn:aws:iam::123456789012:user/people/alice"


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        (SESSION, "arn:aws:iam::123456789012:role/ops"),
        (SESSION, "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/ops"),
        (USER, USER),
    ],
)
def test_a_caller_is_its_user_or_the_role_of_its_session(caller: str, principal: str) -> None:
    assert is_principal(caller, principal)


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        (SESSION, "arn:aws:iam::123456789012:role/dev-ops"),
        (SESSION, "arn:aws:iam::123456789012:role/ops/dev"),
        (SESSION, "arn:aws:iam::210987654321:role/ops"),
        (SESSION, "arn:aws:iam::123456789012:user/ops"),
        (USER, "arn:aws:iam::123456789012:user/alice"),
        (USER, "arn:aws:iam::123456789012:role/people/alice"),
    ],
)
def test_a_caller_is_no_other_principal(caller: str, principal: str) -> None:
    assert not is_principal(caller, principal)
