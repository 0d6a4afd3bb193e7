"""Where a course came from."""

from django.db import models

from courses.models.course import Course


class Rollover(models.Model):
    """A course was made from another one. `report`: lists of sentences, as term.rollover.make.Report."""

    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="rollover")
    source = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="rolled_over")
    report = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.course} from {self.source}"
