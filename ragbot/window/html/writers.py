"""Who writes the answers, who else could, and how to keep a choice, as HTML. Pure but for one look.

That is whether a package is installed and a key is set; what a key is, is never read.
"""

from __future__ import annotations

import json
import os
from importlib.metadata import PackageNotFoundError, version
from operator import itemgetter

from ragbot.config import LlmSettings
from ragbot.llm import PROVIDERS
from ragbot.llm.integrations import INTEGRATIONS
from ragbot.service.standing import Standing
from ragbot.window.html.escaped import escaped
from ragbot.window.html.head import writer

__all__ = ["active_html", "keep_html", "key_name", "name_of", "ways_html"]

# What people call them; the others bear their makers' names.
_NAMES = {
    "none": "No model, quotes only",
    "openai": "OpenAI-compatible server",
    "local": "Model on this machine",
    "google": "Google",
    "huggingface": "Hugging Face",
    "mistral": "Mistral",
    "bedrock": "AWS Bedrock",
}
_NEEDS = {
    "none": "Every statement is a sentence of an abstract. Nothing leaves this machine.",
    "openai": "A model's name, and the address of Ollama, vLLM, llama.cpp, LM Studio or any other "
    "server of its kind; without an address it is OpenAI itself.",
    "local": "The folder of a chat model, or the name of one that <code>hf download</code> has "
    "fetched. Nothing leaves this machine.",
}
_CHOSEN_ELSEWHERE = (
    "This window can be opened from other machines, so its model is chosen where it is started: in "
    "the settings file, or in the environment, as <code>RAGBOT_LLM__MODEL</code>."
)
_HOLDS_FOR_ALL = (
    "A change holds for everyone who has this window open, from the next question on and until "
    "Ragbot is stopped. To keep what is in use, put it into your settings file:"
)


def name_of(provider: str) -> str:
    """What people call a provider."""
    return _NAMES.get(provider, provider.capitalize())


def active_html(standing: Standing) -> str:
    """Who writes the answers, and whether that was seen to work."""
    name = f"<b>{escaped(writer(standing.llm))}</b>"
    checked = "Every sentence is checked against the abstracts that it cites."
    said = {
        "quotes": "Answers are quotes from the abstracts. No language model is used.",
        "unheard": f"{name} is to write the answers. It has not answered yet. {checked}",
        "answers": f"{name} writes the answers. {checked}",
        "fails": f"{name} is to write the answers, but did not answer when last asked. Until it "
        f"does, answers are quotes.</p><p class='told'>{escaped(standing.failure)}",
    }
    return f"<h2>Who writes the answers</h2><p>{said[standing.light]}</p>"


def keep_html(llm: LlmSettings, *, shared: bool) -> str:
    """How far a change reaches, and the lines of a settings file that make it last."""
    used = {
        "provider": llm.provider,
        "model": llm.model,
        "base_url": llm.base_url,
        "context_window": llm.context_window,
    }
    lines = "[llm]"
    for name, value in filter(itemgetter(1), used.items()):
        lines += f"\n{name} = {json.dumps(value, ensure_ascii=False)}"
    reach = _CHOSEN_ELSEWHERE if shared else _HOLDS_FOR_ALL
    return f"<p>{reach}</p><pre>{escaped(lines)}</pre>"


def ways_html(standing: Standing) -> str:
    """Every provider with what it needs, the one in use marked by its light."""
    items = ""
    for name in PROVIDERS:
        kind = f"on {standing.light}" if name == standing.llm.provider else ""
        title = f"{escaped(name_of(name))}{_state(name)}"
        items += f'<li class="{kind}"><h3>{title}</h3><p>{_need(name)}</p></li>'
    return f"<h2>Ways to have answers written</h2><ul>{items}</ul>"


def _need(provider: str) -> str:
    if provider in _NEEDS:
        return _NEEDS[provider]
    package = escaped(INTEGRATIONS[provider].package)
    return f"<code>pip install {package}</code>, and a model's name."


def _state(provider: str) -> str:
    """Whether its package is here and its key is set; never what the key is."""
    tags = ""
    if provider in INTEGRATIONS:
        try:
            version(INTEGRATIONS[provider].package)
        except PackageNotFoundError:
            tags += '<span class="tag ">not installed</span>'
    key = key_name(provider)
    if not key:
        return tags
    if os.environ.get(key):
        return f'{tags}<span class="tag good">{key} is set</span>'
    return f'{tags}<span class="tag ">{key} not set</span>'


def key_name(provider: str) -> str:
    """The variable of the environment that holds a provider's key; empty if there is none."""
    if provider == "openai":
        return "OPENAI_API_KEY"
    return INTEGRATIONS[provider].key if provider in INTEGRATIONS else ""
