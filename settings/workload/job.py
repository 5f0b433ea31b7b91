"""Settings of jobs: programs that run to their end."""

from typing import Annotated

from pydantic import Field

from settings.reading.section import Section

_MAX_SECONDS = 86400
"""Longest duration of a job: one day."""

MIGRATION_GRACE = 30
"""Seconds from TERM to KILL of a migration whose node is drained, or that passes its deadline,
without sidecars."""

Retries = Annotated[int, Field(ge=0, le=20)]
"""Number of failed pods that are replaced before a job has failed."""
DeadlineSeconds = Annotated[int, Field(ge=1, le=_MAX_SECONDS)]
"""Time after which a job has failed, from its creation, with all retries."""


class Migration(Section):
    """Job that runs to its end before new pods of the workload start, once per image, command and
    arguments. The pod has the image, environment, files, requests, init containers, sidecars and
    network access of the workload, and no volume. The sidecars end after the program."""

    command: tuple[str, ...] = ()
    """Program and first arguments. Default: the command of the workload, or the entrypoint of its
    image."""
    args: tuple[str, ...] = ()
    """Arguments of the entrypoint. Default: none."""
    deadline_seconds: DeadlineSeconds = 600
    """Time after which the migration has failed, from its creation, with all retries and with the
    time until a node runs its pod."""
    retries: Retries = 2
    """Number of failed pods that are replaced before the migration has failed. Pods that a drain or
    a lost node ends do not count."""
