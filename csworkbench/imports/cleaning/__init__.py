"""Cleaners: what a cell of each kind of field means, or why it means nothing."""

from .base import BadCell, Cell, Clean, Cleaner, Signs
from .choices import Choice, Choices, Lookup, TimeZone, YesNo
from .dates import Date
from .directory import Directory
from .ids import DigitsId, SalesforceId, TextId
from .names import FullName
from .numbers import Number
from .reach import Email, Phone, Website
from .text import Money, Text, Whole

__all__ = [
    "BadCell",
    "Cell",
    "Choice",
    "Choices",
    "Clean",
    "Cleaner",
    "Date",
    "DigitsId",
    "Directory",
    "Email",
    "FullName",
    "Lookup",
    "Money",
    "Number",
    "Phone",
    "SalesforceId",
    "Signs",
    "Text",
    "TextId",
    "TimeZone",
    "Website",
    "Whole",
    "YesNo",
]
