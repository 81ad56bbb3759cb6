"""The made-up England in published shapes: school census, Common Transfer File, FHIR, and the registers.

For tests, for trying a profile, and to show suppliers what is read; never real data.
The shapes and where they come from are told by the profiles that read them.
Every file also carries what may never be held (REC-3), so that it can be seen to be dropped.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from contactpoint.errors import Invalid

Row = Mapping[str, str]
SAMPLES = (
    "common_transfer_file.xml",
    "school_census_xml.xml",
    "fhir_patient.json",
    "fhir_patient.ndjson",
    "edubasealldata.csv",
    "epraccur.csv",
)
_NHS = "https://fhir.nhs.uk/Id/nhs-number"
_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition"
_LABELS = {"": ("U", "unrestricted"), "R": ("R", "restricted"), "V": ("V", "very restricted")}
_GIAS = """
URN;LA (code);LA (name);EstablishmentNumber;EstablishmentName;TypeOfEstablishment (code)
EstablishmentStatus (code);EstablishmentStatus (name);OpenDate;CloseDate;PhaseOfEducation (name)
ReligiousCharacter (name);UKPRN;Street;Locality;Address3;Town;County (name);Postcode;SchoolWebsite
TelephoneNum;HeadTitle (name);HeadFirstName;HeadLastName
""".strip().replace("\n", ";").split(";")  # fmt: skip
_GENDERS = {"1": "male", "2": "female", "9": "other"}


class NoSuchSample(Invalid):
    """There is no published shape of this name."""


def write_sample(*, name: str, england: Path, out: Path, children: int = 100) -> Path:
    """Write one of SAMPLES from the files of a made-up England; XML and FHIR have at most so many children.

    Raises NoSuchSample.
    """
    insist_sample(name)
    out.write_bytes(_MAKERS[name](england, children))
    return out


def insist_sample(name: str) -> None:
    """Raises NoSuchSample."""
    if name not in _MAKERS:
        raise NoSuchSample(f"There is no sample `{name}`; there are {', '.join(SAMPLES)}.")


def _rows(england: Path, file: str, most: int | None = None) -> list[Row]:
    with (england / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        return [row for _, row in zip(range(most or 10**9), csv.DictReader(opened), strict=False)]


def _iso(text: str) -> str:
    """The census' DD/MM/YYYY as XML writes it; what is not whole stays."""
    parts = text.split("/")
    return "-".join(reversed(parts)) if len(parts) == 3 else text


def _add(parent: Element, **texts: str) -> None:
    """Children with these texts; one without text is left out."""
    for name, text in texts.items():
        if text:
            SubElement(parent, name).text = text


def _xml(root: Element) -> bytes:
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _school(england: Path, rows: list[Row]) -> Row:
    """The school of the first pupil: the file comes from there."""
    schools = {row["urn"]: row for row in _rows(england, "schools")}
    return next((schools[row["URN"]] for row in rows if row["URN"] in schools), next(iter(schools.values())))


def _common_transfer_file(england: Path, children: int) -> bytes:
    rows = _rows(england, "school_census", children)
    school = _school(england, rows)
    root = Element("CTfile")
    header = SubElement(root, "Header")
    _add(header, DocumentName="Common Transfer File", CTFversion="25.0", DateTime="2026-09-01T09:00:00")
    _add(header, DocumentQualifier="full", DataDescriptor="Made up", SupplierID="ContactPoint")
    source, destination = SubElement(header, "SourceSchool"), SubElement(header, "DestSchool")
    _add(source, LEA=school["laestab"][:3], Estab=school["laestab"][3:], URN=school["urn"])
    _add(source, SchoolName=school["name"], AcademicYear="2026")
    _add(destination, LEA="XXX", Estab="XXXX")
    data = SubElement(root, "CTFpupilData")
    for row in rows:
        _ctf_pupil(SubElement(data, "Pupil"), row, school)
    return _xml(root)


