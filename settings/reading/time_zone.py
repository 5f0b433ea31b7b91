"""Names of time zones."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator

from settings.reading.section import refuse


@cache
def _time_zones() -> frozenset[str]:
    """Returns the known time zones: none on a machine without time zone data."""
    return frozenset(available_timezones())  # reads hundreds of files


def _time_zone(value: str) -> str:
    known = _time_zones()
    if known and value not in known:
        raise refuse("must be a name of the IANA time zone database, such as Europe/Berlin")
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""Name of a time zone in the IANA database."""
