"""ACC-4: what a sign-in provider's word is worth, and whom it may be linked with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from contactpoint.access.policies import judge_link
from contactpoint.access.providers import Provider, judge_assurance, read_providers

AT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
NOW = int(AT.timestamp())
CIS2 = Provider(
    key="nhs-cis2",
    name="NHS CIS2",
    issuer="https://cis2.example",
    client_id="contactpoint",
    client_secret="x",
    demanded=(("id_assurance_level", ("3",)),),
    two_factors=(("authentication_assurance_level", ("2", "3")), ("amr", ("smartcard",))),
)
STRONG = {"id_assurance_level": 3, "authentication_assurance_level": "3", "amr": ["pin", "smartcard"], "auth_time": NOW}  # fmt: skip

ASSURANCE: dict[str, tuple[dict[str, Any], tuple[str, ...], bool]] = {
    "identity and two factors, just now": ({}, (), True),
    "asked for at the provider a quarter of an hour ago": ({"auth_time": NOW - 900}, (), True),
    "asked for at the provider an hour ago": ({"auth_time": NOW - 3600}, (), False),
    "asked for tomorrow": ({"auth_time": NOW + 86400}, (), False),
    "not said when": ({"auth_time": None}, (), False),
    "said when in words": ({"auth_time": str(NOW)}, (), False),
    "one of two claims for the factors": ({"amr": ["pin"]}, (), False),
    "a weaker sign-in there": ({"authentication_assurance_level": 1}, (), False),
    "identity less assured": ({"id_assurance_level": 2}, ("id_assurance_level",), True),
    "identity assurance not said": ({"id_assurance_level": None}, ("id_assurance_level",), True),
    "a claim that is neither word nor number": (
        {"id_assurance_level": {"3": 3}},
        ("id_assurance_level",),
        True,
    ),
}


@pytest.mark.parametrize("name", list(ASSURANCE), ids=str)
def test_what_a_providers_word_is_worth(name: str) -> None:
    """ACC-4: enough or lacking, and whether our own second factor is spared."""
    said, lacking, two_factors = ASSURANCE[name]
    found = judge_assurance(provider=CIS2, claims={**STRONG, **said}, at=AT)
    assert (found.lacking, found.proves_two_factors) == (lacking, two_factors)


def test_a_provider_that_names_no_proof_never_spares_our_second_factor() -> None:
    """ACC-4: at least two factors, always."""
    bare = Provider("dfe", "DfE Sign-in", "https://dfe.example", "contactpoint", "x")
    found = judge_assurance(provider=bare, claims=STRONG, at=AT + timedelta(minutes=1))
    assert (found.lacking, found.proves_two_factors) == ((), False)


LINKS = {
    "who invited them, before they began": ((1, False, False), ""),
    "who began them anew": ((2, False, False), ""),
    "another account manager": ((3, False, False), "inviter"),
    "who invited them, after they signed in": ((1, True, False), "begun"),
    "who invited them, after approval": ((1, False, True), "begun"),
}


@pytest.mark.parametrize("name", list(LINKS), ids=str)
def test_who_says_who_somebody_is_at_a_provider(name: str) -> None:
    """ACC-3, ACC-4: a link is seen by a second person before it opens anything."""
    (linker, is_begun, is_approved), code = LINKS[name]
    decision = judge_link(linker_id=linker, inviter_ids=(1, 2), is_begun=is_begun, is_approved=is_approved)
    assert (decision.allowed, " ".join(decision.codes)) == (not code, code)


WRONG = {
    "not a table": 'nhs = "x"',
    "no issuer": '[a]\nname = "A"\nclient_id = "c"\nclient_secret = "s"',
    "an issuer without encryption": '[a]\nname="A"\nclient_id="c"\nclient_secret="s"\nissuer="http://a.example"',
    "neither secret nor key": '[a]\nname="A"\nclient_id="c"\nissuer="https://a.example"',
    "a setting that nobody knows": '[a]\nname="A"\nclient_id="c"\nclient_secret="s"\nissuer="https://a.example"\ntrust=true',
    "no TOML": "[a",
}


@pytest.mark.parametrize("name", list(WRONG), ids=str)
def test_a_mistake_in_the_providers_file_stops_the_start(name: str, tmp_path: Any) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(WRONG[name])
    with pytest.raises(ImproperlyConfigured):
        read_providers(str(path))
