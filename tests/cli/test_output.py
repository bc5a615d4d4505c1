"""Printing: tables fit the terminal, control characters do nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.cli.output import count, format_number, print_json, print_table, printable


def test_columns_are_aligned_and_numbers_stand_to_the_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("NAME", "N", "SHARE"), [("one", 5, 0.25), ("twelve", 12345, None)])
    assert capsys.readouterr().out.splitlines() == [
        "NAME        N  SHARE",
        "one         5   0.25",
        "twelve  12345      -",
    ]


def test_the_last_column_wraps_at_the_width_of_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("NAME", "TEXT"), [("long", "word " * 30)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)
    assert lines[2].startswith(" " * 6 + "word")


def test_json_is_readable_and_refuses_what_json_has_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"text": "é"})
    assert capsys.readouterr().out == '{\n  "text": "é"\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        print_json({"share": float("nan")})


@given(st.text())
def test_nothing_that_acts_upon_a_terminal_is_printed(text: str) -> None:
    shown = printable(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    shown.encode()


def test_ordinary_text_of_any_language_is_printed_as_it_is() -> None:
    assert printable("naïve 日本語 क्‍ष 👩‍🚒") == "naïve 日本語 क्‍ष 👩‍🚒"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (2.50, "2.5"), (12345678.0, "12345678"), (0.000001, "0.000001")]
)
def test_numbers_have_no_useless_zeros(value: float, text: str) -> None:
    assert format_number(value) == text


def test_one_is_singular() -> None:
    assert (count(1, "shard"), count(0, "shard"), count(2, "shard")) == (
        "1 shard",
        "0 shards",
        "2 shards",
    )
