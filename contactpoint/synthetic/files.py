"""The files of the made-up England: columns, date forms and codes as such systems write them.

Owns the shape of every file; what is in them comes from `rows`, and mistakes in them from `slips`.
All are UTF-8 with a header line; an empty cell means "not held".

Supplier files, one row a child:

| File | Reference | Dates | Gender | Separator |
|---|---|---|---|---|
| births.csv | EntryNo | YYYYMMDD | 1 male, 2 female, 9 not specified | comma |
| child_benefit.csv | CB_REF | DD/MM/YYYY | M, F | comma |
| nhs_demographics.csv | RECORD_ID | YYYY-MM-DD | 1, 2, 9 not specified, 0 not known | comma |
| school_census.csv | PupilRef | DD/MM/YYYY | M, F | comma |
| social_care.csv | CaseRef | YYYY-MM-DD; births also YYYY, YYYY-MM | M, F, U unknown, N neither | comma |
| youth_justice.csv | YjsRef | DD-MM-YYYY | 1, 2, 9 | semicolon |
| local_services.csv | LocalRef | YYYY-MM-DD | Male, Female, Not known | comma |
| camhs.csv (sensitive) | PatientRef | YYYYMMDD | 1, 2, 9 | comma |

What the columns mean, where the name does not say it:

- births: the address and names at birth; `Informants` is J (both parents registered, so both have
  parental responsibility) or M (mother alone; the father columns are empty).
- child_benefit: names in capitals; CLAIMANT_RELATIONSHIP is MOTHER or FATHER;
  CLAIM_START and CLAIM_END are its dates.
- nhs_demographics: CONFIDENTIALITY is empty, R (restricted) or V (very restricted): SHI-8.
  PREVIOUS_POSTCODE and PREVIOUS_FAMILY_NAME are what was held before.
  GP_PRACTICE is an ODS code of practices.csv.
- school_census: Forename is the first given name, MiddleNames the rest; URN is a school of schools.csv.
  Guardian1PR is Y or N.
  SENprovision and FSMeligible are in such files and may never be held (REC-3): no profile maps them.
- social_care: `LA` is the DfE code of the authority that holds the case; Team is a code of organisations.csv;
  TeamType is CIN (service social_care), CLA (looked_after), LC (leaving_care) or DCT (disabled_children).
  AlsoKnownAs, and AKA in youth_justice, is a given name that people use for the child.
  The Home columns are the family's address; the Placement columns are filled for a child who lives elsewhere.
  Assessment is EHA, FHA or empty, with AssessmentDate.
  Lead is Y or N: whether the social worker is lead practitioner.
  Carer1PR and Carer2PR are Y, N or empty (not known).
- youth_justice: Team is a code of organisations.csv.
- local_services: Service is a code of `codes.services` (early_help, health_visiting, education_welfare, send,
  speech_therapy, young_carers, voluntary); WorkerRole is a code of its ROLES; Team as above;
  Assessment is early_help, family_help or empty, with AssessmentOpened and AssessmentClosed.
- camhs: ConsentBasis is CONSENT, HARM or empty; an empty one must be refused (SEN-2).
  ConsentGivenBy is CHILD or PARENT; ConsentObtainedBy is a role in words; ConsentReview is when to ask again.

Reference files, clean:

- organisations.csv: authorities (kind authority, code LA330), teams (team) and national bodies (national).
  `sector` and `service` are of `codes.services`; `authority` is a DfE code, empty for national bodies.
- practitioners.csv: by organisation code, schools and practices included; `role` is a code of ROLES.
- schools.csv, practices.csv: where a child learns and is registered.
  URN and ODS code are organisation codes too.

Truth, for tests, demo and benchmarks, never for loading:

- truth/children.parquet: every true value of every child; the columns are TRUTH.
- truth/rows.parquet: `file`, `reference`, `child_id`.
"""

from contactpoint.errors import Invalid


