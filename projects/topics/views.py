"""Pages about topics: the board of all, and the thread about one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest
from groups.members.access import group_or_404
from projects.access import project_or_404
from projects.forms import TopicForm, TopicMessageForm
from projects.selectors import thread_of, topic_of, topics_for
from projects.topics import services


@login_required
def topic_list(request: SignedInRequest, course: str) -> HttpResponse:
    """What the groups work on: all for staff, for students as far as the project shows it."""
    viewer = enrolment_or_404(request.user, course)
    project = project_or_404(viewer)
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project}
    page["groups"] = topics_for(viewer, project)
    return render(request, "projects/topic_list.html", page)


@login_required
def topic_detail(request: SignedInRequest, course: str, group: int) -> HttpResponse:
    """One group's topic and its thread: the group proposes and answers, staff answer and decide."""
    viewer = enrolment_or_404(request.user, course)
    project = project_or_404(viewer)
    target = group_or_404(viewer, project.group_set, group)
    topic = topic_of(target)
    initial = {"title": topic.title, "text": topic.text} if topic else {}
    propose = "propose" in request.POST and not viewer.is_staff
    form = TopicForm(request.POST if propose else None, initial=initial)
    word = TopicMessageForm(None if propose or request.method != "POST" else request.POST)
    if propose and form.is_valid():
        services.propose_topic(group=target, by=viewer, **form.cleaned_data)
        messages.success(request, "Proposed. Your TA is told and answers here.")
        return redirect("topic-detail", course, group)
    if topic is not None and word.is_valid():
        try:
            services.say(topic=topic, by=viewer, **word.cleaned_data)
        except services.TopicRefused as refused:
            word.add_error("text", str(refused))
        else:
            return redirect("topic-detail", course, group)
    page: Page = {"viewer": viewer, "course": viewer.course, "project": project, "group": target, "topic": topic}
    page |= {"form": form, "word": word, "thread": thread_of(topic), "decides": viewer.role >= Role.TA}
    return render(request, "projects/topic_detail.html", page, status=422 if form.errors or word.errors else 200)
