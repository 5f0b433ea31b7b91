"""The console of commands that print with Rich."""

from typing import NoReturn

from rich.console import Console


class OutputConsole(Console):
    """A console that leaves the exit status of a broken pipe to the command: Rich exits with 1,
    which is the status of findings and of failed steps."""

    def on_broken_pipe(self) -> NoReturn:
        """Raises the error that Rich has caught."""
        raise BrokenPipeError
