"""The forms of the feeds' pages: what was typed, read into what the door takes. They decide nothing."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile

from contactpoint.access.records import Viewer
from contactpoint.intake.feeds_door import DAYS, FeedKind, Registered
from contactpoint.web.pages.fields import DateParts, Line, to_date

CONTACT = ("contact_name", "contact_email", "contact_telephone")


class ReasonForm(forms.Form):
    """Why somebody decides as they do."""

    reason = Line(named="Reason", max_length=500)

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError("Say why")
        return reason


class UploadForm(forms.Form):
    """A file, what it is, and whether to load it or only to say what a load would."""

    file = forms.FileField(
        error_messages={"required": "Choose a file", "empty": "The file is empty", "missing": "Choose a file"}
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[
            ("", "As the supplier's profile says"),
            ("snapshot", "Everything the supplier holds"),
            ("delta", "What is new"),
        ],
    )
    made_on = DateParts(named="Day on which the file was made", required=False)
    what = forms.ChoiceField(
        choices=[("rehearse", "Only say what a load would: nothing is kept"), ("load", "Load it")],
        error_messages={
            "required": "Choose whether to load the file",
            "invalid_choice": "Choose one of the two",
        },
    )

    @property
    def file_name(self) -> str:
        return Path(self.cleaned_data["file"].name).name

    def given(self, *, viewer: Viewer, supplier: str, at: datetime) -> dict[str, Any]:
        """What the door takes. The upload lies in the private folder (`web.uploads`)."""
        file: TemporaryUploadedFile = self.cleaned_data["file"]
        kind, made_on = self.cleaned_data["kind"], self.cleaned_data["made_on"]
        return {
            "viewer": viewer,
            "supplier": supplier,
            "path": Path(file.temporary_file_path()),
            "file_name": self.file_name,
            "kind": FeedKind(kind) if kind else None,
            "extracted_on": to_date(made_on) if made_on else None,
            "at": at,
        }


class SupplierForm(forms.Form):
    """What the register says, as far as its data manager changes it."""

    must = forms.ChoiceField(
        choices=[("must", "Must send"), ("may", "May send")],
        error_messages={"required": "Choose whether the supplier must send"},
    )
    legal_basis = Line(named="Legal basis", max_length=300)
    timetable = forms.ChoiceField(
        choices=[
            ("none", "No timetable"),
            ("days", "So many days after the last file"),
            ("weekday", "On a day of the week"),
        ],
        error_messages={"required": "Choose when a file is expected"},
    )
    every_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=400,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Number of days must be a whole number from 1 to 400"
        ),
    )
    weekday = forms.ChoiceField(
        required=False,
        choices=[("", "Choose one"), *((str(place), day) for place, day in enumerate(DAYS, 1))],
    )
    contact_name = Line(named="Name", max_length=100)
    contact_email = Line(named="E-mail address", max_length=200)
    contact_telephone = Line(named="Telephone number", max_length=40)

    @staticmethod
    def shown(supplier: Registered) -> dict[str, str]:
        """What stands in the form at first."""
        return {
            "must": "must" if supplier.must else "may",
            "legal_basis": supplier.legal_basis,
            "timetable": "weekday" if supplier.weekday else "days" if supplier.every_days else "none",
            "every_days": str(supplier.every_days or ""),
            "weekday": str(supplier.weekday or ""),
            **{name: str(getattr(supplier, name)) for name in CONTACT},
        }

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("legal_basis") and "legal_basis" not in self.errors:
            self.add_error("legal_basis", "Enter the legal basis")
        if (
            given.get("timetable") == "days"
            and not given.get("every_days")
            and "every_days" not in self.errors
        ):
            self.add_error("every_days", "Enter the number of days")
        if given.get("timetable") == "weekday" and not given.get("weekday"):
            self.add_error("weekday", "Choose the day of the week")
        return given

    def changes(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "must": given["must"] == "must",
            "legal_basis": given["legal_basis"],
            "every_days": given["every_days"] if given["timetable"] == "days" else None,
            "weekday": int(given["weekday"]) if given["timetable"] == "weekday" else None,
            **{name: given[name] for name in CONTACT},
        }
