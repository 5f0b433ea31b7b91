"""Resources beyond the stack file, which the module `extensions` creates."""

import importlib
import importlib.util
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pulumi

from components.cell_context import ClusterContext
from components.priority_classes import PriorityClasses
from settings import Settings
from settings.reading.problem import printable


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The cell that an extension adds resources to."""

    context: ClusterContext
    """Name, region and account of the cell, and the name of its cluster."""
    settings: Settings
    """The checked stack file: zones, workloads, the domain and its hosted zone in `traffic`."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    private_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnet of each zone, in which the nodes are."""
    public_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Public subnet of each zone, in which the load balancer is."""
    security_group_id: pulumi.Input[str]
    """Id of the security group of all nodes and pods."""
    log_key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the log groups of the cell."""
    priority_classes: PriorityClasses
    """Names of the PriorityClasses."""
    alarm_topic_arn: pulumi.Input[str]
    """ARN of the SNS topic whose subscribers receive the alarms."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods depend on: nodes, their network and the Cluster Autoscaler."""


Extend = Callable[[Cell, pulumi.ResourceOptions], None]


class ExtensionError(pulumi.RunError):
    """Refuses an extension, with one line: file, line, reason.

    Pulumi shows a RunError by its message alone, without a stack trace.
    """


@dataclass(frozen=True, kw_only=True)
class ExtensionArgs:
    """Arguments of Extension."""

    module: str
    """Name of the module with the function `extend`."""
    cell: Cell
    """The cell."""


class Extension(pulumi.ComponentResource):
    """Contains the resources of an extension, which have the providers of the cell."""

    def __init__(
        self, name: str, args: ExtensionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Extension", name, None, opts)
        _extend(args.module, args.cell, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def _extend(name: str, cell: Cell, opts: pulumi.ResourceOptions) -> None:
    """Calls the function `extend` of a module.

    Raises ExtensionError if the module or its function does not exist, or raises an error.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ExtensionError(
            f"{name}/__init__.py: not found; it defines extend(cell, opts): docs/extensions.md"
        )
    file = Path(spec.origin)
    try:
        module: Any = importlib.import_module(name)  # Any: a module of the user
        extend = getattr(module, "extend", None)
        if extend is None:
            place = _shown(file)
            raise ExtensionError(f"{place}: extend(cell, opts) is required: docs/extensions.md")
        cast("Extend", extend)(cell, opts)
    except ExtensionError:
        raise
    except Exception as error:
        raise ExtensionError(f"{_place(error, file)}: {_reason(error)}") from error


def _place(error: Exception, file: Path) -> str:
    """Returns the file and the line of the extension in which an error was raised."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{_shown(Path(error.filename))}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(file.parent)
    ]
    return f"{_shown(Path(frames[-1].filename))}:{frames[-1].lineno}" if frames else _shown(file)


def _shown(file: Path) -> str:
    """Returns folder and name of a file."""
    return f"{file.parent.name}/{file.name}"


def _reason(error: Exception) -> str:
    if isinstance(error, pulumi.RunError):
        return printable(str(error))
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return printable(f"{type(error).__name__}: {message}" if message else type(error).__name__)
