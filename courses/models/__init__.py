"""People and courses. Facts are rows that are never edited; the database keeps the promises."""

from courses.models.course import Course, LatePolicy, Section, validate_monday, validate_time_zone
from courses.models.outline import Announcement, Channel, ClassSlot, Holiday, Material, Position, Topic
from courses.models.people import AccountMerge, CalendarKey, Enrolment, Invitation, Role, User
from courses.models.records import OutgoingMail, RosterImport, SettingChange, StoredFile
from courses.models.rollovers import Rollover

__all__ = [
    "AccountMerge",
    "Announcement",
    "CalendarKey",
    "Channel",
    "ClassSlot",
    "Course",
    "Enrolment",
    "Holiday",
    "Invitation",
    "LatePolicy",
    "Material",
    "OutgoingMail",
    "Position",
    "Role",
    "Rollover",
    "RosterImport",
    "Section",
    "SettingChange",
    "StoredFile",
    "Topic",
    "User",
    "validate_monday",
    "validate_time_zone",
]
