"""What the months are called in the languages into which browsers translate pages."""

from __future__ import annotations

from itertools import chain, cycle, product

from ragbot.text.english import MONTHS

__all__ = ["MONTH_WORDS"]

# As they stand in a date, which in Slavic languages is the genitive.
_NAMES = (
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
)
_SHORT = {"mrz": 3, "mrt": 3, "juil": 7, "sept": 9, "сент": 9, "нояб": 11}


def _words() -> dict[str, int]:
    """English ones come first where languages share a word."""
    found = {**MONTHS, **_SHORT}
    names = chain.from_iterable(map(str.split, _NAMES))
    numbered = zip(names, cycle(range(1, 13)))
    for (name, number), letters in product(numbered, (None, 4, 3)):
        found.setdefault(name[:letters], number)
    return found


MONTH_WORDS = _words()
"""The number of each month by its name and its short forms in small letters, without a stop."""
