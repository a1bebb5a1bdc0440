import pytest

from magnetar.cli.checks import CHECKS
from magnetar.cli.doctor import Site, examine


@pytest.fixture
def site(tmp_path):
    (tmp_path / "workspace").mkdir()
    return Site(tmp_path / "cache", tmp_path / "workspace")


@pytest.fixture
def check(site):
    def check(name, at=site):
        (finding,) = examine(at, {name: CHECKS[name]})
        return finding

    return check
