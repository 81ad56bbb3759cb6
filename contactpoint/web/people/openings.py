"""How far each authority has come, and the steps of one: propose, sign, take back (SHI-10)."""

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.opening import actions
from contactpoint.casework.opening.policies import Step
from contactpoint.casework.opening.queries import get_readiness, list_standings
from contactpoint.errors import Conflict, Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal, sent
from contactpoint.web.people.forms import TakeBackForm

LONGEST_NAME = 100


@require_safe
@for_viewer
def openings(request: ViewerRequest) -> HttpResponse:
    """All authorities with their step and since when, or those that the filter names."""
    found = list_standings(by=request.viewer, at=request.at)
    words = request.GET.get("words", "").strip()[:LONGEST_NAME]
    step = request.GET.get("step", "")
    context = {
        "standings": [
            each for each in found if words.casefold() in each.name.casefold() and step in ("", each.step)
        ],
        "open": sum(each.is_open for each in found),
        "all": len(found),
        "steps": Counter(each.step for each in found),
        "words": words,
        "step": step,
    }
    return render(request, "people/openings.html", context)


@require_safe
@for_viewer
def opening(request: ViewerRequest, entry: int) -> HttpResponse:
    """One authority: each step with what it lacks, and what waits for a signature."""
    readiness = get_readiness(code=str(entry), by=request.viewer, at=request.at)
    return render(request, "people/opening.html", {"readiness": readiness})


def _acting(act: Callable[[ViewerRequest, str], str]) -> Callable[..., HttpResponse]:
    @require_POST
    @for_viewer
    def view(request: ViewerRequest, entry: int) -> HttpResponse:
        messages.success(request, act(request, str(entry)))
        return redirect("opening", entry=entry)

    view.__doc__ = act.__doc__
    return view


def _propose(request: ViewerRequest, code: str) -> str:
    """The next step is reached, says the first person."""
    given = request.POST.get("step", "")
    step = Step(given) if given in set(Step) else None
    actions.propose_step(code=code, step=step, by=request.viewer, at=request.at)
    return "Proposed. It counts once somebody else has signed."


def _sign(request: ViewerRequest, code: str) -> str:
    """The second person agrees."""
    actions.sign_step(code=code, by=request.viewer, at=request.at)
    return "Signed. It counts from this moment."


def _drop(request: ViewerRequest, code: str) -> str:
    """What waits is dropped."""
    actions.drop_step(code=code, by=request.viewer, at=request.at)
    return "Dropped. Nothing waits for a signature now."


propose, sign, drop = _acting(_propose), _acting(_sign), _acting(_drop)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def take_back(request: ViewerRequest, entry: int) -> HttpResponse:
    """Ask for a step to be taken back, with a reason."""
    readiness = get_readiness(code=str(entry), by=request.viewer, at=request.at)
    form = TakeBackForm(sent(request))
    form.offer((line.step.value, line.title) for line in readiness.steps if line.done_at or line.is_open)
    if form.is_valid():
        step, reason = Step(form.cleaned_data["step"]), form.cleaned_data["reason"]
        try:
            actions.propose_reversal(
                code=str(entry), step=step, reason=reason, by=request.viewer, at=request.at
            )
            messages.success(request, "Proposed. It is taken back once somebody else has signed.")
            return redirect("opening", entry=entry)
        except (Invalid, Conflict) as refusal:
            if isinstance(refusal, Invalid):
                add_refusal(form, refusal)
            else:
                form.add_error("step", str(refusal))
    context = {"form": form, "readiness": readiness}
    return render(request, "people/opening_back.html", context, status=400 if form.errors else 200)
