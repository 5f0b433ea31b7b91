"""`ha-eks:audit`: findings of the audit that a stack accepts."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator

from settings.reading.section import Section, refuse

_RULE = re.compile(r"HA\d{3}")
_REASON = re.compile(r"\S.*", re.DOTALL)


def _rule(value: str) -> str:
    if not _RULE.fullmatch(value):
        raise refuse("must be the ID of a rule, such as HA101 (docs/rules.md)")
    return value


def _text(value: str) -> str:
    if not _REASON.fullmatch(value):
        raise refuse("must not be empty")
    return value


def _day(value: str) -> str:
    try:
        parsed = date.fromisoformat(value)
    except ValueError as error:
        raise refuse('must be a day in quotes, such as "2027-03-31"') from error
    return parsed.isoformat()


class Waiver(Section):
    """A finding that the stack accepts. A waiver without a finding, and an expired waiver, are
    findings."""

    rule: Annotated[str, AfterValidator(_rule)]
    """ID of the rule, such as `HA101`. Required."""
    resource: Annotated[str, AfterValidator(_text)]
    """Resource of the finding, as preview prints it: a Kubernetes object, an AWS resource or a key
    of the stack file. `*` stands for any text. Required."""
    reason: Annotated[str, AfterValidator(_text)]
    """Reason why the stack accepts the finding. Required."""
    expires: Annotated[str, AfterValidator(_day)] | None = None
    """Last day on which the waiver holds, in quotes. Default: the waiver does not expire."""

    @property
    def last_day(self) -> date | None:
        """Day of `expires`."""
        return date.fromisoformat(self.expires) if self.expires else None


class Audit(Section):
    """Findings of the audit that fail a preview, and findings that the stack accepts."""

    fail_on: Literal["error", "warning", "caution", "nothing"] = "warning"
    """Lowest severity with which a finding fails the preview (exit status 1). Default:
    `warning`."""
    waivers: tuple[Waiver, ...] = ()
    """Accepted findings. Default: none."""
