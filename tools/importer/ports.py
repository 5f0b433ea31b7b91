"""Ports of the pods of a workload: the main port, and further ports by name."""

from dataclasses import dataclass, field

from settings.reading.names import MAIN_PORT, is_port_name


@dataclass
class Ports:
    """Ports of the pods. The first port becomes the main port, unless `choose` names another."""

    numbers: dict[str, int] = field(default_factory=dict[str, int])
    """Port numbers by the names that the stack file has for them, without the main port's."""
    main: int | None = None
    """Number of the main port; None: no port."""
    outer: "Ports | None" = None
    """Ports of the workload, if these are the ports of a sidecar."""
    _names: dict[str, int] = field(default_factory=dict[str, int])
    """Port numbers by the names that the manifest has for them."""

    def add(self, number: int, name: str | None = None) -> None:
        """Adds a port of a container or a Service."""
        self.learn(number, name)
        if number not in (self.main, *self.numbers.values()) and not self._is_outside(number):
            self.numbers[self._free_name(number, name)] = number

    def learn(self, number: int, name: str | None) -> None:
        """Makes the name of a port known that is no port of these containers."""
        if name:
            self._names.setdefault(name, number)

    def choose(self, number: int) -> None:
        """Makes a port the main port."""
        self.numbers = {name: each for name, each in self.numbers.items() if each != number}
        self.main = number

    def number_of(self, port: str) -> int | None:
        """Returns the number of a port that a manifest refers to by name or number."""
        return int(port) if port.isdecimal() else self._names.get(port)

    def name_of(self, number: int) -> str:
        """Returns the name of a port in the stack file, and adds the port if it is missing."""
        if self.outer and self._is_outside(number):
            return self.outer.name_of(number)
        self.add(number)
        others = {each: name for name, each in self.numbers.items()}
        return others.get(number, MAIN_PORT)

    def _is_outside(self, number: int) -> bool:
        outer = self.outer
        return outer is not None and number in (outer.main, *outer.numbers.values())

    def _free_name(self, number: int, name: str | None) -> str:
        usable = name and is_port_name(name) and name not in self.numbers
        return name if name and usable else f"port-{number}"
