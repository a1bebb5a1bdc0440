"""What more than one suite needs: a Redis server, one for all tests of a worker, and how hard faults are tried."""

import pytest
from hypothesis import HealthCheck, settings

from effort import Effort
from redis_server import server_of_a_fixture

settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)  # what a slow machine can fail, or one run in a hundred, tells nothing of a change
settings.load_profile("tests")


def pytest_addoption(parser):
    parser.addoption("--torture", type=float, metavar="SHARE", help="try faults this share of the long form; 1 is all")
    parser.addoption("--torture-seed", type=int, default=1, metavar="N", help="where random walks begin")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--torture") is not None:
        for item in items:
            item.add_marker(pytest.mark.timeout(0), append=False)


def pytest_terminal_summary(terminalreporter):
    tried = [
        text
        for report in terminalreporter.getreports("passed")
        for key, text in report.user_properties
        if key == "tried"
    ]
    if tried and terminalreporter.config.getoption("--torture") is not None:
        terminalreporter.section("tried, and held")
        for text in tried:
            terminalreporter.write_line(text)


@pytest.fixture
def effort(request, record_property):
    """How often a test tries what it tries."""
    return Effort(request.config.getoption("--torture"), request.config.getoption("--torture-seed"), record_property)


@pytest.fixture(scope="session")
def redis_server():
    yield from server_of_a_fixture()
