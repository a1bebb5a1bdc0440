import pytest

from magnetar.lsp.status import ReportedProgress, message, percentage


def test_reports_come_at_most_ten_a_second_but_the_last_one_always():
    now, sent = [0.0], []
    progress = ReportedProgress(sent.append, lambda: now[0])
    for done in range(1_001):
        now[0] = done / 1_000
        progress(done, 1_000)
    assert len(sent) <= 11
    assert sent[-1]["percentage"] == 100


@pytest.mark.parametrize(("done", "total", "shown"), [(0, 0, 100), (0, 3, 0), (1, 3, 33), (3, 3, 100), (4, 3, 100)])
def test_a_percentage_is_a_whole_number_up_to_a_hundred(done, total, shown):
    assert percentage(done, total) == shown


def test_files_are_counted_with_thousands_apart():
    assert message(1_234, 10_000) == "1 234 / 10 000 files"
