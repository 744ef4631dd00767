"""Write `dates.txt`: first and last days of rounds, by Python's `datetime`.

A line holds what rounds are called, the start, a round, its first day and its last.

    python3 dates.py            write dates.txt
    python3 dates.py --check    compare with the file that is there, write nothing
"""

import sys
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

OUT = Path(__file__).resolve().parent / "dates.txt"
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
STARTS = [
    "2024-07",
    "2024-07-01",
    "2017-Q3",
    "2030-H1",
    "1914",
    "1914-07-22",
    "1900-02-28",
    "2000-02-29",
    "2023-12-31",
    "2024-01-31",
    "1582-10-04",
    "0001-01-01",
]
ROUNDS = [1, 2, 3, 4, 5, 13, 29, 60, 366, 1201]


def first_day(start):
    year, rest = int(start[:4]), start[5:]
    if rest.startswith("Q"):
        return date(year, 3 * int(rest[1:]) - 2, 1)
    if rest.startswith("H"):
        return date(year, 6 * int(rest[1:]) - 5, 1)
    return date(year, *([int(part) for part in rest.split("-") if part] + [1, 1])[: 2])


def begins(start, unit, round):
    if unit in DAYS:
        return start + timedelta(days=DAYS[unit] * (round - 1))
    months = 12 * start.year + start.month - 1 + MONTHS[unit] * (round - 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def lines():
    yield "# what rounds are called, the start, a round, its first day and its last, by dates.py"
    for unit in [*DAYS, *MONTHS]:
        for text in STARTS:
            start = first_day(text)
            for round in ROUNDS:
                last = begins(start, unit, round + 1) - timedelta(days=1)
                yield f"{unit} {text} {round} {begins(start, unit, round)} {last}"


text = "".join(line + "\n" for line in lines())
if "--check" in sys.argv:
    sys.exit(0 if OUT.read_text() == text else "dates.txt differs")
OUT.write_text(text)
