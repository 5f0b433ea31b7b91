"""Amounts of CPU, memory, storage, accelerators and pods: requests of pods, and what nodes have."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resources:
    """An amount of CPU, memory, ephemeral storage, accelerators and pods."""

    cpu: int
    """CPU in millicores."""
    memory: int
    """Memory in MiB."""
    storage: int = 0
    """Ephemeral storage in MiB. Default: 0."""
    accelerators: int = 0
    """Number of GPUs or Neuron devices; a node has one kind of them. Default: 0."""
    pods: int = 1
    """Number of pods. Default: 1, the requests of one pod."""

    def __add__(self, other: "Resources") -> "Resources":
        """Returns the sum."""
        return Resources(
            cpu=self.cpu + other.cpu,
            memory=self.memory + other.memory,
            storage=self.storage + other.storage,
            accelerators=self.accelerators + other.accelerators,
            pods=self.pods + other.pods,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        """Returns the difference; amounts are negative where `other` is larger."""
        return Resources(
            cpu=self.cpu - other.cpu,
            memory=self.memory - other.memory,
            storage=self.storage - other.storage,
            accelerators=self.accelerators - other.accelerators,
            pods=self.pods - other.pods,
        )

    def __str__(self) -> str:
        """Returns CPU and memory in Kubernetes units, and accelerators: 250m CPU and 128Mi."""
        if not self.accelerators:
            return f"{self.cpu}m CPU and {self.memory}Mi"
        plural = "s" if self.accelerators > 1 else ""
        return f"{self.cpu}m CPU, {self.memory}Mi and {self.accelerators} accelerator{plural}"

    def fits(self, free: "Resources") -> bool:
        """True if no amount exceeds the amount in `free`."""
        return (
            self.cpu <= free.cpu
            and self.memory <= free.memory
            and self.storage <= free.storage
            and self.accelerators <= free.accelerators
            and self.pods <= free.pods
        )

    @property
    def size(self) -> int:
        """Size in MiB, to sort by: a core counts as 4 GiB, as general-purpose instances have it."""
        return self.cpu * 4096 // 1000 + self.memory
