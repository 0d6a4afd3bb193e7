"""The way into an account that nobody has used yet, and the codes that a lecturer hands out."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from courses.access import enrolment_or_404
from courses.invitations import InvitationRefused, accept_invitation, invitation_of, make_invitations, plain_key
from courses.invited.forms import CodeForm
from courses.models import Role
from courses.requests import Page, SignedInRequest, keys_in
from courses.selectors import who_may_have_a_code

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
def invitation_code(request: HttpRequest) -> HttpResponse:
    """Where a code from paper is typed."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            invitation_of(form.cleaned_data["code"], timezone.now())
        except InvitationRefused as refused:
            form.add_error("code", str(refused))
        else:
            return redirect("invitation-accept", plain_key(form.cleaned_data["code"]))
    return render(request, "courses/invitation_code.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
def invitation_accept(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a password; then one is signed in."""
    now = timezone.now()
    try:
        invited = invitation_of(key, now).user
        form = SetPasswordForm(invited, request.POST or None)
        if form.is_valid():
            user = accept_invitation(key=key, password=form.cleaned_data["new_password1"], now=now)
            login(request, user, backend=BACKEND)
            messages.success(request, f"Welcome. Your login is {user.username}.")
            return redirect("course-list")
    except InvitationRefused as refused:
        return render(request, "courses/invitation_over.html", {"why": str(refused)}, status=410)
    page = {"form": form, "invited": invited}
    return render(request, "courses/invitation_accept.html", page, status=422 if form.errors else 200)


@login_required
@never_cache
def code_list(request: SignedInRequest, course: str) -> HttpResponse:
    """Codes to print and hand out, for those who have never signed in. Making them closes nobody's earlier way in."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    people = who_may_have_a_code(lecturer)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "people": people}
    if request.method == "POST":
        only = keys_in(request.POST.getlist("person"))
        wanted = [person for person in people if not only or person.pk in only]
        keys = make_invitations(person.user for person in wanted)
        page["codes"] = [(person, keys[person.user_id]) for person in wanted]
    return render(request, "courses/code_list.html", page)
