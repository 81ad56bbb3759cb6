"""What suppliers call our fields, and how their values look: the knowledge behind a drafted profile.

A name is compared in small letters without spaces and signs.
"""

import re
from collections.abc import Callable
from datetime import date

from contactpoint.codes.gender import parse_gender
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.codes.postcode import parse_postcode
from contactpoint.codes.services import SERVICES

DATE_FORMS = (
    "YYYY-MM-DD",
    "DD/MM/YYYY",
    "DD-MM-YYYY",
    "DD.MM.YYYY",
    "YYYYMMDD",
    "YYYY/MM/DD",
    "MM/DD/YYYY",
    "DDMMYYYY",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Our field: what it is called. Longer lists first come from exports of school, health and care systems.
NAMES: dict[str, frozenset[str]] = {
    "given_names": _words(
        "forename forenames firstname firstnames givenname givennames given first christianname legalforename"
        " legalfirstname childforename childforenames childfirstname pupilforename pupilfirstname"
        " patientforename cforename chosenforename studentforename studentfirstname"
    ),
    "middle": _words("middlename middlenames middle othernames secondname legalmiddlename othergivennames"),
    "family_name": _words(
        "surname lastname familyname family last legalsurname legallastname childsurname childlastname"
        " pupilsurname pupillastname patientsurname secondname studentsurname studentlastname csurname"
    ),
    "whole_name": _words("name fullname childname childsname pupilname studentname patientname nameofchild"),
    "former_names.0.family_name": _words(
        "formersurname previoussurname formerfamilyname previousfamilyname formerlastname maidenname"
        " birthsurname"
    ),
    "former_names.1.given_names": _words(
        "knownas alsoknownas aka preferredname preferredforename preferredfirstname nickname callname"
        " usualname"
    ),
    "birth_date": _words(
        "dob dateofbirth birthdate born birthday datebirth childdob pupildob patientdob dofb childdateofbirth"
        " personbirthdate bornon"
    ),
    "gender": _words("gender sex mf legalsex childsex childgender pupilsex pupilgender genderatbirth"),
    "nhs": _words("nhs nhsno nhsnumber nhsnum nhsnr childnhsnumber patientnhsnumber nhsid"),
    "upn": _words("upn uniquepupilnumber pupilupn currentupn uniquepupilno"),
    "addresses.0.postcode": _words(
        "postcode postalcode pcode homepostcode addresspostcode currentpostcode zip postzip pupilpostcode"
    ),
    "addresses.0.town": _words("town city posttown towncity hometown addresstown towncity citytown"),
    "addresses.0.uprn": _words("uprn uniquepropertyreferencenumber addressuprn"),
    "addresses.0.valid_from": _words("addressfrom addressstart addressstartdate movedin addressdatefrom"),
    "school.code": _words(
        "urn schoolurn laestab dfenumber dfeno dfenumberschool schoolcode ukprn schoolukprn estab schooldfe"
        " schoollaestab currentschoolurn"
    ),
    "school.started_on": _words(
        "entrydate admissiondate dateofadmission schoolstart enroldate dateofentry doa"
    ),
    "school.ended_on": _words("leavingdate dateofleaving schoolend dol leftschool"),
    "practice.code": _words(
        "gp gpcode gppractice gppracticecode practicecode surgerycode odscode gpods gpodscode"
        " registeredpractice"
    ),
    "practice.started_on": _words("gpfrom gpregistered gpregistrationdate registeredfrom"),
    "involvement.service": _words("service servicecode servicetype involvement teamtype"),
    "involvement.organisation": _words("team teamcode organisation organisationcode provider providercode"),
    "involvement.practitioner": _words(
        "worker socialworker keyworker practitioner caseworker allocatedworker casemanager"
        " leadworker clinician healthvisitor"
    ),
    "involvement.started_on": _words(
        "started startdate start referraldate casestart involvedfrom opened dateopened"
    ),
    "involvement.ended_on": _words("ended enddate end caseend involvedto closed dateclosed closeddate"),
    "authority": _words("la lacode localauthority localauthoritycode lea leacode authority authoritycode"),
    "marker": _words(
        "confidentiality confidentialitycode restricted restrictedflag sensitiveflag sflag pdsflag"
    ),
    "died_on": _words("dateofdeath died dod deathdate deceaseddate"),
    "left_on": _words("leftengland dateleftengland emigrated"),
}
REFERENCES = re.compile(
    r"(ref|reference|id|key|number|no|identifier|mrn|localref|caseref|personid|clientid|pupilid|childid)$"
)
LINES = re.compile(
    r"^(home|current|main|child|pupil|primary|perm|permanent)?(address|addr|add)?"
    r"(line|address|addr|street|house(name|number|no)?|flat|paon|saon|building|locality|road)?(line)?[0-9]?$"
)
LINE_WORDS = (
    "address",
    "addr",
    "street",
    "house",
    "flat",
    "paon",
    "saon",
    "building",
    "locality",
    "road",
    "line",
)
SCHOOLS = re.compile("school|pupil|setting|nursery|preschool|yeargroup|formgroup|reggroup|keyperson")
CARERS = re.compile(
    r"^(?:pri|primary|main|emergency)?(parent|guardian|carer|contact|mother|mum|father|dad|claimant|nextofkin|nok)"
    r"(?:s?(?:or|and)?(?:carer|guardian))?([0-9]?)(.*?)([0-9]?)$"
)
CARER_PARTS: dict[str, frozenset[str]] = {
    "name": _words("name fullname s") | {""},
    "forename": _words("forename firstname givenname forenames first"),
    "surname": _words("surname lastname familyname last"),
    "relationship": _words("relationship relation reltochild relationshiptochild type relationshiptopupil"),
    "responsibility": _words("pr parentalresponsibility responsibility hasparentalresponsibility haspr"),
    "telephone": _words(
        "phone telephone tel mobile phonenumber mobilenumber telno contactnumber number mobileno"
    ),
    "email": _words("email emailaddress mail"),
}
PARTS = {
    "day": re.compile(r"^(dob|birth|dateofbirth|birthdate)?(day|dd|d)(ofbirth)?$"),
    "month": re.compile(r"^(dob|birth|dateofbirth|birthdate)?(month|mon|mm|m)(ofbirth)?$"),
    "year": re.compile(r"^(dob|birth|dateofbirth|birthdate)?(year|yyyy|yr|y)(ofbirth)?$"),
}


def plain(name: str) -> str:
    """A column's name in small letters, signs left out."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def is_date(text: str, form: str) -> bool:
    """Whether a text is a real day in this form."""
    least = "{2}" if len(form) == 8 else "{1,2}"
    pattern = re.escape(form).replace("YYYY", "(?P<y>[0-9]{4})")
    pattern = pattern.replace("MM", f"(?P<m>[0-9]{least})").replace("DD", f"(?P<d>[0-9]{least})")
    text = re.sub(r"[T ][0-9]{2}:[0-9]{2}.*$", "", text)
    found = re.fullmatch(pattern, text, re.ASCII)
    try:
        return found is not None and date(int(found["y"]), int(found["m"]), int(found["d"])).year > 1900
    except ValueError:
        return False


def is_any_date(text: str) -> bool:
    """Whether a text is a day in one of the forms, or a year, or year and month."""
    short = re.fullmatch(r"(19|20)[0-9]{2}([-/][0-9]{1,2})?", text, re.ASCII) is not None
    return short or any(is_date(text, form) for form in DATE_FORMS)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


_FLAGS = {"y", "n", "yes", "no", "true", "false", "1", "0", "t", "f"}
FITS: dict[str, Callable[[str], bool]] = {
    "given_names": lambda text: not any(char.isdigit() for char in text),
    "middle": lambda text: not any(char.isdigit() for char in text),
    "family_name": lambda text: not any(char.isdigit() for char in text),
    "birth_date": is_any_date,
    "gender": lambda text: parse_gender(text) is not None,
    "nhs": lambda text: parse_nhs_number(text) is not None,
    "upn": lambda text: parse_upn(text) is not None,
    "addresses.0.postcode": lambda text: parse_postcode(text) is not None,
    "addresses.0.uprn": _matches("[0-9]{1,12}"),
    "school.code": _matches("[0-9]{6}|[0-9]{3}[/ -]?[0-9]{4}|[0-9]{8}"),
    "practice.code": _matches("[A-Za-z][0-9]{5}|[A-Za-z0-9]{5,6}"),
    "authority": _matches("[0-9]{3}"),
    "involvement.service": lambda text: text in SERVICES,
    "email": _matches(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "responsibility": lambda text: text.casefold() in _FLAGS,
} | dict.fromkeys(
    (
        "addresses.0.valid_from", "school.started_on", "school.ended_on", "practice.started_on",
        "involvement.started_on", "involvement.ended_on", "died_on", "left_on",
    ),
    is_any_date,
)  # fmt: skip
NOT_RESTRICTED = ("no", "false", "not restricted", "none", "normal")
# Values so telling that no name is needed.
TELLING = ("nhs", "upn", "addresses.0.postcode")


def looks_like_a_value(name: str) -> bool:
    """Whether a column's name is a date, a child's number or a postcode: then a header is missing."""
    text = name.strip()
    is_number = parse_nhs_number(text) is not None or parse_upn(text) is not None
    return is_number or parse_postcode(text) is not None or any(is_date(text, form) for form in DATE_FORMS)
