"""Journeys as data: what a definition may say, and the presets that ship with the app."""

from app.journeys.definitions.checks import Mistake, dangling, wrong_words
from app.journeys.definitions.files import WrongDefinition, preset_text, presets, read, read_own
from app.journeys.definitions.needs import missing, need_text
from app.journeys.definitions.offsets import Floor, Offset, parse_floor, parse_offset
from app.journeys.definitions.shape import Definition, Split, Step, TaskOf, Words
from app.journeys.definitions.vocabulary import (
    ANCHORS,
    AT_THE_MOMENT,
    BECOMES_TRUE,
    FLAGS,
    PRODUCT_KINDS,
    Condition,
    condition,
)

__all__ = [
    "ANCHORS",
    "AT_THE_MOMENT",
    "BECOMES_TRUE",
    "FLAGS",
    "PRODUCT_KINDS",
    "Condition",
    "Definition",
    "Floor",
    "Mistake",
    "Offset",
    "Split",
    "Step",
    "TaskOf",
    "Words",
    "WrongDefinition",
    "condition",
    "dangling",
    "missing",
    "need_text",
    "parse_floor",
    "parse_offset",
    "preset_text",
    "presets",
    "read",
    "read_own",
    "wrong_words",
]
