"""Group projects: what is asked, who works together, on what, and what they handed in."""

from projects.models.deliverables import Deliverable, FormatCheck, HeldDeliverable, MoreTime, PutBackDeliverable
from projects.models.groups import Approach, Group, Membership, Seeker
from projects.models.project import Project, Stage
from projects.models.talks import Attendance, Ballot, Contribution, Talk, TalkList, Vote
from projects.models.topics import Topic, TopicMessage

__all__ = [
    "Approach",
    "Attendance",
    "Ballot",
    "Contribution",
    "Deliverable",
    "FormatCheck",
    "Group",
    "HeldDeliverable",
    "Membership",
    "MoreTime",
    "Project",
    "PutBackDeliverable",
    "Seeker",
    "Stage",
    "Talk",
    "TalkList",
    "Topic",
    "TopicMessage",
    "Vote",
]
