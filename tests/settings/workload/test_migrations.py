"""Migrations: what the job runs, which workloads wait for it, and how long."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    WEB,
    WORKERS,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    problems_of,
    refused,
    workers,
)

MIGRATION = {"command": ["/migrate"]}


def test_a_migration_has_a_command_or_arguments(tmp_path: Path) -> None:
    for written in ({"args": ["migrate"]}, MIGRATION):
        settings = accepted(tmp_path, "dev", ((*WEB, "migration"), written))
        assert [*settings.migrations] == ["web"]

    problems = refused(tmp_path, "dev", changed("dev", ((*WEB, "migration"), {})))

    assert_problem(
        problems,
        f"{APPS}.web.migration.command",
        None,
        "required without args: the job would run the program of the workload, which does not "
        "end; write the command of the migration",
    )


@pytest.mark.parametrize(
    ("migration", "field"),
    [
        ({"command": ["serve"], "args": ["all"]}, "command"),
        ({"args": ["all"]}, "args"),
    ],
)
def test_a_migration_is_not_the_program_of_its_workload(
    migration: dict[str, list[str]], field: str
) -> None:
    program: list[Change] = [((*WEB, "command"), ["serve"]), ((*WEB, "args"), ["all"])]
    [problem] = problems_of(*program, ((*WEB, "migration"), migration))
    assert (problem.key, problem.message) == (
        f"ha-eks:apps.web.migration.{field}",
        "the job would run the program of the workload, which does not end; write the command of "
        "the migration",
    )
    assert problems_of(*program, ((*WEB, "migration"), {"args": ["migrate"]})) == []


def test_a_worker_can_wait_for_the_migration_of_an_app(tmp_path: Path) -> None:
    settings = accepted(
        tmp_path, "dev", ((*WEB, "migration"), MIGRATION), workers(mailer={"migratedBy": "web"})
    )

    assert [*settings.in_migration_order][-1] == "mailer"
    assert settings.pod_names("web") == ("web", "web-migration")
    assert settings.pod_names("mailer") == ("mailer",)


def test_only_another_workload_with_a_migration_migrates(tmp_path: Path) -> None:
    cases: list[tuple[list[Change], str, str]] = [
        (
            [],
            "web",
            "no other workload has a migration; add migration to one, or remove migratedBy",
        ),
        (
            [((*WEB, "migration"), MIGRATION)],
            "cache",
            "must be the name of another workload with a migration: web",
        ),
        (
            [
                ((*WEB, "migration"), MIGRATION),
                ((APPS, "cache", "migration"), MIGRATION),
                ((APPS, "cache", "migratedBy"), "web"),
            ],
            "cache",
            "cache waits for the migration of web itself; write web, or remove migratedBy from "
            "cache",
        ),
    ]
    for changes, written, message in cases:
        mailer = workers(mailer={"migratedBy": written})

        problems = refused(tmp_path, "dev", changed("dev", *changes, mailer))

        assert_problem(problems, f"{WORKERS}.mailer.migratedBy", written, message)


@pytest.mark.parametrize(("seconds", "warned"), [(1800, False), (3600, True)])
def test_a_long_migration_needs_long_credentials(seconds: int, warned: bool) -> None:
    migration = {**MIGRATION, "deadlineSeconds": seconds}

    found = cautions_of(((*WEB, "migration"), migration))

    text = (
        "an update can wait 3600s for the migration, and the credentials of the deployer must be "
        "valid that long; run a longer migration as a job of its own, and let the new version "
        "wait for it"
    )
    assert found.get(f"{APPS}.web.migration.deadlineSeconds") == (text if warned else None)
