"""Tests of the lines that `./bench --networks` carries packets over."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "load/networks"))

import line  # noqa: E402: it is not a package


def test_a_line_gives_each_packet_after_its_delay_and_in_order():
    way = line.Line(0.05, 0.0, "seed")
    for number in range(10):
        way.put(number, number * 0.01)
    assert way.next() == 0.05
    assert list(way.due(0.049)) == []
    assert list(way.due(0.0701)) == [0, 1, 2]
    assert list(way.due(10.0)) == list(range(3, 10))
    assert way.next() is None and way.lost == 0


def test_a_line_loses_what_was_asked_and_the_same_packets_again_by_the_same_seed():
    def lost(seed, loss=0.05, count=20_000):
        way = line.Line(0.0, loss, seed)
        for number in range(count):
            way.put(number, 0.0)
            kept.extend(way.due(0.0))
        assert way.lost + len(kept) == way.given == count
        gone = set(range(count)) - set(kept)
        kept.clear()
        return gone

    kept = []
    # Four standard deviations around 1,000.
    assert 877 <= len(lost("a")) <= 1_123
    assert lost("a") == lost("a") != lost("b")
    assert lost("a", loss=0.0) == set() and len(lost("a", loss=1.0)) == 20_000


def test_a_line_that_is_full_counts_what_it_cannot_take():
    way = line.Line(1.0, 0.0, "seed")
    for number in range(line.UNDER_WAY_MAX + 5):
        way.put(number, 0.0)
    assert way.overflowed == 5 and len(list(way.due(1.0))) == line.UNDER_WAY_MAX