class CannotWrite(Invalid):
    """The folder for the made-up England cannot be used."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLUMNS: dict[str, tuple[str, ...]] = {
    "births": _words(
        """
        EntryNo Forenames Surname DateOfBirth Sex NHSNumber Address Locality Town Postcode MotherForename
        MotherSurname FatherForename FatherSurname Informants RegisteredOn
        """
    ),
    "child_benefit": _words(
        """
        CB_REF CHILD_FORENAMES CHILD_SURNAME CHILD_DOB CHILD_SEX ADDR_LINE_1 ADDR_LINE_2 POST_TOWN POSTCODE
        CLAIMANT_FORENAME CLAIMANT_SURNAME CLAIMANT_RELATIONSHIP CLAIMANT_TEL CLAIM_START CLAIM_END
        """
    ),
    "nhs_demographics": _words(
        """
        RECORD_ID NHS_NUMBER GIVEN_NAMES FAMILY_NAME PREVIOUS_FAMILY_NAME BIRTH_DATE GENDER ADDRESS_1
        ADDRESS_2 TOWN POSTCODE ADDRESS_FROM PREVIOUS_POSTCODE GP_PRACTICE GP_FROM CONFIDENTIALITY
        """
    ),
    "school_census": _words(
        """
        PupilRef UPN Surname Forename MiddleNames FormerSurname DOB Sex Address1 Address2 Town Postcode URN
        EntryDate LeavingDate Guardian1Name Guardian1Relationship Guardian1PR Guardian1Phone Guardian1Email
        SENprovision FSMeligible
        """
    ),
    "social_care": _words(
        """
        CaseRef LA UPN NHSNumber FirstName LastName AlsoKnownAs DOB Gender HomeAddress1 HomeAddress2
        HomeTown HomePostcode PlacementAddress1 PlacementTown PlacementPostcode PlacementFrom Carer1Name
        Carer1Relationship Carer1PR Carer1Phone Carer2Name Carer2Relationship Carer2PR Carer2Phone Team
        TeamType SocialWorker Lead StartDate EndDate Assessment AssessmentDate
        """
    ),
    "youth_justice": _words(
        """
        YjsRef Surname Forename AKA DateOfBirth Sex Address Town Postcode Team CaseManager InterventionStart
        InterventionEnd
        """
    ),
    "local_services": _words(
        """
        LocalRef LA NHSNumber UPN FirstName LastName DateOfBirth Gender AddressLine1 AddressLine2 Town
        Postcode ParentName ParentRelationship ParentPhone Service Team Worker WorkerRole Started Ended
        Assessment AssessmentOpened AssessmentClosed
        """
    ),
    "camhs": _words(
        """
        PatientRef NHSNumber Forename Surname BirthDate Gender AddressLine1 Town Postcode TeamCode Clinician
        ReferralStart ReferralEnd ConsentBasis ConsentGivenBy ConsentObtainedBy ConsentDate ConsentReview
        """
    ),
}
REFERENCE_COLUMNS: dict[str, tuple[str, ...]] = {
    "organisations": _words(
        """
        code name kind sector service authority telephone secure_email address
        """
    ),
    "practitioners": _words(
        """
        organisation name role email
        """
    ),
    "schools": _words(
        """
        urn laestab ukprn name phase authority telephone secure_email address town postcode
        """
    ),
    "practices": _words(
        """
        ods_code name authority telephone secure_email address town postcode
        """
    ),
}
SEPARATORS = {"youth_justice": ";"}
DATE_FORMS = {
    "births": "%Y%m%d",
    "child_benefit": "%d/%m/%Y",
    "nhs_demographics": "%Y-%m-%d",
    "school_census": "%d/%m/%Y",
    "social_care": "%Y-%m-%d",
    "youth_justice": "%d-%m-%Y",
    "local_services": "%Y-%m-%d",
    "camhs": "%Y%m%d",
}
TRUTH: tuple[str, ...] = _words(
    """
    child_id household_id given_name middle_names family_name former_family_name nickname birth_date
    gender origin is_twin is_mover is_looked_after restricted nhs upn address locality town postcode
    authority old_address old_town old_postcode moved_on mother_given mother_family father_given
    father_family telephone urn gp
    """
)
