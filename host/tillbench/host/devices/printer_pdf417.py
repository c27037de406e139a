"""PDF417 as the printer draws it: columns, rows, level, module and row height, also truncated (GS ( k, cn 48).

Source: Epson ESC/POS Command Reference, GS ( k <functions 065 to 070>; ISO/IEC 15438 for the symbol.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbench.host.devices.printer_memory import Graphic

MOST_DATA = 2710
"""Digits, the densest data, that the largest symbol holds."""
_MOST_CODE_WORDS = 928
_FEWEST_ROWS, _MOST_ROWS, _MOST_COLUMNS = 3, 90, 30
_PAD = 900
_MODULES = 17
_STOP_MODULES = 18
_WIDEST_AUTOMATIC = 4
"""Modules across to modules down that columns are chosen for, where neither columns nor rows are given."""
_CODE_WORDS_OF_LEVEL = ((4, 1), (11, 2), (21, 3), (46, 4), (101, 5), (201, 6), (401, 7))
"""Below how many code words of error correction, by ratio, which level is taken; 8 above all of them."""


@dataclass
class Pdf417:
    """What GS ( k sets; 0 columns or rows: as many as are needed."""

    columns: int = 0
    rows: int = 0
    module: int = 3
    """Dots."""
    row_height: int = 3
    """Modules."""
    level: int | None = None
    ratio: int = 1
    """Code words of error correction, in tenths of those of the data, where no level is given."""
    truncated: bool = False

    def set(self, function: int, arguments: bytes) -> bool:
        """Obey function 65 to 70; whether its arguments are ones that it has."""
        n = arguments[0] if arguments else -1
        if function == 65 and 0 <= n <= _MOST_COLUMNS:
            self.columns = n
        elif function == 66 and (n == 0 or _FEWEST_ROWS <= n <= _MOST_ROWS):
            self.rows = n
        elif function == 67 and 2 <= n <= 8:
            self.module = n
        elif function == 68 and 2 <= n <= 8:
            self.row_height = n
        elif function == 69 and len(arguments) == 2:
            return self._set_level(*arguments)
        elif function == 70 and n in (0, 1):
            self.truncated = n == 1
        else:
            return False
        return True

    def _set_level(self, m: int, n: int) -> bool:
        if m == 48 and 48 <= n <= 56:
            self.level = n - 48
        elif m == 49 and 1 <= n <= 40:
            self.level, self.ratio = None, n
        else:
            return False
        return True

    def draw(self, data: bytes, area: int) -> Graphic:
        """The symbol without a quiet zone.

        Args:
            area: dots across that it may have.

        Raises:
            ValueError: no data, or more than fits in that many columns and rows, or across the area.
        """
        from pdf417gen.compaction import compact  # only where a slip has one
        from pdf417gen.encoding import encode_rows
        from pdf417gen.error_correction import compute_error_correction_code_words

        if not 0 < len(data) <= MOST_DATA:
            raise ValueError(f"1 to {MOST_DATA} bytes expected, found {len(data)}")
        words = list(compact(data))
        level = self._level(len(words))
        correction = 2 << level
        columns, rows = self._shape(len(words) + 1 + correction, area)
        words += [_PAD] * (columns * rows - 1 - correction - len(words))
        words.insert(0, len(words) + 1)
        words += compute_error_correction_code_words(words, level)
        chunks = [words[at : at + columns] for at in range(0, len(words), columns)]
        patterns = [self._row(row) for row in encode_rows(chunks, columns, level)]
        return Graphic(tuple(patterns), self._modules(columns)).scaled(self.module, self.module * self.row_height)

    def _level(self, words: int) -> int:
        if self.level is not None:
            return self.level
        wanted = words * self.ratio // 10
        return next((level for below, level in _CODE_WORDS_OF_LEVEL if wanted < below), 8)

    def _modules(self, columns: int) -> int:
        """Across: start, left indicator, data, and, unless it is truncated, right indicator and stop."""
        return _MODULES * (columns + 2) + (1 if self.truncated else _MODULES + _STOP_MODULES)

    def _shape(self, words: int, area: int) -> tuple[int, int]:
        """Columns and rows that hold so many code words."""
        if words > _MOST_CODE_WORDS:
            raise ValueError(f"{words} code words with error correction, {_MOST_CODE_WORDS} at most fit in a symbol")
        fitting = [
            (columns, max(self.rows, _FEWEST_ROWS, -(-words // columns)))
            for columns in ([self.columns] if self.columns else range(1, _MOST_COLUMNS + 1))
            if self._modules(columns) * self.module <= area
        ]
        shapes = [
            (columns, rows)
            for columns, rows in fitting
            if rows <= (self.rows or _MOST_ROWS) and columns * rows <= _MOST_CODE_WORDS
        ]
        if not shapes:
            limits = f"{self.columns or 'any number of'} columns and {self.rows or 'any number of'} rows"
            raise ValueError(f"{words} code words do not fit in {limits} on {area} dots")
        if self.rows:
            return shapes[0]
        return min(
            shapes,
            key=lambda shape: abs(self._modules(shape[0]) - _WIDEST_AUTOMATIC * shape[1] * self.row_height),
        )

    def _row(self, patterns: list[int]) -> int:
        """The modules of a row as bits."""
        *words, stop = patterns
        if self.truncated:
            words.pop()
        row = 0
        for word in words:
            row = row << _MODULES | word
        return row << 1 | 1 if self.truncated else row << _STOP_MODULES | stop
