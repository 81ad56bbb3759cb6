"""Addresses of a sensitive service's own pages. They say neither which service nor that it is one."""

from django.urls import path

from contactpoint.web.sensitive import entries, preview, recording

urlpatterns = [
    path("record/<str:token>/our-part/", recording.ask_basis, name="sensitive_basis"),
    path("record/<str:token>/our-part/giver/", recording.ask_giver, name="sensitive_giver"),
    path("record/<str:token>/our-part/receipt/", recording.ask_receipt, name="sensitive_receipt"),
    path("record/<str:token>/our-part/role/", recording.ask_work, name="sensitive_work"),
    path("record/<str:token>/our-part/check/", recording.check, name="sensitive_check"),
    path("record/<str:token>/what-others-see/", preview.show, name="what_others_see"),
    path("our-entries/", entries.list_own, name="sensitive_entries"),
    path("our-entries/<int:entry>/", entries.show, name="sensitive_entry"),
    path("our-entries/<int:entry>/renew/", entries.renew, name="renew_consent"),
    path("our-entries/<int:entry>/end/", entries.end, name="end_sensitive"),
    path("our-entries/<int:entry>/withdraw/", entries.withdraw, name="withdraw_consent"),
]
