"""The Model tab: who writes the answers, whether it works, and how to have another do it.

Keys are never typed in here, nor shown: they come from the environment of the program alone.
Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from ragbot.config import LlmSettings
from ragbot.doctor import first_word
from ragbot.errors import ConfigError, RagbotError
from ragbot.llm import PROVIDERS
from ragbot.llm.integrations import INTEGRATIONS
from ragbot.pipeline import Ragbot
from ragbot.window.ask import QUIET
from ragbot.window.collection import masthead_html, writer

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["models"]

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
_LARGEST_WINDOW = 100_000_000


def models(bot: Ragbot, masthead: "gr.HTML", *, shared: bool) -> None:
    """What is in use, a form to change it, and every other way there is.

    In a ``shared`` window, which others than the owner of this machine can open, there is no form:
    an address that visitors choose would be asked from here, with the owner's key.
    """
    import gradio as gr

    now = owned = bot.settings.llm
    with gr.Tab("Model", id="model") as tab, gr.Row(elem_id="model-tab"):
        with gr.Column(scale=6, min_width=320):
            active = gr.HTML(_active(now), elem_id="model-active")
            if not shared:
                with gr.Column(elem_id="model-form"):
                    provider = gr.Dropdown(
                        [(_name(p), p) for p in PROVIDERS], value=now.provider, label="Answers by"
                    )
                    model = gr.Textbox(
                        now.model,
                        label="Model",
                        placeholder="its name, such as qwen3:8b, or its folder",
                        visible=now.provider != "none",
                        max_lines=1,
                    )
                    address = gr.Textbox(
                        now.base_url,
                        label="Address of the server",
                        placeholder="http://localhost:11434/v1",
                        visible=_takes(now.provider, "base_url"),
                        max_lines=1,
                    )
                    window = gr.Number(
                        now.context_window,
                        label="Context window in tokens; 0: what the model says",
                        precision=0,
                        visible=_takes(now.provider, "context_window"),
                    )
                with gr.Row(elem_id="model-act"):
                    use = gr.Button("Use this", variant="primary", size="md", elem_id="model-use")
                    test = gr.Button("Test", size="md", elem_id="model-test")
            outcome = gr.HTML(elem_id="model-outcome")
            keep = gr.HTML(_keep(now, shared=shared), elem_id="model-keep")
        with gr.Column(scale=5, min_width=320):
            ways = gr.HTML(_ways(now), elem_id="model-ways")

    def state() -> dict[Any, Any]:
        llm = bot.settings.llm
        return {
            masthead: masthead_html(bot),
            active: _active(llm),
            keep: _keep(llm, shared=shared),
            ways: _ways(llm),
        }

    if shared:
        tab.select(state, outputs=[masthead, active, keep, ways], **QUIET)
        return

    def shown() -> dict[Any, Any]:
        llm = bot.settings.llm
        filled = {model: llm.model, address: llm.base_url, window: llm.context_window}
        seen = fields(llm.provider)
        told = {box: {**seen[box], "value": value} for box, value in filled.items()}
        return {**state(), provider: llm.provider, **told}

    def fields(chosen: str) -> dict[Any, Any]:
        return {
            model: gr.update(visible=chosen != "none"),
            address: gr.update(visible=_takes(chosen, "base_url")),
            window: gr.update(visible=_takes(chosen, "context_window")),
        }

    def change(chosen: str, named: str, at: str, tokens: int | None) -> Iterator[dict[Any, Any]]:
        asked = replace(
            bot.settings.llm,
            provider=chosen,
            model=named.strip(),
            base_url=_address(chosen, at.strip(), owned),
            context_window=tokens or 0,
        )
        yield {outcome: _said("Loading …" if chosen == "local" else "One moment …")}
        try:
            _check_window(asked)
            bot.use_language_model(asked, keys=takes_keys(asked, owned))
        except RagbotError as error:
            yield {outcome: _problem(error)}
            return
        yield state() | {outcome: ""}
        if chosen != "none":
            yield from hear()

    def hear() -> Iterator[dict[Any, Any]]:
        yield {outcome: _said("Asking for a word …")}
        try:
            llm = bot.language_model()
            if llm is None:
                yield {outcome: _said("There is no model to test: answers are quotes.")}
                return
            seconds = first_word(llm)
        except RagbotError as error:
            yield {outcome: _problem(error)}
            return
        told = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
        yield {outcome: _said(f"{llm.name} answers: first word after {told}.", good=True)}

    alone: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1, **QUIET}
    outputs = [masthead, active, keep, ways, outcome]
    tab.select(shown, outputs=[*outputs[:-1], provider, model, address, window], **QUIET)
    provider.input(fields, provider, [model, address, window], **QUIET)
    use.click(change, [provider, model, address, window], outputs, **alone)
    test.click(hear, outputs=outcome, **alone)


def takes_keys(asked: LlmSettings, owned: LlmSettings) -> bool:
    """Whether keys of the environment may go to the server that a visitor asks for.

    To an address of the owner's settings, or to the provider's own; never to one typed in here,
    where a page that got hold of this form could have them sent anywhere.
    """
    return not asked.base_url or asked.base_url == owned.base_url


def _address(provider: str, typed: str, owned: LlmSettings) -> str:
    """The address to use: as typed where one can be, else the owner's for this provider."""
    if _takes(provider, "base_url"):
        return typed
    return owned.base_url if provider == owned.provider else ""


