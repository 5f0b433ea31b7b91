"""`ha-eks:apps`: the applications that receive requests, each in a namespace of its name."""

from pydantic import Field

from settings.reading.named_sections import NamedSections
from settings.reading.names import AppName, Port
from settings.workload.probes import Liveness, Readiness
from settings.workload.replicated import Replicated
from settings.workload.served import Served


class App(Replicated, Served):
    """An application that receives requests on a port, with pods in all zones."""

    port: Port
    """Port that the app serves on; also the port of its Service. The port's name is `app`."""
    prefers_same_zone: bool | None = None
    """True: callers send their requests to pods of the app in their own zone. Default: true if the
    app and each of its callers have the same number of pods in every zone."""

    @property
    def main_port(self) -> int:
        """`port`, whose name is `app`."""
        return self.port

    @property
    def liveness(self) -> Liveness:
        """The liveness probe. Default: a TCP connection to the port."""
        return self.probes.liveness or Liveness()

    @property
    def readiness(self) -> Readiness:
        """The readiness probe. Default: a TCP connection to the port."""
        return self.probes.readiness or Readiness()


class Apps(NamedSections[App]):
    """The applications by name. Default: none."""

    root: dict[AppName, App] = Field(default_factory=dict[str, App])
