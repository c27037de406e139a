"""The board as a PC/SC reader: its firmware with a slot of models, and a pseudo-terminal for the computer's driver."""

from tillbench.host.reader.board import ReaderBoard, ReaderFault
from tillbench.host.reader.slot import BoardSlot

__all__ = ["BoardSlot", "ReaderBoard", "ReaderFault"]
