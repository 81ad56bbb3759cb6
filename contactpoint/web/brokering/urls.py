"""Addresses of brokered contact. They name no service; a child by a token, a case by its number."""

from django.urls import path

from contactpoint.web.brokering import answering, cases, requesting

urlpatterns = [
    path("record/<str:token>/ask-contact/", requesting.ask, name="ask_contact"),
    path("my-requests/", requesting.list_own, name="my_requests"),
    path("my-requests/<int:entry>/", requesting.show_contact, name="own_contact"),
    path("brokering/", cases.list_cases, name="contact_cases"),
    path("brokering/<int:entry>/", cases.show, name="contact_case"),
    path("brokering/<int:entry>/take/", cases.take, name="take_contact_case"),
    path("brokering/<int:entry>/ask/", cases.ask, name="ask_provider"),
    path("brokering/<int:entry>/close/", cases.close, name="close_contact_case"),
    path("our-questions/", answering.list_questions, name="contact_questions"),
    path("our-questions/<int:entry>/", answering.show, name="contact_question"),
    path("our-questions/<int:entry>/accept/", answering.accept, name="accept_contact"),
    path("our-questions/<int:entry>/decline/", answering.decline, name="decline_contact"),
]
