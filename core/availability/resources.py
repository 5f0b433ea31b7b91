"""What pods ask for and nodes have: CPU, memory and places."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resources:
    """An amount of each."""

    cpu: int
    """Thousandths of a core."""
    memory: int
    """MiB."""
    pods: int = 1
    """Places: one for a pod."""

    def __add__(self, other: "Resources") -> "Resources":
        """Both together."""
        return Resources(
            cpu=self.cpu + other.cpu,
            memory=self.memory + other.memory,
            pods=self.pods + other.pods,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        """What is left of it without the other; less than nothing where that is more."""
        return Resources(
            cpu=self.cpu - other.cpu,
            memory=self.memory - other.memory,
            pods=self.pods - other.pods,
        )

    def __str__(self) -> str:
        """For people."""
        return f"{self.cpu}m CPU and {self.memory}Mi"

    def fits(self, free: "Resources") -> bool:
        """Whether there is as much of each."""
        return self.cpu <= free.cpu and self.memory <= free.memory and self.pods <= free.pods

    @property
    def size(self) -> int:
        """One number to sort by: a core counts as 4 GiB, as general-purpose instances have it."""
        return self.cpu * 4096 // 1000 + self.memory
