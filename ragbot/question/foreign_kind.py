"""What kind of answer a question in another language than English asks for. Its words only.

As in English (`kind`), the first reading that fits counts. A language that is not here has its
questions answered as if they did not tell.
"""

from __future__ import annotations

import re

from ragbot.question.kind import first_fitting
from ragbot.types import Kind

__all__ = ["foreign_kind"]

_PAPERS = (
    r"(?:papers?|artikel\w*|arbeiten|veröffentlichungen|publikationen|studien|studies|articles?|"
    r"publications?|travaux|études|art[ií]culos?|trabajos?|estudios?|publicaciones|articoli|lavori|"
    r"studi|pubblicazioni|artigos?|trabalhos?|estudos?|publicações|artik[le]\w+|prace|artykuł\w*|"
    r"makale\w*|çalışma\w*|стат\w+|работ\w*|робот\w*|άρθρα)"
)
_WHICH = (
    r"(?:welche[rns]?|quels|quelles|qu[eé]|cu[aá]les|quali|quais|welke|vilka|hvilke|jakie|które|"
    r"hangi|какие|які|ποια)"
)
_HOW_MANY = (
    r"(?:wie\s?viele?|combien\s+d['’e]|cu[aá]nt[oa]s|quant[ie]|quant[oa]s|hoeveel|hur\s+många|"
    r"hvor\s+mange|ile|kaç|сколько|скільки)"
)
_PATTERNS: dict[Kind, str] = {
    "count": rf"\b{_HOW_MANY}\s*{_PAPERS}\b|多少篇|几篇|何本の?論文|몇\s*편",
    "list": rf"\b{_WHICH}\s+{_PAPERS}\b|哪些.{{0,6}}?(?:论文|文章|研究|工作)|(?:どの|どんな)論文|"
    r"어떤\s*논문|^\W*(?:papers|artikel|articles|art[ií]culos|articoli|artigos|статьи)\b",
    "reason": r"^\W*(?:warum|wieso|weshalb|pourquoi|por\s+qu[eéê]|porqu[eê]|perché|waarom|varför|"
    r"hvorfor|dlaczego|neden|niçin|почему|зачем|чому|γιατί)(?!\w)|为什么|為什麼|なぜ|왜",
    "comparison": r"\b(?:vergleich\w*|unterschied\w*|compar\w+|diff[eé]ren\w+|diferen\w+|"
    r"confront\w+|vergelijk\w*|verschil\w*|jämför\w*|skillnad\w*|porówna\w*|różnic\w*|fark\w*|сравн\w+|отлича\w+|"
    r"порівня\w+)|比较|比較|区别|區別|違い|비교|차이",
    "dataset": r"\b(?:datensätz\w*|datensatz|jeux?\s+de\s+données|conjuntos?\s+de\s+da[dt]os|"
    r"dataset|datasets|наборах?\s+данных)\b|数据集|データセット|데이터셋",
    "availability": r"\b(?:quellcode|code\s+source|código|codice|broncode|källkod|код)\b"
    r"|代码|コード|코드",
    "definition": r"^\W*(?:was\s+(?:ist|sind|bedeutet|heißt)|wofür\s+steht|"
    r"qu['’]est[-\s]ce\s+qu\w*|"
    r"que\s+signifie|qué\s+(?:es|son|significa)|(?:che\s+)?cos['’]?\s?è|che\s+cosa\s+(?:è|sono)|"
    r"o\s+que\s+(?:é|são|significa)|wat\s+(?:is|zijn|betekent)|vad\s+(?:är|betyder)|hvad\s+er|"
    r"hva\s+er|co\s+to\s+(?:jest|są)|nedir|что\s+такое|що\s+таке|τι\s+είναι)(?!\w)|"
    r"\bnedir\W*$|什么是|什麼是|是什么|是什麼|とは(?:何|なに|[?？]|$)|(?:이?란|무엇)",
    "result": r"^\W*(?:wie\s+(?:viel|stark|sehr|schnell|genau|gut|groß)|um\s+wie\s*viel|combien|"
    r"de\s+combien|cu[aá]nt[oa]|quant[oa]|hoeveel|hur\s+mycket|hvor\s+meget|ile|сколько|"
    r"насколько|скільки)(?!\w)|多少|どれくらい|どのくらい|얼마나",
    "method": r"^\W*(?:wie|comment|c[oó]mo|come|hoe|hur|hvordan|jak|nasıl|как|як|πώς)(?!\w)|"
    r"如何|怎么|怎麼|どのように|どうやって|어떻게",
}
_READINGS = [
    (kind, re.compile(pattern, re.IGNORECASE).search)
    for kind, pattern in _PATTERNS.items()
]


def foreign_kind(question: str) -> Kind:
    """The kind of answer; "other" if the words do not tell."""
    return first_fitting(_READINGS, question)
