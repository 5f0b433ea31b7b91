"""Names of time zones."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from settings.reading.section import refuse


def _time_zone(value: str) -> str:
    known = available_timezones()  # empty on a machine without time zone data
    if known and value not in known:
        raise refuse("must be a name of the IANA time zone database, such as Europe/Berlin")
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""Name of a time zone in the IANA database."""
