"""Near misses: which account a spoilt cell may have meant, and which one a new name may be already."""

from .book import suggest_ids, warn_of_namesakes
from .children import suggest

__all__ = ["suggest", "suggest_ids", "warn_of_namesakes"]
