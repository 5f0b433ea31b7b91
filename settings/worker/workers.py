"""`ha-eks:workers`: programs that take jobs from a queue, each in a namespace of its name."""

from typing import Annotated

from pydantic import Field

from core.availability.termination import Termination, termination
from settings.reading.named_sections import NamedSections
from settings.reading.names import AppName
from settings.workload.replicated import Replicated


class Worker(Replicated):
    """A program that receives no requests, with pods in all zones."""

    longest_job_seconds: Annotated[int, Field(ge=1, le=3500)] = 30
    """Duration of the longest job. A terminating pod has this time from TERM to finish the job at
    hand, or to return it to its queue; the worker must take no new job after TERM."""

    @property
    def ports(self) -> dict[str, int]:
        """All ports of the pods, by name."""
        return self.other_ports

    @property
    def longest_work(self) -> int:
        """Seconds that the longest job takes."""
        return self.longest_job_seconds

    @property
    def termination(self) -> Termination:
        """Timeline of the termination of the pods."""
        return termination(
            longest_request=self.longest_job_seconds,
            shutdown=self.shutdown,
            receives_requests=False,
            load_balancer_deregistration=None,
            sidecars=self.sidecar_shutdown,
            pre_stop=self.pre_stop.seconds if self.pre_stop else None,
        )


class Workers(NamedSections[Worker]):
    """The workers by name. Default: none."""

    root: dict[AppName, Worker] = Field(default_factory=dict[str, Worker])
