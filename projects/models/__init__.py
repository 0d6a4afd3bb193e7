"""Group projects: what is asked, who works together, on what, and what they handed in."""

from projects.models.deliverables import Deliverable, FormatCheck, HeldDeliverable, MoreTime, PutBackDeliverable
from projects.models.project import PROJECT_SLUG, Project
from projects.models.talks import Attendance, Ballot, Contribution, Talk, TalkList, Vote
from projects.models.topics import Topic, TopicMessage

__all__ = [
    "PROJECT_SLUG",
    "Attendance",
    "Ballot",
    "Contribution",
    "Deliverable",
    "FormatCheck",
    "HeldDeliverable",
    "MoreTime",
    "Project",
    "PutBackDeliverable",
    "Talk",
    "TalkList",
    "Topic",
    "TopicMessage",
    "Vote",
]
