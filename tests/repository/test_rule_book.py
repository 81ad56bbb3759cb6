"""The rule book that people read is written from the rules and the tests, and is not stale."""

from tests.rule_book import BOOK, write_book


def test_the_rule_book_is_up_to_date() -> None:
    assert BOOK.read_text() == write_book(), "run: python -m tests.rule_book"