def _takes(provider: str, setting: str) -> bool:
    """Whether the form asks for a setting: it means something to the provider.

    An address is typed in for servers that can do without a key.
    """
    if provider in INTEGRATIONS:
        return setting != "base_url" and setting in INTEGRATIONS[provider].names
    return provider == "openai" or (provider == "local" and setting == "context_window")


def _check_window(asked: LlmSettings) -> None:
    if not 0 <= asked.context_window <= _LARGEST_WINDOW:
        raise ConfigError(
            "the context window is a number of tokens from 0: give that of the model, or 0 for "
            "what the model says",
            key="llm.context_window",
        )


def _name(provider: str) -> str:
    return _NAMES.get(provider, provider.capitalize())


def _active(llm: LlmSettings) -> str:
    if llm.provider == "none":
        told = "Answers are quotes from the abstracts. No language model is used."
    else:
        told = (
            f"<b>{escape(writer(llm))}</b> writes the answers. Every sentence is checked against "
            "the abstracts that it cites."
        )
    return f"<h2>Who writes the answers</h2><p>{told}</p>"


def _keep(llm: LlmSettings, *, shared: bool) -> str:
    """How far a change reaches, and the lines of a settings file that make it last."""
    lines = [f"provider = {json.dumps(llm.provider)}"]
    for name, value in (("model", llm.model), ("base_url", llm.base_url)):
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}"] if value else []
    lines += [f"context_window = {llm.context_window}"] if llm.context_window else []
    reach = (
        "This window can be opened from other machines, so its model is chosen where it is "
        "started: in the settings file, or in the environment, as <code>RAGBOT_LLM__MODEL</code>."
        if shared
        else "A change holds for everyone who has this window open, from the next question on and "
        "until Ragbot is stopped. To keep what is in use, put it into your settings file:"
    )
    return f"<p>{reach}</p><pre>[llm]\n{escape(chr(10).join(lines))}</pre>"


def _ways(llm: LlmSettings) -> str:
    items = "".join(
        f'<li class="{"on" if name == llm.provider else ""}"><h3>{escape(_name(name))}'
        f"{_state(name)}</h3><p>{_need(name)}</p></li>"
        for name in PROVIDERS
    )
    return f"<h2>Ways to have answers written</h2><ul>{items}</ul>"


def _need(provider: str) -> str:
    if provider in _NEEDS:
        return _NEEDS[provider]
    return f"<code>pip install {escape(INTEGRATIONS[provider].package)}</code>, and a model's name."


def _state(provider: str) -> str:
    """Whether its package is here and its key is set; never what the key is."""
    told = []
    key = "OPENAI_API_KEY" if provider == "openai" else ""
    if provider in INTEGRATIONS:
        key = INTEGRATIONS[provider].key
        try:
            version(INTEGRATIONS[provider].package)
        except PackageNotFoundError:
            told.append(("not installed", ""))
    if key:
        told.append((f"{key} is set", "good") if os.environ.get(key) else (f"{key} not set", ""))
    return "".join(f'<span class="tag {kind}">{escape(text)}</span>' for text, kind in told)


def _said(text: str, *, good: bool = False) -> str:
    return f'<p class="told{" good" * good}" role="status">{escape(text)}</p>'


def _problem(error: RagbotError) -> str:
    return f'<p class="problem" role="alert">{escape(" ".join(str(error).split()))}</p>'
