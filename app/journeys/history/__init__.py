"""One order's past, and what its rows say about it. Pure: nothing is read here."""

from app.journeys.history.lacks import lacking
from app.journeys.history.order import COMING, History, best_of, refunded_at, run_out
from app.journeys.history.shelf import Shelf

__all__ = ["COMING", "History", "Shelf", "best_of", "lacking", "refunded_at", "run_out"]
