"""What preview says of pods that go, and of those that come."""

from itertools import groupby

from core.availability import health_checks as target_health
from settings import Settings
from settings.app.apps import App


def drain_lines(settings: Settings) -> list[str]:
    """How each app's pods go, second by second, and what holds where a load balancer has them."""
    lines = [f"a pod of {name} goes: {_moments(app)}" for name, app in settings.apps.items()]
    for name, app in settings.apps.items():
        if app.expose is not None:
            startup = app.probes.startup_seconds
            grows = app.expose.slow_start_seconds
            share = f", its share grows for {grows} s" if grows else ""
            lines.append(
                f"a pod of {name} counts within {target_health.counted(startup)} s of its start"
                f"{share}; one that is dead gets nothing more after {target_health.DEAD} s, also "
                "while the controller is away"
            )
    return lines


def _moments(app: App) -> str:
    """The timeline, what happens at once together."""
    at_once = groupby(app.drain.moments, key=lambda moment: moment.at)
    return " · ".join(
        f"{at} s {', '.join(moment.what for moment in moments)}" for at, moments in at_once
    )
