"""What makes a project more than assignments: topics, talks, ballots, contributions."""

from projects.models.project import PROJECT_SLUG, Project
from projects.models.talks import Attendance, Ballot, Contribution, Talk, TalkList, Vote
from projects.models.topics import Topic, TopicMessage

__all__ = [
    "PROJECT_SLUG",
    "Attendance",
    "Ballot",
    "Contribution",
    "Project",
    "Talk",
    "TalkList",
    "Topic",
    "TopicMessage",
    "Vote",
]
