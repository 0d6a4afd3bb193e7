"""Runs, marks, schemes, releases. Marks and released grades are never edited."""

from grading.models.gates import Hold, PlannedRelease, Withdrawal
from grading.models.marks import (
    ContributionFactor,
    Mark,
    Release,
    ReleasedGrade,
    Rubric,
    RubricChange,
    RubricGroup,
    RubricItem,
)
from grading.models.notes import Note
from grading.models.papers import Criterion, PageImage
from grading.models.regrades import RegradeMessage, RegradeRequest
from grading.models.reviews import Conflict, Marking, Review
from grading.models.rulings import Ruling
from grading.models.runs import FeedbackBody, Recomputation, Rendering, Run, RunRendering, TestResult, Worker
from grading.models.seconds import SecondMark, SecondReview
from grading.models.similarity import PairNote, SimilarityReport, SimilarPair

__all__ = [
    "Conflict",
    "ContributionFactor",
    "Criterion",
    "FeedbackBody",
    "Hold",
    "Mark",
    "Marking",
    "Note",
    "PageImage",
    "PairNote",
    "PlannedRelease",
    "Recomputation",
    "RegradeMessage",
    "RegradeRequest",
    "Release",
    "ReleasedGrade",
    "Rendering",
    "Review",
    "Rubric",
    "RubricChange",
    "RubricGroup",
    "RubricItem",
    "Ruling",
    "Run",
    "RunRendering",
    "SecondMark",
    "SecondReview",
    "SimilarPair",
    "SimilarityReport",
    "TestResult",
    "Withdrawal",
    "Worker",
]
