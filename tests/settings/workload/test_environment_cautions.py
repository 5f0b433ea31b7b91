"""References in environment variables that Kubernetes does not replace."""

import pytest

from tests.settings.stack_files import WEB, Change, cautions_of, further

KEY = "ha-eks:apps.web.env.A"
REPLACED: dict[str, dict[str, object]] = {
    "a variable of env": {"env": {"A": "$(B)", "B": "1"}},
    "a field of the pod": {"env": {"A": "$(IP)"}, "envFields": {"IP": "status.podIP"}},
    "peers": {
        "env": {"A": "$(POD_IP) $(PEERS_DNS)"},
        "peers": {"ports": ["app"]},
    },
    "traces": {"env": {"A": "$(OTEL_SERVICE_NAME)"}, "traced": True},
    "perhaps a variable of envFrom": {
        "env": {"A": "postgres://app:$(PASSWORD)@db/app"},
        "envFrom": [{"secret": "a"}],
    },
    "the address of the API server": {"env": {"A": "https://$(KUBERNETES_SERVICE_HOST)"}},
    "an escaped reference": {"env": {"A": "$$(PATH)"}},
}


def changes(fields: dict[str, object]) -> list[Change]:
    return [((*WEB, field), value) for field, value in fields.items()]


@pytest.mark.parametrize("case", REPLACED)
def test_a_reference_that_is_replaced_is_no_caution(case: str) -> None:
    assert KEY not in cautions_of(*changes(REPLACED[case]))


NOT_REPLACED: dict[str, tuple[dict[str, object], str, str]] = {
    "no variable": (
        {"env": {"A": "$(NONE)"}},
        "$(NONE)",
        "the container has no variable NONE in the stack file",
    ),
    "itself": (
        {"env": {"A": "/opt:$(A)"}},
        "$(A)",
        "a variable cannot refer to itself, or to the variable of the image",
    ),
}


@pytest.mark.parametrize("case", NOT_REPLACED)
def test_a_reference_that_kubernetes_leaves_is_a_caution(case: str) -> None:
    fields, written, reason = NOT_REPLACED[case]
    assert cautions_of(*changes(fields))[KEY] == (
        f"Kubernetes leaves {written} as it is, because {reason}; write the value itself, or "
        f"${written} if the program must receive {written}"
    )


def test_of_two_variables_that_refer_to_each_other_one_is_a_caution() -> None:
    found = cautions_of(*changes({"env": {"A": "$(B)", "B": "$(A)"}}))
    assert "the value of A refers to B" in found["ha-eks:apps.web.env.B"]
    assert KEY not in found


def test_a_sidecar_has_no_variables_of_peers() -> None:
    beside = further("proxy", env={"A": "$(POD_IP)"})
    found = cautions_of(*changes({"peers": {"ports": ["app"]}, "sidecars": [beside]}))
    assert "no variable POD_IP" in found["ha-eks:apps.web.sidecars[0].env.A"]
