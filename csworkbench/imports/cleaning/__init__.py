"""Cleaners: what a cell of each kind of field means, or why it means nothing."""

from .base import BadCell, Cell, Clean, Cleaner
from .choices import Choice, Lookup, TimeZone
from .directory import Directory
from .ids import DigitsId, SalesforceId, TextId
from .names import FullName
from .reach import Email, Phone, Website
from .text import Date, Money, Text, Whole

__all__ = [
    "BadCell",
    "Cell",
    "Choice",
    "Clean",
    "Cleaner",
    "Date",
    "DigitsId",
    "Directory",
    "Email",
    "FullName",
    "Lookup",
    "Money",
    "Phone",
    "SalesforceId",
    "Text",
    "TextId",
    "TimeZone",
    "Website",
    "Whole",
]
