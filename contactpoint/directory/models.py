"""The open tables: what ordinary queries may read.

Hidden values have tables of their own in the schema `hidden` (see the first migration);
they have no model here, so that no query can reach them by forgetting a filter (SHI-9).
Supplied rows are never edited: the record shown is computed from them (REC-5).
"""

from django.db import models
from django.db.models import F, Q


class Supplier(models.Model):
    """A source of rows: a national or local system, or practitioners themselves (SUP-2, SUP-10)."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    sector = models.TextField()
    must = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    legal_basis = models.TextField()
    precedence = models.PositiveSmallIntegerField(default=50)  # lower is believed first
    last_snapshot_at = models.DateTimeField(null=True)  # confirms every row still current (INV-3)


class Child(models.Model):
    """One child, as search results may show them.

    `id` is the ContactPoint number as an integer (REC-4).
    Of a shielded child this row holds exactly what SHI-2 lets everybody see:
    town, outward postcode, postcodes and authority are then empty.
    """

    id = models.BigIntegerField(primary_key=True)
    shielded = models.BooleanField(default=False)
    authority = models.TextField(null=True)  # DfE code of the responsible one (REC-6)
    given_names = models.TextField()
    family_name = models.TextField()
    birth_date = models.TextField()  # ISO, may be partial (REC-10)
    born = models.DateField()  # its earliest day
    gender = models.CharField(max_length=1)
    town = models.TextField(default="")
    outward = models.TextField(default="")
    postcodes = models.TextField(default="")  # current and old ones, folded, for scoring a search only
    searchable_from = models.DateField(null=True)  # when the authority opened (SHI-10)
    live_until = models.DateField()  # first day on which the record is no longer live (RET-1, RET-5)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="child_one_authority_open_side",
                condition=Q(shielded=True, authority__isnull=True, town="", outward="", postcodes="")
                | Q(shielded=False, authority__isnull=False),
            ),
            models.CheckConstraint(
                name="child_gender_known_code", condition=Q(gender__in=["M", "F", "O", "U"])
            ),
            models.CheckConstraint(name="child_number_45_bits", condition=Q(id__gte=0, id__lt=2**45)),
        ]
        indexes = [models.Index(name="child_live_until", fields=["live_until"])]


class Redirect(models.Model):
    """A number whose record was joined to the child's: it leads there until they are parted (REC-4).

    With the child it goes into the archive, and comes back.
    """

    number = models.OneToOneField(Child, on_delete=models.PROTECT, primary_key=True, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()


class SuppliedRow(models.Model):
    """What one supplier says about one open child now, as supplied.

    `content` has the form of `values.SuppliedValues`.
    The ids come from one sequence shared with `hidden.supplied_row`: a shield moves rows without renaming.
    """

    id = models.BigIntegerField(primary_key=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, db_index=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, db_index=False)
    reference = models.TextField()
    content = models.JSONField()
    digest = models.BinaryField(max_length=16)
    load_id = models.BigIntegerField(db_index=True)
    supplied_at = models.DateTimeField()
    ended_on = models.DateField(null=True)  # its supplier no longer holds it; history since (INV-4)

    class Meta:
        constraints = [models.UniqueConstraint(name="supplied_once", fields=["supplier", "reference"])]


class Name(models.Model):
    """The vocabulary: every distinct folded name among open values.

    A name that no `SearchName` uses any more goes in the same transaction, with its keys.
    """

    id = models.AutoField(primary_key=True)
    folded = models.TextField(unique=True)


class NameKey(models.Model):
    """The keys by which a mistyped name is found: one-deletion, phonetic, nickname (64-bit hashes).

    Derived from the names, so without foreign-key checks: there are ten for each name.
    """

    pk = models.CompositePrimaryKey("key", "name_id")
    key = models.BigIntegerField()
    name = models.ForeignKey(Name, on_delete=models.CASCADE, db_constraint=False, db_index=False)


class SearchName(models.Model):
    """One way to look a child up by name: a pair of given and family name, with the birth date beside it.

    Derived from the shown record and filed anew with it, so without foreign-key checks (measured: a third of
    the time of a bulk load).
    """

    pk = models.CompositePrimaryKey("child_id", "given_id", "family_id")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    given = models.ForeignKey(
        Name, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        Name, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    born = models.DateField()

    class Meta:
        indexes = [
            models.Index(name="search_family_born", fields=["family", "born", "given", "child"]),
            models.Index(name="search_given_born", fields=["given", "born", "family", "child"]),
            models.Index(name="search_pair_born", fields=["family", "given", "born", "child"]),
        ]


class SearchNumber(models.Model):
    """Exact identifying numbers of open children. Not unique: two holders are a question (SUP-9)."""

    pk = models.CompositePrimaryKey("kind", "value", "child_id")
    kind = models.TextField()  # 'nhs', 'upn'
    value = models.TextField()
    child = models.ForeignKey(Child, on_delete=models.CASCADE, db_constraint=False)


class Involvement(models.Model):
    """A practitioner's own entry: I work with this child (INV-1, INV-5). Never a sensitive service."""

    id = models.BigAutoField(primary_key=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT)
    service = models.TextField()
    role = models.TextField()
    team_telephone = models.TextField()
    team_email = models.TextField()
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    lead_from = models.DateField(null=True)
    confirmed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="involvement_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="involvement_team_contact", condition=~Q(team_telephone="", team_email="")
            ),  # INV-2
            models.UniqueConstraint(
                name="involvement_open_once",
                fields=["child", "account", "service"],
                condition=Q(ended_on__isnull=True),
            ),
            models.UniqueConstraint(
                name="involvement_one_lead",
                fields=["child"],
                condition=Q(lead_from__isnull=False, ended_on__isnull=True),
            ),
        ]


