from datetime import date, timedelta

import pytest

from core.versions import KUBERNETES
from settings import check
from settings.cautions import cautions
from tests.settings.stack_files import config_of


@pytest.mark.parametrize(("days", "told"), [(61, 0), (60, 1), (-1, 1)])
def test_the_end_of_a_versions_support_is_told_two_months_before(days: int, told: int) -> None:
    settings, _ = check(config_of("prod"))
    assert settings
    end = KUBERNETES[settings.cluster.version]
    found = cautions(settings, end - timedelta(days=days))
    about = [str(each) for each in found if each.key == "ha-eks:cluster.version"]
    assert len(about) == told
    assert all(str(end) in each for each in about)


def test_the_shipped_stacks_need_no_caution() -> None:
    for stack in ("dev", "prod", "prod-standby"):
        settings, _ = check(config_of(stack))
        assert settings
        assert cautions(settings, date(2026, 11, 1)) == []
