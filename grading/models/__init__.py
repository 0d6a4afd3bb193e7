"""Runs, marks, schemes, releases. Marks and released grades are never edited."""

from grading.models.marks import (
    EnteredMark,
    Mark,
    MarkRelease,
    Release,
    ReleasedGrade,
    Rubric,
    RubricChange,
    RubricItem,
)
from grading.models.regrades import RegradeMessage, RegradeRequest
from grading.models.runs import Recomputation, Rendering, Run, TestResult, Worker
from grading.models.schemes import Component, EnteredItem, Rollover, Scheme
from grading.models.similarity import PairNote, SimilarityReport, SimilarPair

__all__ = [
    "Component",
    "EnteredItem",
    "EnteredMark",
    "Mark",
    "MarkRelease",
    "PairNote",
    "Recomputation",
    "RegradeMessage",
    "RegradeRequest",
    "Release",
    "ReleasedGrade",
    "Rendering",
    "Rollover",
    "Rubric",
    "RubricChange",
    "RubricItem",
    "Run",
    "Scheme",
    "SimilarPair",
    "SimilarityReport",
    "TestResult",
    "Worker",
]
