"""A key of one kind of workload in another kind is refused with the way out."""

import pytest

from settings.reading.declared import declared_at, fields_of
from settings.reading.hints import hint_for
from settings.reading.unknown_keys import unknown_key
from settings.stack import OPTIONAL
from tests.settings.stack_files import WEB, Change, cron_jobs, problems_of, singletons

KINDS = ("apps", "workers", "singletons", "cronJobs")


def keys_of(kind: str) -> set[str]:
    found = declared_at(OPTIONAL[kind], ("NAME",))
    assert found, "the section has no entries"
    assert found.model, "the section has no entries"
    return {*fields_of(found.model)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_key_of_another_kind_has_a_hint(kind: str) -> None:
    found = declared_at(OPTIONAL[kind], ("NAME",))
    assert found, "the section has no entries"
    assert found.model, "the section has no entries"
    known = fields_of(found.model)
    others = {key for other in KINDS for key in keys_of(other)} - {*known}
    assert others, "the kinds have the same keys"
    for key in sorted(others):
        message = unknown_key(key, known, f"ha-eks:{kind}.NAME")
        suggests = "did you mean" in message or message.startswith("unknown key. ")
        assert not suggests, f"{kind} {key}: {message}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["hostNetwork", "privileged", "strategy"])
def test_a_key_that_no_workload_has_is_explained(kind: str, key: str) -> None:
    assert hint_for(f"ha-eks:{kind}.NAME", key), "the nearest key would be misleading"


CASES: dict[str, tuple[Change, str]] = {
    "singleton with a schedule": (
        singletons(clock={"schedule": "@daily"}),
        "only cron jobs run at set times; write the workload in ha-eks:cronJobs",
    ),
    "cron job that waits for a migration": (
        cron_jobs(nightly={"migratedBy": "web"}),
        "a cron job does not wait for migrations",
    ),
    "migration with an image": (
        ((*WEB, "migration"), {"command": ["migrate"], "image": "m:1"}),
        "the migration has the image, environment, files and requests of its workload",
    ),
    "migration with a name of Kubernetes": (
        ((*WEB, "migration"), {"command": ["migrate"], "backoffLimit": 1}),
        "write retries instead",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_message_says_what_to_do(case: str) -> None:
    change, hint = CASES[case]
    [problem] = problems_of(change)
    assert problem.message.startswith(f"unknown key; {hint}. All keys: ")
