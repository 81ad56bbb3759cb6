"""The one block of a page by which somebody who may ask for contact is told of a sensitive service."""

import re

# To the letter, but for the token: anything else in it would be a difference that nobody declared (SEN-3).
BLOCK = re.compile(
    re.escape(
        '<div id="sensitive-service" class="govuk-inset-text">\n'
        '  <p class="govuk-body">A sensitive service is involved.</p>\n'
        '  <p class="govuk-body"><a class="govuk-link govuk-link--no-visited-state" href="/record/'
    )
    + r"[\w-]+"
    + re.escape('/ask-contact/">Ask for brokered contact</a></p>\n</div>\n')
)


def take_line_out(page: str) -> tuple[str, bool]:
    """The page without the block, and whether it was there."""
    without, count = BLOCK.subn("", page)
    return without, count > 0