def _ctf_pupil(pupil: Element, row: Row, school: Row) -> None:
    _add(
        pupil,
        UPN=row["UPN"],
        Surname=row["Surname"],
        Forename=row["Forename"],
        DOB=_iso(row["DOB"]),
        Sex=row["Sex"],
    )
    basic = SubElement(pupil, "BasicDetails")
    _add(basic, FormerSurname=row["FormerSurname"], MiddleNames=row["MiddleNames"], NCyearActual="5")
    _add(basic, Ethnicity="WBRI", EthnicitySource="P")
    language = SubElement(SubElement(basic, "Languages"), "Type")
    _add(language, LanguageType="F", Language="ENG")
    _add(basic, EnrolStatus="C", MedicalFlag="false")
    _add(SubElement(basic, "Disabilities"), Disability="NONE")
    _add(
        SubElement(SubElement(pupil, "FSMhistory"), "FSMinstance"), FSMstartDate="2024-09-01", UKcountry="ENG"
    )
    _add(SubElement(pupil, "LookedAfter"), InCare="false")
    _add(
        SubElement(SubElement(pupil, "SENhistory"), "SEN"),
        StartDate="2024-09-01",
        SENprovision=row["SENprovision"],
    )
    _address(SubElement(pupil, "Address"), row)
    contact = SubElement(SubElement(pupil, "Contacts"), "Contact")
    forename, _, surname = row["Guardian1Name"].partition(" ")
    _add(contact, Order="1", Surname=surname, Forename=forename)
    _add(contact, Relationship={"Mother": "PAM", "Father": "PAF"}.get(row["Guardian1Relationship"], "CAR"))
    _add(contact, Responsibility=row["Guardian1PR"])
    _add(SubElement(SubElement(contact, "Phones"), "Phone"), TelephoneType="M", PhoneNo=row["Guardian1Phone"])
    _add(contact, Email=row["Guardian1Email"])
    year = SubElement(SubElement(pupil, "Attendance"), "YearData")
    _add(year, Year="2026", AttendanceMarks="/\\/\\/N")
    stage = SubElement(SubElement(SubElement(pupil, "StageAssessments"), "KeyStage"), "StageAssessment")
    _add(stage, Subject="ENG", Result="4")
    history = SubElement(SubElement(pupil, "SchoolHistory"), "School")
    _add(history, LEA=school["laestab"][:3], Estab=school["laestab"][3:], SchoolName=school["name"])
    _add(history, EntryDate=_iso(row["EntryDate"]), LeavingDate=_iso(row["LeavingDate"]), LastSchool="true")


def _address(address: Element, row: Row) -> None:
    number, _, street = row["Address1"].partition(" ")
    if number.isdigit():
        places = SubElement(address, "BS7666Address")
        _add(places, PAON=number, Street=street, Locality=row["Address2"], PostTown=row["Town"])
    else:
        lines = SubElement(address, "AddressLines")
        _add(lines, AddressLine1=row["Address1"], AddressLine2=row["Address2"], AddressLine4=row["Town"])
    _add(address, PostCode=row["Postcode"])


def _school_census(england: Path, children: int) -> bytes:
    rows = _rows(england, "school_census", children)
    school = _school(england, rows)
    root = Element("Message")
    header = SubElement(root, "Header")
    _add(
        SubElement(header, "CollectionDetails"),
        Collection="SC",
        Term="AUT",
        Year="2026",
        ReferenceDate="2026-10-01",
    )
    source = SubElement(header, "Source")
    _add(source, SourceLevel="S", LEA=school["laestab"][:3], Estab=school["laestab"][3:])
    _add(source, SoftwareCode="ContactPoint", SerialNo="1", DateTime="2026-10-01T09:00:00")
    _add(
        SubElement(SubElement(root, "School"), "SchoolCharacteristics"), SchoolName=school["name"], Phase="PS"
    )
    pupils = SubElement(root, "Pupils")
    here, left = SubElement(pupils, "PupilsOnRoll"), SubElement(pupils, "PupilsNoLongerOnRoll")
    for row in rows:
        has_left = bool(row["LeavingDate"])
        _census_pupil(
            SubElement(*((left, "PupilNoLongerOnRoll") if has_left else (here, "PupilOnRoll"))), row
        )
    return _xml(root)


