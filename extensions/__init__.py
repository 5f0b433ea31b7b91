"""Resources of the cell that the stack file cannot describe: docs/extensions.md.

examples/extensions/database.py is a complete example.
"""

import pulumi

from components.extension import Cell


def extend(cell: Cell, opts: pulumi.ResourceOptions) -> None:
    """Creates resources in the cell. Each resource and component receives `opts`."""
