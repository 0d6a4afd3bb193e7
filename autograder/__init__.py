"""Reads an instructor's notebook and a student's, runs the student's in a sandbox, says what each test is worth.

Knows no Django, no Celery, no database. `python -m autograder` is its command line.
"""
