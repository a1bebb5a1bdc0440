"""Tables keep to their bounds and forget the least used first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from magnetar.prediction.tables import Document, Groups, Neighbours

names = st.text("abcdefgh", min_size=1, max_size=2)
pairs = st.lists(st.tuples(names, names, st.floats(0.1, 10)), max_size=200)


@settings(deadline=None)
@given(pairs)
def test_neighbours_never_exceed_their_bounds(pairs):
    table = Neighbours(width=5, capacity=20)
    for key, neighbour, weight in pairs:
        table.add(key, neighbour, weight)
        assert neighbour in table.row(key)
        assert len(table.row(key)) <= 5
        assert len(table) == sum(map(len, table.rows.values())) <= 20


@settings(deadline=None)
@given(pairs, names, names)
def test_renaming_keeps_the_count_of_pairs_true(pairs, old, new):
    table = Neighbours(width=5, capacity=20)
    for key, neighbour, weight in pairs:
        table.add(key, neighbour, weight)
    table.rename({old: new} if old != new else {})
    assert len(table) == sum(map(len, table.rows.values())) <= 20
    assert old == new or (old not in table.rows and all(old not in row for row in table.rows.values()))


def test_a_full_row_drops_its_lightest():
    table = Neighbours(width=4, capacity=100)
    for neighbour in ("heavy", "heavy", "middle", "middle", "one", "two", "three"):
        table.add("key", neighbour, 1.0)
    assert {"heavy", "middle", "three"} <= set(table.row("key"))
    assert table.row("key")["heavy"] == 2.0


def test_a_full_table_drops_the_rows_used_least_recently():
    table = Neighbours(width=4, capacity=2)
    for key in ("first", "second", "first", "third"):
        table.add(key, "neighbour", 1.0)
    assert list(table.rows) == ["first", "third"]


def test_the_neighbour_used_last_stands_last():
    table = Neighbours(width=4, capacity=10)
    for neighbour in ("a", "b", "c", "a"):
        table.add("key", neighbour, 1.0)
    assert list(table.row("key")) == ["b", "c", "a"]


def test_raising_a_weight_twice_raises_it_once():
    table = Neighbours(width=4, capacity=10)
    table.raise_to("key", "neighbour", 2.0)
    table.raise_to("key", "neighbour", 2.0)
    table.raise_to("key", "neighbour", 1.0)
    assert table.row("key") == {"neighbour": 2.0}


@settings(deadline=None)
@given(st.lists(st.tuples(names, names), max_size=100))
def test_groups_never_exceed_their_bounds(members):
    groups = Groups(width=3, capacity=4)
    for group, member in members:
        groups.add(group, member)
        assert next(groups.latest(group, 1)) == member
        assert len(groups.members) <= 4
        assert all(len(found) <= 3 for found in groups.members.values())


def test_joined_documents_keep_the_later_heat_and_all_accesses():
    old, new = Document(accesses=5, last=3, heat=4.0), Document(accesses=1, last=9, heat=1.0)
    assert old.join(new) == new.join(old) == Document(accesses=6, last=9, heat=1.0)
    assert old.join(None) == old