def _census_pupil(pupil: Element, row: Row) -> None:
    identifiers = SubElement(pupil, "PupilIdentifiers")
    _add(
        identifiers,
        UPN=row["UPN"],
        Surname=row["Surname"],
        Forename=row["Forename"],
        MiddleNames=row["MiddleNames"],
    )
    _add(identifiers, FormerSurname=row["FormerSurname"], DOB=_iso(row["DOB"]), Sex=row["Sex"])
    characteristics = SubElement(pupil, "PupilCharacteristics")
    _add(characteristics, Ethnicity="WBRI", Language="ENG", ServiceChild="N", YoungCarer="N")
    _add(SubElement(SubElement(characteristics, "FSMperiods"), "FSMperiod"), FSMstartDate="2024-09-01")
    status = SubElement(pupil, "PupilStatus")
    _add(status, EnrolStatus="C", EntryDate=_iso(row["EntryDate"]), LeavingDate=_iso(row["LeavingDate"]))
    _add(status, NCyearActual="5", Boarder="N")
    _add(SubElement(pupil, "SpecialEducationalNeeds"), SENprovision=row["SENprovision"], SENtype="SPLD")
    _add(SubElement(SubElement(pupil, "Exclusions"), "TermlyExclusion"), Category="SUSP", Reason="PP")
    _address(SubElement(SubElement(pupil, "HomeInformation"), "Address"), row)
    _add(SubElement(SubElement(pupil, "Attendance"), "TermlyAttendance"), SessionsPossible="120")


def _patients(england: Path, children: int) -> Iterator[dict[str, object]]:
    claims = {row["CHILD_SURNAME"]: row for row in _rows(england, "child_benefit")}
    for row in _rows(england, "nhs_demographics", children):
        yield _patient(row, claims.get(row["FAMILY_NAME"].upper()))


def _patient(row: Row, claim: Row | None) -> dict[str, object]:
    code, display = _LABELS[row["CONFIDENTIALITY"]]
    name: dict[str, object] = {
        "use": "official",
        "family": row["FAMILY_NAME"],
        "given": row["GIVEN_NAMES"].split(),
    }
    address: dict[str, object] = {"use": "home", "line": [row["ADDRESS_1"]], "city": row["TOWN"]}
    address |= {"postalCode": row["POSTCODE"]}
    if row["ADDRESS_FROM"]:
        address["period"] = {"start": row["ADDRESS_FROM"]}
    said: dict[str, object] = {
        "resourceType": "Patient",
        "id": row["RECORD_ID"],
        "meta": {"security": [{"system": _CONFIDENTIALITY, "code": code, "display": display}]},
        "extension": [
            {"url": f"{_UK_CORE}/Extension-UKCore-EthnicCategory", "valueCodeableConcept": {"text": "A"}}
        ],
        "identifier": [{"system": "https://pas.example.org/Id", "value": "made-up"}],
        "name": [name],
        "gender": _GENDERS.get(row["GENDER"], "unknown"),
        "birthDate": row["BIRTH_DATE"],
        "maritalStatus": {"text": "Never married"},
        "address": [address],
        "communication": [{"language": {"text": "English"}}],
    }
    _add_to_patient(said, row, claim)
    return said


