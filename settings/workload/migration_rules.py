"""Rules for migrations: what the job runs, and which workloads wait for it."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.reading.wording import listed
from settings.stack import Settings


def _command(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each migration that would run the program of its workload."""
    for name, migration in settings.migrations.items():
        app = settings.deployments[name]
        written = migration.command or migration.args
        program = (migration.command or app.command, migration.args)
        if written and program != (app.command, app.args):
            continue
        field = "args" if migration.args and not migration.command else "command"
        yield Problem(
            key=settings.key_of(name, f"migration.{field}"),
            message=f"{'' if written else 'required without args: '}the job would run the program "
            "of the workload, which does not end; write the command of the migration",
        )


def _migrated_by(settings: Settings) -> Iterator[Problem]:
    for name, each in settings.deployments.items():
        other = each.migrated_by
        if other is None:
            continue
        key = settings.key_of(name, "migratedBy")
        others = sorted({*settings.migrations} - {name})
        if not others:
            message = (
                "no other workload has a migration; add migration to one, or remove migratedBy"
            )
            yield Problem(key=key, message=message)
        elif other not in others:
            message = f"must be the name of another workload with a migration: {listed(others)}"
            yield Problem(key=key, message=message)
        elif first := settings.deployments[other].migrated_by:
            yield Problem(
                key=key,
                message=f"{other} waits for the migration of {first} itself; write {first}, or "
                f"remove migratedBy from {other}",
            )


RULES = (_command, _migrated_by)
