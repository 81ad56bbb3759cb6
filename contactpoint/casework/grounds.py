"""The grounds of a shield and of what is decided about one: codes, which are stored, with words (SHI-1)."""

from collections.abc import Mapping
from types import MappingProxyType

# Someone could cause significant harm to the child or a carer if the child's whereabouts were known.
GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "family-violence": "Violence or threats from a partner, former partner or member of the family",
        "refuge": "The family lives in a refuge or at an address that must stay secret",
        "placement": "The child is placed where a parent or carer must not find them",
        "adoption": "The child is adopted and could be traced",
        "exploitation": "Somebody who exploits the child could find them",
        "witness": "The child or a carer is a protected witness",
        "other": "Another ground, as grave as these",
    }
)
REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "no-harm": "Nobody could cause significant harm by knowing where the child is",
        "wrong-child": "The request is about the wrong child",
        "answered": "Another request about the same child was confirmed",
    }
)
LIFTINGS: Mapping[str, str] = MappingProxyType(
    {
        "over": "The danger is over",
        "wrong-child": "The wrong child was shielded",
        "asked": "The child or a carer asked for it, and it is safe",
    }
)