def _add_to_patient(said: dict[str, object], row: Row, claim: Row | None) -> None:
    """What not every Patient has."""
    if row["NHS_NUMBER"]:
        said["identifier"] = [*said["identifier"], {"system": _NHS, "value": row["NHS_NUMBER"]}]  # type: ignore[misc]
    if row["PREVIOUS_FAMILY_NAME"]:
        said["name"] = [{"use": "old", "family": row["PREVIOUS_FAMILY_NAME"]}, *said["name"]]  # type: ignore[misc]
    if row["PREVIOUS_POSTCODE"]:
        ended = {"end": row["ADDRESS_FROM"] or "2020"}
        old = {"use": "old", "postalCode": row["PREVIOUS_POSTCODE"], "period": ended}
        said["address"] = [old, *said["address"]]  # type: ignore[misc]
    if row["GP_PRACTICE"]:
        practice = {"system": _ODS, "value": row["GP_PRACTICE"], "period": {"start": row["GP_FROM"]}}
        said["generalPractitioner"] = [{"type": "Organization", "identifier": practice}]
    if claim is not None:
        said["contact"] = [
            {
                "relationship": [
                    {"coding": [{"system": _ROLES, "code": claim["CLAIMANT_RELATIONSHIP"][:1] + "TH"}]}
                ],
                "name": {
                    "family": claim["CLAIMANT_SURNAME"].title(),
                    "given": [claim["CLAIMANT_FORENAME"].title()],
                },
                "telecom": [{"system": "phone", "value": claim["CLAIMANT_TEL"]}],
            }
        ]


def _fhir_bundle(england: Path, children: int) -> bytes:
    patients = list(_patients(england, children))
    entries: list[dict[str, object]] = [
        {
            "fullUrl": f"https://pds.example.org/Patient/{each['id']}",
            "resource": each,
            "search": {"mode": "match"},
        }
        for each in patients
    ]
    entries.append({"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(patients), "entry": entries}
    return json.dumps(bundle, indent=2, ensure_ascii=False).encode() + b"\n"


def _fhir_lines(england: Path, children: int) -> bytes:
    lines = (json.dumps(each, ensure_ascii=False) for each in _patients(england, children))
    return "".join(f"{line}\n" for line in lines).encode()


def _gias(england: Path, _: int) -> bytes:
    """Windows-1252, all columns quoted, as the Department's daily file; only some of its 130 columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _GIAS, quoting=csv.QUOTE_ALL, lineterminator="\r\n", restval="")
    writer.writeheader()
    for row in _rows(england, "schools"):
        said = {"URN": row["urn"], "LA (code)": row["laestab"][:3], "EstablishmentNumber": row["laestab"][3:]}
        said |= {"EstablishmentName": row["name"], "EstablishmentStatus (code)": "1", "UKPRN": row["ukprn"]}
        said |= {"EstablishmentStatus (name)": "Open", "PhaseOfEducation (name)": row["phase"].title()}
        said |= {"Street": row["address"], "Town": row["town"], "Postcode": row["postcode"]}
        said |= {"TelephoneNum": row["telephone"], "HeadLastName": "Made-Up"}
        writer.writerow(said)
    return text.getvalue().encode("cp1252", errors="replace")


def _epraccur(england: Path, _: int) -> bytes:
    """27 columns without a header, as the Organisation Data Service's report."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in _rows(england, "practices"):
        start = [row["ods_code"], row["name"].upper(), "Y60", "QOP", row["address"], "", "", row["town"], ""]
        middle = [row["postcode"], "19740401", "", "ACTIVE", "RO76", "14L", "20130401", "", row["telephone"]]
        writer.writerow([*start, *middle, "", "", "", "0", "", "14L", "", "4", ""])
    return text.getvalue().encode()


_MAKERS: dict[str, Callable[[Path, int], bytes]] = {
    "common_transfer_file.xml": _common_transfer_file,
    "school_census_xml.xml": _school_census,
    "fhir_patient.json": _fhir_bundle,
    "fhir_patient.ndjson": _fhir_lines,
    "edubasealldata.csv": _gias,
    "epraccur.csv": _epraccur,
}
