"""Every released grade once more, by a route of its own: SQL over the stored facts, beside the Python that made it."""

from typing import Any

from django.db import connection
from django.utils import timezone

from grading.models import Recomputation

MOST_NAMED = 100
TOLERANCE = "0.000001"
PARTS = {
    "sqlite": """
        SELECT g.id AS grade,
            COALESCE(SUM(CASE WHEN r.value ->> '$.status' <> 'marked'
                THEN CAST(r.value ->> '$.score' AS NUMERIC) END), 0) AS auto,
            COALESCE(SUM(CASE WHEN r.value ->> '$.status' = 'marked'
                THEN CAST(r.value ->> '$.score' AS NUMERIC) END), 0) AS manual,
            COALESCE(SUM(CAST(r.value ->> '$.points' AS NUMERIC)), 0) AS maximum, COUNT(r.value) AS lines
        FROM grading_releasedgrade g LEFT JOIN json_each(g.rows) r GROUP BY g.id""",
    "postgresql": """
        SELECT g.id AS grade,
            COALESCE(SUM(CASE WHEN r ->> 'status' <> 'marked' THEN (r ->> 'score')::numeric END), 0) AS auto,
            COALESCE(SUM(CASE WHEN r ->> 'status' = 'marked' THEN (r ->> 'score')::numeric END), 0) AS manual,
            COALESCE(SUM((r ->> 'points')::numeric), 0) AS maximum, COUNT(r) AS lines
        FROM grading_releasedgrade g LEFT JOIN LATERAL jsonb_array_elements(g.rows) r ON true GROUP BY g.id""",
}
"""What the frozen rows of each grade sum to."""
SHOWN = {
    "sqlite": "SELECT 1 FROM json_each(g.rows) r WHERE r.value ->> '$.grade_id' = m.grade_id",
    "postgresql": "SELECT 1 FROM jsonb_array_elements(g.rows) r WHERE r ->> 'grade_id' = m.grade_id",
}
"""Whether a mark is of a row that was shown: a line of a paper whose points changed is marked anew, as another line."""
BASIS = {
    "sqlite": "COALESCE(CASE WHEN l.own_rule IS NULL THEN p.rule ->> '$.basis' ELSE l.own_rule ->> '$.basis' END, 'earned')",
    "postgresql": "COALESCE(CASE WHEN l.own_rule IS NULL THEN p.rule ->> 'basis' ELSE l.own_rule ->> 'basis' END, 'earned')",
}
QUERY = """
WITH parts AS ({parts}),
latest AS (
    SELECT g.id AS grade, CASE WHEN s.file_id IS NULL AND s.student_id IS NULL THEN m.marker_id ELSE 0 END AS sheet, m.points
    FROM grading_releasedgrade g
    JOIN grading_release l ON l.id = g.release_id
    JOIN assignments_submission s ON s.id = g.submission_id
    JOIN grading_mark m ON m.submission_id = g.submission_id AND m.marked_at <= l.released_at
    WHERE EXISTS ({shown}) AND NOT EXISTS (
        SELECT 1 FROM grading_mark n
        WHERE n.submission_id = m.submission_id AND n.grade_id = m.grade_id AND n.id > m.id AND n.marked_at <= l.released_at
            AND (s.file_id IS NOT NULL OR s.student_id IS NOT NULL OR n.marker_id = m.marker_id)
    )
),
sheets AS (SELECT grade, sheet, SUM(points) AS manual, COUNT(*) AS lines FROM latest GROUP BY grade, sheet),
marked AS (
    SELECT sheets.grade, AVG(sheets.manual) AS manual
    FROM sheets JOIN parts ON parts.grade = sheets.grade
    WHERE sheet = 0 OR sheets.lines = parts.lines GROUP BY sheets.grade
),
counted AS (
    SELECT g.id, g.auto, g.manual, g.maximum, g.factor, g.total, g.late_seconds, g.ruled, g.code,
        COALESCE((SELECT m.code FROM grading_mark m WHERE m.submission_id = g.submission_id AND m.marked_at <= l.released_at
            ORDER BY m.id DESC LIMIT 1), '') AS code_by_facts,
        (SELECT u.points FROM grading_ruling u WHERE u.assignment_id = l.assignment_id AND u.student_id = g.student_id
            AND u.ruled_at <= l.released_at ORDER BY u.id DESC LIMIT 1) AS ruled_by_facts,
        g.contribution, COALESCE((SELECT c.factor FROM grading_contributionfactor c
            WHERE c.assignment_id = l.assignment_id AND c.student_id = g.student_id AND c.group_id = s.group_id
            AND c.set_at <= l.released_at ORDER BY c.id DESC LIMIT 1), 1) AS contribution_by_facts,
        parts.auto AS auto_again, parts.manual AS manual_again, parts.maximum AS maximum_again,
        COALESCE(marked.manual, 0) AS manual_by_marks,
        CASE {basis}
            WHEN 'possible' THEN (g.auto + g.manual) * g.contribution - (1 - g.factor) * g.maximum
            WHEN 'cap' THEN CASE WHEN (g.auto + g.manual) * g.contribution < g.factor * g.maximum
                THEN (g.auto + g.manual) * g.contribution ELSE g.factor * g.maximum END
            ELSE (g.auto + g.manual) * g.contribution * g.factor
        END AS raw
    FROM grading_releasedgrade g
    JOIN grading_release l ON l.id = g.release_id
    JOIN assignments_submission s ON s.id = g.submission_id
    LEFT JOIN courses_latepolicy p ON p.id = l.late_policy_id
    JOIN parts ON parts.grade = g.id
    LEFT JOIN marked ON marked.grade = g.id
)
SELECT id,
    ABS(auto - auto_again) > {tolerance} OR ABS(manual - manual_again) > {tolerance}
        OR ABS(maximum - maximum_again) > {tolerance} AS rows_differ,
    ABS(manual - manual_by_marks) > {tolerance} AS marks_differ,
    ABS(total - CASE WHEN ruled > maximum THEN maximum WHEN ruled IS NOT NULL THEN ruled
        WHEN raw < 0 THEN 0 WHEN raw > maximum THEN maximum ELSE raw END) > {tolerance} AS totals_differ,
    late_seconds = 0 AND factor <> 1 AS factors_differ,
    ABS(COALESCE(ruled, -1) - COALESCE(ruled_by_facts, -1)) > {tolerance} AS rulings_differ,
    ABS(contribution - contribution_by_facts) > {tolerance} AS contributions_differ,
    ruled IS NULL AND code <> code_by_facts AS codes_differ
FROM counted ORDER BY id
"""
SAID = (
    "the rows that were shown do not sum to its points",
    "the marks that stood then do not sum to its points by hand",
    "its total is not its points under its factor",
    "it was on time and has a factor",
    "it has other points than were ruled",
    "it has another factor of contribution than was set",
    "another word stands in place of it than was entered",
)


def recompute() -> Recomputation:
    """Compare every released grade with what the facts come to; what differs is named for the operator."""
    with connection.cursor() as cursor:
        vendor = connection.vendor
        cursor.execute(QUERY.format(parts=PARTS[vendor], basis=BASIS[vendor], shown=SHOWN[vendor], tolerance=TOLERANCE))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found = [
        f"Released grade {grade}: {', '.join(said for said, differs in zip(SAID, flags, strict=True) if differs)}."
        for grade, *flags in rows
        if any(flags)
    ]
    return Recomputation.objects.create(
        checked_at=timezone.now(), grades=len(rows), different=len(found), differences=found[:MOST_NAMED]
    )
