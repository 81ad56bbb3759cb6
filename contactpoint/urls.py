"""Every address of the service. Lists only: each view says who it is for.

No address carries a child's name, birth date, postcode or number: a token of the session stands for it.
`tests/repository/test_addresses.py` keeps the same list with each one's permission and event.
"""

from django.urls import include, path

handler400 = "contactpoint.web.errors.bad_request"
handler403 = "contactpoint.web.errors.not_allowed"
handler404 = "contactpoint.web.errors.not_found"
handler500 = "contactpoint.web.errors.server_error"

urlpatterns = [
    path("accounts/", include("contactpoint.web.urls_accounts")),
    path("", include("contactpoint.web.urls_notices")),
    path("", include("contactpoint.web.pages.urls")),
    path("", include("contactpoint.web.people.urls")),
    path("", include("contactpoint.web.mediated.urls")),
    path("", include("contactpoint.web.sensitive.urls")),
    path("", include("contactpoint.web.casework.urls")),
    path("", include("contactpoint.web.identity.urls")),
    path("", include("contactpoint.web.archive.urls")),
    path("", include("contactpoint.web.moves.urls")),
    path("", include("contactpoint.web.leavers.urls")),
    path("", include("contactpoint.web.override.urls")),
    path("", include("contactpoint.web.brokering.urls")),
    path("", include("contactpoint.web.feeds.urls")),
    path("", include("contactpoint.web.review.urls")),
]
