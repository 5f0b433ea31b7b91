"""`protected`: protection of a whole cell from deletion."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, RootModel

_WORDS = {"true": True, "false": False}


def _value_of_text(value: object) -> object:
    """Returns the boolean of a text: Pulumi passes text, and `config set` writes text."""
    return _WORDS.get(value, value) if isinstance(value, str) else value


class Protected(RootModel[bool]):
    """True: AWS refuses to delete the cluster and the load balancer, Pulumi does not empty the
    bucket of the access logs, and `pulumi destroy` is refused before anything is deleted. `make
    down` sets false and deletes the cell. `true` or `false`; default: `true`.
    """

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    root: Annotated[bool, BeforeValidator(_value_of_text)] = True

    def __bool__(self) -> bool:
        """True if the cell is protected."""
        return self.root
