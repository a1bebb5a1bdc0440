"""The table and the picture of the aims: what is missed is told with its reason, and nothing is drawn as better than it is."""

import xml.etree.ElementTree as ET

from bench.aims import Aim, picture, table

MET = Aim("a <short> row", "1 ms", "2 ms", 0.5, "never said")
MISSED = Aim("a long row", "8 ms", "2 ms", 4.0, "It waits.")
SVG = "{http://www.w3.org/2000/svg}"


def test_what_is_missed_is_told_with_the_reason():
    text = "\n".join(table([MET, MISSED]))
    assert "| a <short> row | 1 ms | 2 ms | 0.50 |" in text
    assert "| a long row | 8 ms | 2 ms | **4.00** |" in text
    assert "- *a long row*: 8 ms, 4.00 of the aim. It waits." in text
    assert "never said" not in text


def test_a_bar_ends_beyond_the_line_of_the_aim_where_it_is_missed():
    root = ET.fromstring(picture([MET, MISSED]))
    (aim,) = (float(line.get("x1")) for line in root.iter(f"{SVG}line") if line.get("class") == "aim")
    ends = {bar.get("class"): float(bar.get("x")) + float(bar.get("width")) for bar in root.iter(f"{SVG}rect")}
    assert ends["met"] < aim < ends["missed"]
    assert "a <short> row" in [text.text for text in root.iter(f"{SVG}text")]


def test_what_has_no_share_worth_drawing_is_drawn_at_the_edges():
    root = ET.fromstring(picture([Aim("none", "0 s", "1 s", 0.0), Aim("far", "1 h", "1 s", 3_600.0)]))
    assert all(float(bar.get("width")) > 0 for bar in root.iter(f"{SVG}rect"))