class Assessment(models.Model):
    """That a common assessment exists: kind, holder and dates, never its content (REC-2, REC-3)."""

    id = models.BigAutoField(primary_key=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT)
    kind = models.TextField()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assessment_closes_after_opening",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
            ),
            models.UniqueConstraint(
                name="assessment_open_once", fields=["child", "kind"], condition=Q(closed_on__isnull=True)
            ),
        ]


class AuthorityOpening(models.Model):
    """How far an authority has come: its children can be found only from `searchable_from` (SHI-10)."""

    authority = models.TextField(primary_key=True)
    searchable_from = models.DateField(null=True)


class OpeningStep(models.Model):
    """One step of an authority's opening, forward or taken back, by two people (SHI-10).

    It counts from `signed_at`; nothing is edited afterwards, and nothing is deleted.
    """

    id = models.BigAutoField(primary_key=True)
    authority = models.TextField()
    step = models.TextField()
    is_reversal = models.BooleanField(default=False)
    back_why = models.TextField(blank=True, default="")
    proposed_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    signed_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opening_step_known",
                condition=Q(step__in=["team", "children", "shielding", "practitioners", "open"]),
            ),
            models.CheckConstraint(name="opening_step_by_two", condition=~Q(signed_by=F("proposed_by"))),
            models.CheckConstraint(
                name="opening_step_signed_as_a_whole",
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False, dropped_at__isnull=True),
            ),
            models.CheckConstraint(
                name="opening_step_dropped_as_a_whole",
                condition=Q(dropped_by__isnull=True, dropped_at__isnull=True)
                | Q(dropped_by__isnull=False, dropped_at__isnull=False),
            ),
            models.CheckConstraint(
                name="opening_step_taken_back_with_reason", condition=Q(is_reversal=False) | ~Q(back_why="")
            ),
            models.UniqueConstraint(
                name="opening_step_one_waiting",
                fields=["authority"],
                condition=Q(signed_at__isnull=True, dropped_at__isnull=True),
            ),
        ]
