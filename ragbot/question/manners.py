"""What is said for manners' sake, and questions about Ragbot itself. Looks at words only."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["ABOUT_RAGBOT", "without_manners"]

Manners = Literal["hello", "thanks", "goodbye"]

_TO_WHOM = r"(?:[\s,]+(?:there|ragbot|again|all|everyone|everybody|friend|team|bot))*"
_PLEASED = (
    r"(?:very|really|so|super|quite|most|extremely|exactly)?\s*(?:helpful|useful|great|good|"
    r"perfect|excellent|awesome|amazing|nice|cool|wonderful|fantastic|brilliant|clear|enough|"
    r"interesting|right|what\s+i\s+(?:needed|wanted|was\s+looking\s+for)|it|all)"
)
# Each is said alone, or in front of a question.
_SAID: tuple[tuple[Manners, str], ...] = (
    (
        "hello",
        r"(?:hi+|hello+|hey+|hiya|howdy|yo|hallo|hola|bonjour|salut|ciao|servus|moin|"
        r"greetings|welcome|nice\s+to\s+meet\s+you|guten\s+(?:tag|morgen|abend)|"
        r"good\s+(?:morning|afternoon|evening|day)|buenos\s+d[ií]as|olá|привет|здравствуйте|"
        r"你好|您好|こんにちは|안녕하세요|مرحبا)",
    ),
    (
        "hello",
        r"(?:how\s+are\s+(?:you|things)(?:\s+(?:doing|today))*|how(?:\s+is|['’]s)\s+it\s+going|how\s+do\s+you\s+do|"
        r"what(?:['’]s|\s+is)\s+up|are\s+you\s+there|i\s+have\s+(?:a|some|another)\s+questions?|"
        r"(?:can|may)\s+i\s+ask\s+(?:you\s+)?(?:something|a\s+question)|is\s+(?:anyone|anybody)\s+there)",
    ),
    (
        "thanks",
        r"(?:many\s+|ok(?:ay)?[\s,]+|great[\s,]+|perfect[\s,]+)?(?:thank\s*(?:s|you)|thx|ty|cheers|"
        r"danke|merci|gracias|grazie|obrigado|obrigada|спасибо|谢谢|ありがとう|감사합니다|شكرا)"
        r"(?:[\s,]+(?:so|very)\s+much|\s+a\s+(?:lot|million|bunch)|\s+(?:sehr|schön|beaucoup))?"
        r"(?:\s+for\s+(?:that|this|it|everything|helping(?:\s+me)?|(?:the|your|all(?:\s+(?:the|your))?)"
        r"\s+(?:quick\s+|great\s+|kind\s+|good\s+)?\w+))?",
    ),
    (
        "goodbye",
        r"(?:bye(?:[\s-]+bye)?|good\s*bye|see\s+you(?:\s+(?:later|soon|tomorrow))?|farewell|"
        r"good\s+night|so\s+long|take\s+care|have\s+a\s+(?:nice|good|great)\s+(?:day|evening|weekend|one)|"
        r"tschüss|au\s+revoir|adi[oó]s|i\s+am\s+done|i['’]m\s+done|nothing\s+else)",
    ),
    (
        "thanks",
        rf"(?:(?:that|this|it)(?:\s+(?:is|was|has\s+been)|['’]s)?(?:\s+all)?\s+{_PLEASED}"
        r"(?:\s+(?:for\s+(?:now|today)|to\s+know|thanks?))*|that\s+help(?:s|ed)(?:\s+(?:a\s+lot|me))*|"
        r"that\s+answers?(?:ed)?\s+(?:it|(?:my|the|all\s+my)\s+questions?)|"
        r"(?:you\s+(?:are|were)|you['’]re)\s+(?:very\s+|so\s+)?(?:helpful|great|awesome|the\s+best)|"
        r"(?:great|good|nice|excellent|perfect|awesome|cool|amazing|wonderful|brilliant)"
        r"(?:\s+(?:answer|job|work|one|stuff|help))?|ok|okay|alright|got\s+it|i\s+see|understood|"
        r"well\s+done|i\s+appreciate\s+(?:it|that|your\s+help)|much\s+appreciated)",
    ),
)
_PIECES = [
    (what, re.compile(rf"\W*(?:{said}){_TO_WHOM}(?![\w-])[\s,.!;:?…)(~😀-🙏❤️]*", re.I))
    for what, said in _SAID
]
_ANY_PIECE = re.compile("|".join(piece.pattern for _, piece in _PIECES), re.I)
# "Good morning and thank you, bye" is more than two.
_MOST = 5

_DO = r"(?:do|help|offer|answer|tell|give|provide|handle|assist)"
_YOU = (
    r"(?:you|ragbot|it|this\s+(?:tool|app|application|program|chat|bot|chatbot|thing|"
    r"assistant|system))"
)
ABOUT_RAGBOT = re.compile(
    rf"""\W*(?:(?:please|so|and|but|well|ok(?:ay)?|can\s+you|could\s+you)[\s,]+)*(?:
    (?:what|how)\s+(?:all\s+|else\s+|exactly\s+)?(?:can|could|do|does|will|are)\s+(?:you|ragbot|this\s+\w+)
        (?:\s+(?:able\s+to|actually|even))*\s+{_DO}(?:\s+(?:me|us|for\s+me|for\s+us|with|here))*
    |what\s+(?:else\s+)?(?:can|could|should|may|do)\s+(?:i|we|one)\s+(?:ask|do|type|say)
        (?:\s+(?:here|you|about|with|{_YOU}))*
    |(?:what|which)\s+(?:kinds?\s+of\s+|sorts?\s+of\s+|types?\s+of\s+)?questions?\s+
        (?:can|could|should|do|may)\s+(?:i|we|you)\s+(?:ask|answer|handle)(?:\s+(?:here|you))*
    |(?:who|what)\s+(?:exactly\s+)?(?:are\s+you|is\s+(?:ragbot|this(?:\s+(?:tool|app|program|chat|bot|thing))?))
    |(?:what|which)\s+languages?\s+(?:do|can|are)\s+you\s+(?:support|speak|understand|know|supported)
    |how\s+do\s+you\s+(?:find|get|make|produce|come\s+up\s+with)\s+(?:your\s+|the\s+|an\s+)?answers?
    |who\s+(?:made|built|wrote|created|developed|programmed)\s+(?:you|ragbot|this\s+(?:tool|app|bot))
    |are\s+you\s+(?:an?\s+|the\s+)?(?:real\s+)?(?:ai|bot|chatbot|robot|human|person|machine|llm|chat\s*gpt|
        (?:large\s+)?language\s+model|search\s+engine|assistant)(?:\s+or\s+.{{1,30}})?
    |(?:which|what)\s+(?:(?:large\s+)?language\s+)?(?:model|llm|ai)\s+(?:are|do|does|is)\s+{_YOU}
        (?:\s+(?:use|using|based\s+on|running(?:\s+on)?))?
    |do\s+you\s+use\s+(?:an?\s+)?(?:ai|llm|chat\s*gpt|(?:large\s+)?language\s+model)
    |how\s+(?:do|does|can|should)\s+(?:i|we|one|you|ragbot|this(?:\s+(?:tool|app|program|chat|bot|thing))?|it\s+all)
        \s+(?:use|work|start|begin|get\s+started|search|ask(?:\s+(?:questions?|you))?|use\s+(?:this|you|ragbot)
        |work\s+with)(?:\s+(?:this|you|ragbot|here|it|(?:a\s+)?questions?|this\s+(?:tool|app|program|chat|bot)))*
    |(?:can|could|do|will)\s+you\s+(?:also\s+)?(?:
        (?:speak|understand|answer\s+in|reply\s+in|talk)\s+(?:in\s+)?(?:any\s+|other\s+)?(?:languages?|[A-Z]\w+)
        |(?:search|access|browse|use|surf|look\s+(?:at|on)|go\s+on)\s+(?:on\s+)?(?:the\s+)?(?:web|internet|google|
            arxiv|online)(?:\s+too)?
        |read\s+(?:the\s+)?(?:full\s+)?(?:papers?|pdfs?|texts?|full\s+texts?))
    |(?:can|could|will)\s+you\s+(?:please\s+)?help(?:\s+(?:me|us))?(?:\s+out)?
    |i\s+need\s+(?:some\s+)?help|help(?:\s+(?:me|please))*|instructions|usage|commands|about
    |(?:tell\s+(?:me|us)\s+(?:more\s+|something\s+|a\s+bit\s+)?about|introduce|describe|explain)\s+
        (?:yourself|ragbot|(?:what|who)\s+you\s+(?:are|do|can\s+do))
    |(?:tell|show)\s+me\s+what\s+(?:you|i)\s+can\s+(?:do|ask)(?:\s+(?:here|you))*
    |(?:give|show)\s+me\s+(?:some\s+|a\s+few\s+|an?\s+)?(?:examples?|sample|example\s+questions?|sample\s+questions?)
        (?:\s+(?:of\s+)?(?:questions?|what\s+(?:i|you)\s+can\s+(?:ask|do)))?
    |what\s+(?:is|are)\s+(?:your\s+|ragbot['’]s\s+)(?:name|purpose|job|function|capabilities|features|skills|limits|limitations)
    |what\s+are\s+you(?:\s+(?:good|made|built|meant|there|here)\s*(?:at|for)?)
    |where\s+do\s+(?:you|your\s+answers)\s+(?:get\s+your\s+(?:answers|information|knowledge)(?:\s+from)?|come\s+from)
    )(?:\s+(?:please|exactly|actually|then|today|here))*\W*\Z""",
    re.I | re.X,
)
"""A pattern of questions about Ragbot, and of what can be asked."""


def without_manners(text: str) -> tuple[Manners | None, str]:
    """What was said for manners' sake in front of a question, and the question behind it."""
    said: Manners | None = None
    if not _ANY_PIECE.match(text):
        return said, text
    for what, pattern in _PIECES * _MOST:
        match = pattern.match(text)
        if match:
            text = text[match.end() :]
            if said != "thanks":
                said = what
    return said, text
