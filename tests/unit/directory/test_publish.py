"""Publishing: what each row does to records, sides, search, numbers, blocking keys and effects."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from contactpoint.audit.queries import find_events_of_child
from contactpoint.directory.match_rows import blocking_hashes, match_row
from contactpoint.directory.models import AuthorityOpening, Child, Name, NameKey, SearchName, SuppliedRow
from contactpoint.directory.publish import (
    PublishCounts,
    PublishedRow,
    SensitivePart,
    new_child_ids,
    publish_rows,
    remove_rows,
)
from contactpoint.directory.publish.state import NoSuchChild
from contactpoint.directory.search.keys import name_keys
from contactpoint.directory.values import Address, FormerName, ServiceEntry, SuppliedValues, to_json
from tests.children import AMINA, DATABASES, make_supplier

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def row(child: int, values: SuppliedValues = AMINA, **details: Any) -> PublishedRow:
    usual: dict[str, Any] = {
        "supplier": "school_census",
        "reference": "R1",
        "content": json.dumps(to_json(values)),
        "digest": bytes(16),
        "load_id": 1,
        "supplied_at": details.pop("at"),
        "child_id": child,
        "is_new": False,
        "authority": "330",
    }
    return PublishedRow(**{**usual, **details})


def publish(*rows: PublishedRow, at: datetime) -> PublishCounts:
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        return publish_rows(cursor=cursor, rows=rows, at=at)


def draw(count: int = 1) -> list[int]:
    with connections["match"].cursor() as cursor:
        return new_child_ids(cursor=cursor, count=count)


def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connections["match"].cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def pairs_of(child: int) -> set[tuple[str, str]]:
    return set(SearchName.objects.filter(child_id=child).values_list("given__folded", "family__folded"))


def numbers_of(child: int) -> set[tuple[str, str]]:
    return set(ask("SELECT kind, value FROM directory_searchnumber WHERE child_id = %s", child))


def keys_of(child: int) -> set[int]:
    return {key for (key,) in ask("SELECT key FROM hidden.blocking_key WHERE child_id = %s", child)}


def hidden_rows(child: int) -> list[tuple[Any, ...]]:
    return ask("SELECT supplier_id, reference FROM hidden.supplied_row WHERE child_id = %s", child)


def hashes(*values: SuppliedValues) -> set[int]:
    return {key for each in values for key in blocking_hashes(match_row(key="", content=to_json(each)))}


@pytest.fixture(autouse=True)
def suppliers(db: None) -> None:
    make_supplier()
    make_supplier("nhs_demographics", name="NHS", sector="health", precedence=10)
    make_supplier("camhs", name="CAMHS", sector="health", sensitive=True)


def test_a_new_child_is_filed_everywhere(now: datetime) -> None:
    AuthorityOpening.objects.create(authority="330", searchable_from=now.date())
    (child,) = draw()
    counts = publish(row(child, at=now, is_new=True), at=now)
    assert (counts.made, counts.linked, counts.replaced, counts.not_published) == (1, 0, 0, ())
    kept = Child.objects.get(pk=child)
    assert (kept.given_names, kept.family_name, kept.birth_date, kept.gender) == (
        "Amina Rose",
        "Khan",
        "2016-05-24",
        "F",
    )
    assert (kept.town, kept.outward, kept.postcodes, kept.authority) == ("Birmingham", "B1", "B11AA", "330")
    assert kept.searchable_from == now.date()
    assert pairs_of(child) == {("AMINA", "KHAN"), ("ROSE", "KHAN")}
    assert numbers_of(child) == {("nhs", "9434765919"), ("upn", "H801200001001")}
    assert keys_of(child) == hashes(AMINA)
    assert SuppliedRow.objects.get(child_id=child).content == to_json(AMINA)
    assert ask("SELECT effect, load_id, previous FROM hidden.row_effect WHERE child_id = %s", child) == [
        ("made-child", 1, None)
    ]
    khan = Name.objects.get(folded="KHAN")
    assert set(NameKey.objects.filter(name=khan).values_list("key", flat=True)) == name_keys("KHAN")


def test_a_second_supplier_adds_its_spelling_and_the_believed_one_is_shown(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, at=now, is_new=True), at=now)
    other = replace(AMINA, given_names="Ameena", upn="", nhs="9990000018")
    counts = publish(row(child, other, at=now, supplier="nhs_demographics", reference="N1"), at=now)
    assert (counts.made, counts.linked) == (0, 1)
    assert Child.objects.get(pk=child).given_names == "Ameena"
    assert pairs_of(child) == {("AMINA", "KHAN"), ("ROSE", "KHAN"), ("AMEENA", "KHAN")}
    assert numbers_of(child) == {("nhs", "9434765919"), ("upn", "H801200001001"), ("nhs", "9990000018")}
    assert keys_of(child) == hashes(AMINA, other)


def test_what_a_row_only_repeats_is_not_written_again(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, at=now, is_new=True), at=now)
    written = _written(child)
    counts = publish(row(child, at=now, supplier="nhs_demographics", reference="N1"), at=now)
    assert counts.linked == 1
    assert _written(child) == written
    publish(row(child, replace(AMINA, gender="M"), at=now), at=now)
    assert _written(child) == written  # the NHS is believed
    ameena = replace(AMINA, given_names="Ameena", upn="H801200001001", nhs="9990000018")
    publish(row(child, ameena, at=now, supplier="nhs_demographics", reference="N1"), at=now)
    assert _written(child) != written
    assert numbers_of(child) == {("nhs", "9434765919"), ("nhs", "9990000018"), ("upn", "H801200001001")}


def _written(child: int) -> list[tuple[Any, ...]]:
    """Where and by which transaction what is derived of the child was written."""
    return ask(
        "SELECT 'child', ctid::text, xmin::text FROM directory_child WHERE id = %s"
        " UNION ALL SELECT 'number', ctid::text, xmin::text FROM directory_searchnumber WHERE child_id = %s"
        " UNION ALL SELECT 'key', ctid::text, xmin::text FROM hidden.blocking_key WHERE child_id = %s"
        " ORDER BY 1, 2",
        *[child] * 3,
    )


def test_a_new_version_replaces_the_old_one_and_names_that_nobody_has_go(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, at=now, is_new=True), at=now)
    married = replace(AMINA, family_name="Shah", nhs="")
    counts = publish(row(child, married, at=now, load_id=2), at=now)
    assert counts.replaced == 1
    assert SuppliedRow.objects.get(child_id=child).content == to_json(married)
    assert pairs_of(child) == {("AMINA", "SHAH"), ("ROSE", "SHAH")}
    assert not Name.objects.filter(folded="KHAN").exists()
    assert set(NameKey.objects.values_list("name_id", flat=True)) == set(
        Name.objects.values_list("id", flat=True)
    )
    assert numbers_of(child) == {("upn", "H801200001001")}
    assert keys_of(child) == hashes(married)
    ((previous,),) = ask("SELECT previous FROM hidden.row_effect WHERE effect = 'replaced'")
    said = json.loads(previous)
    assert (said["content"], said["load"]) == (to_json(AMINA), 1)


def test_a_name_that_somebody_else_has_stays(now: datetime) -> None:
    first, second = draw(2)
    publish(
        row(first, at=now, is_new=True),
        row(second, replace(AMINA, given_names="Sara"), at=now, is_new=True, reference="R2"),
        at=now,
    )
    publish(row(first, replace(AMINA, family_name="Shah"), at=now), at=now)
    assert Name.objects.filter(folded="KHAN").exists()
    assert pairs_of(second) == {("SARA", "KHAN")}


def test_a_row_can_move_to_another_child_and_the_first_is_then_no_longer_live(now: datetime) -> None:
    first, second = draw(2)
    publish(row(first, at=now, is_new=True), at=now)
    publish(row(second, at=now, is_new=True, reference="R2"), at=now)
    counts = publish(row(second, at=now, load_id=2), at=now)
    assert counts.replaced == 1
    assert SuppliedRow.objects.filter(child_id=second).count() == 2
    assert not SuppliedRow.objects.filter(child_id=first).exists()
    assert Child.objects.get(pk=first).live_until <= now.date()
    assert pairs_of(first) == numbers_of(first) == keys_of(first) == set()


def test_two_rows_of_one_new_child_make_one_record(now: datetime) -> None:
    (child,) = draw()
    short = SuppliedValues(given_names="Mina", family_name="Khan")
    counts = publish(
        row(child, at=now, is_new=True), row(child, short, at=now, is_new=True, reference="R2"), at=now
    )
    assert (counts.made, counts.linked) == (1, 1)
    assert ("MINA", "KHAN") in pairs_of(child)


NOT_PUBLISHED = {
    "18 today": ("2008-10-05", "already-18"),
    "a year that may make them 18": ("2007", "already-18"),
    "no birth date": ("", "no-birth-date"),
}


@pytest.mark.parametrize("case", NOT_PUBLISHED)
def test_nobody_is_made_of_a_row_that_may_not_be_published(case: str, now: datetime) -> None:
    born, why = NOT_PUBLISHED[case]
    refused, made = draw(2)
    counts = publish(
        row(refused, replace(AMINA, birth_date=born), at=now, is_new=True),
        row(made, at=now, is_new=True, reference="R2"),
        at=now,
    )
    assert [(each.reference, each.why) for each in counts.not_published] == [("R1", why)]
    assert list(Child.objects.values_list("id", flat=True)) == [made]
    assert not ask("SELECT 1 FROM hidden.row_effect WHERE child_id = %s", refused)


@pytest.mark.parametrize("born", ["2008-10-06", "2008"])
def test_a_child_until_certainly_18_is_published(born: str, now: datetime) -> None:
    (child,) = draw()
    assert publish(row(child, replace(AMINA, birth_date=born), at=now, is_new=True), at=now).made == 1


def test_a_row_for_a_child_that_does_not_exist_publishes_nothing(now: datetime) -> None:
    known, unknown = draw(2)
    with pytest.raises(NoSuchChild):
        publish(row(known, at=now, is_new=True), row(unknown, at=now, reference="R2"), at=now)
    assert not Child.objects.exists()


def test_rows_taken_back_leave_what_the_others_say(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, at=now, is_new=True), at=now)
    other = replace(AMINA, given_names="Ameena", nhs="", upn="")
    publish(row(child, other, at=now, supplier="nhs_demographics", reference="N1", load_id=2), at=now)
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        assert remove_rows(cursor=cursor, keys=[("nhs_demographics", "N1")], load_id=3, at=now) == 1
    assert Child.objects.get(pk=child).given_names == "Amina Rose"
    assert pairs_of(child) == {("AMINA", "KHAN"), ("ROSE", "KHAN")}
    assert keys_of(child) == hashes(AMINA)
    assert not Name.objects.filter(folded="AMEENA").exists()


HOME = Address(lines=("1 Secret Row",), town="Leeds", postcode="LS1 1AA")
SHIELDED = replace(AMINA, addresses=(HOME,), former_names=(FormerName(family_name="Shah"),))


def assert_nothing_hidden_shows(child: int) -> None:
    kept = Child.objects.get(pk=child)
    assert kept.shielded
    assert (kept.town, kept.outward, kept.postcodes, kept.authority) == ("", "", "", None)
    assert not SuppliedRow.objects.filter(child_id=child).exists()
    assert numbers_of(child) == set()
    assert pairs_of(child) == {("AMINA", "KHAN"), ("ROSE", "KHAN")}
    assert not Name.objects.filter(folded="SHAH").exists()


def test_a_marked_row_makes_a_child_who_is_born_shielded(now: datetime) -> None:
    (child,) = draw()
    counts = publish(row(child, SHIELDED, at=now, is_new=True, restricted=True), at=now)
    assert counts.shielded == 1
    assert_nothing_hidden_shows(child)
    assert hidden_rows(child) == [("school_census", "R1")]
    ((authority, provisional, review),) = ask(
        "SELECT authority, provisional, review_on FROM hidden.shield WHERE child_id = %s", child
    )
    assert (authority, provisional) == ("383", True)
    assert review > now.date()
    assert [event.kind for event in find_events_of_child(child_id=child, since=now - timedelta(days=1))] == [
        "shield-applied"
    ]


def test_a_marked_row_moves_all_of_an_open_child_to_the_hidden_side(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, SHIELDED, at=now, is_new=True), at=now)
    assert ("AMINA", "SHAH") in pairs_of(child)
    counts = publish(
        row(child, SHIELDED, at=now, supplier="nhs_demographics", reference="N1", restricted=True), at=now
    )
    assert counts.shielded == 1
    assert_nothing_hidden_shows(child)
    assert set(hidden_rows(child)) == {("school_census", "R1"), ("nhs_demographics", "N1")}
    assert ask("SELECT effect FROM hidden.row_effect WHERE child_id = %s ORDER BY id", child) == [
        ("made-child",),
        ("moved-hidden",),
        ("linked",),
    ]


@pytest.mark.parametrize("restricted", [True, False])
def test_no_later_row_ever_opens_a_shielded_record(restricted: bool, now: datetime) -> None:
    """SHI-5: the regression to fear most."""
    (child,) = draw()
    publish(row(child, SHIELDED, at=now, is_new=True, restricted=True), at=now)
    publish(row(child, SHIELDED, at=now, load_id=2, restricted=restricted), at=now)
    publish(row(child, SHIELDED, at=now, supplier="nhs_demographics", reference="N1"), at=now)
    assert_nothing_hidden_shows(child)
    assert len(hidden_rows(child)) == 2
    assert ask("SELECT count(*) FROM hidden.shield") == [(1,)]


def test_a_shielded_childs_new_name_is_shown_and_only_that(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, SHIELDED, at=now, is_new=True, restricted=True), at=now)
    publish(row(child, replace(SHIELDED, family_name="Begum"), at=now, load_id=2), at=now)
    assert Child.objects.get(pk=child).family_name == "Begum"
    assert pairs_of(child) == {("AMINA", "BEGUM"), ("ROSE", "BEGUM")}
    assert not Name.objects.filter(folded__in=["KHAN", "SHAH"]).exists()


PART = SensitivePart(service="camhs", organisation="CLINIC", basis="significant-harm")


def test_a_sensitive_row_stays_on_the_hidden_side_and_changes_nothing_else(now: datetime) -> None:
    (child,) = draw()
    publish(row(child, at=now, is_new=True), at=now)
    other = replace(AMINA, given_names="Mina", nhs="9990000018")
    publish(row(child, other, at=now, supplier="camhs", reference="C1", sensitive=PART), at=now)
    assert Child.objects.get(pk=child).given_names == "Amina Rose"
    assert SuppliedRow.objects.filter(child_id=child).count() == 1
    assert ("MINA", "KHAN") not in pairs_of(child)
    assert ("nhs", "9990000018") not in numbers_of(child)
    assert ask("SELECT service, basis FROM hidden.sensitive_involvement WHERE child_id = %s", child) == [
        ("camhs", "significant-harm")
    ]
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        remove_rows(cursor=cursor, keys=[("camhs", "C1")], load_id=3, at=now)
    assert ask("SELECT 1 FROM hidden.sensitive_involvement") == hidden_rows(child) == []


def test_a_sensitive_service_cannot_stray_to_the_open_side(now: datetime) -> None:
    (child,) = draw()
    strayed = replace(AMINA, involvement=ServiceEntry(service="camhs", organisation="CLINIC"))
    with pytest.raises(Exception, match="supplied_row_never_sensitive"):
        publish(row(child, strayed, at=now, is_new=True), at=now)


AWKWARD = ["a\tb", "a\\b", "\\N", 'a"b', "a\nb", "\u2028", "\N{SNOWMAN}", "{a,b}", "x" * 2000]


def awkward_rows(children: Iterable[int], now: datetime) -> list[PublishedRow]:
    return [
        row(child, replace(AMINA, family_name=text), at=now, is_new=True, reference=f"{n}{text[:50]}")
        for n, (child, text) in enumerate(zip(children, AWKWARD, strict=True))
    ]


def test_values_come_back_as_supplied_whatever_characters_they_have(now: datetime) -> None:
    children = draw(len(AWKWARD))
    publish(*awkward_rows(children, now), at=now)
    kept = {each.id: each.family_name for each in Child.objects.all()}
    assert [kept[child] for child in children] == AWKWARD
    rows = {each.child_id: each for each in SuppliedRow.objects.all()}
    assert [rows[child].content["family_name"] for child in children] == AWKWARD
    assert [rows[child].reference for child in children] == [f"{n}{t[:50]}" for n, t in enumerate(AWKWARD)]


def test_publishing_the_same_rows_again_changes_no_record(now: datetime) -> None:
    first, second = draw(2)
    rows = [
        row(first, at=now, is_new=True),
        row(second, SHIELDED, at=now, is_new=True, reference="R2", restricted=True),
    ]
    publish(*rows, at=now)

    def everything() -> list[Any]:
        return [
            list(Child.objects.order_by("id").values_list()),
            sorted(ask("SELECT child_id, given_id, family_id, born FROM directory_searchname")),
            sorted(ask("SELECT kind, value, child_id FROM directory_searchnumber")),
            sorted(ask("SELECT key, child_id FROM hidden.blocking_key")),
            sorted(ask("SELECT id, folded FROM directory_name")),
        ]

    before = everything()
    publish(*(replace(each, is_new=False) for each in rows), at=now)
    assert everything() == before
