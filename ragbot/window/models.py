"""The Model tab: who writes the answers, whether it works, and how to have another do it.

Keys are never typed in here, nor shown: they come from the environment of the program alone, and
go to no address that was typed in here.

Gradio looks at the annotations of functions it calls, so those are not postponed here.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, RagbotError
from ragbot.llm import PROVIDERS
from ragbot.llm.integrations import INTEGRATIONS
from ragbot.service import Service
from ragbot.window.html.notes import problem_html, said_html
from ragbot.window.html.writers import (
    active_html,
    keep_html,
    key_name,
    name_of,
    ways_html,
)
from ragbot.window.wiring import QUIET, Updates

__all__ = ["ModelTab", "takes_keys"]

_LARGEST_WINDOW = 100_000_000


class ModelTab:
    """What is in use, a form to change it, and every other way there is.

    Lays the tab out when made, inside a `gr.Blocks`. In a ``shared`` window, which others than the
    owner of this machine can open, there is no form: an address that visitors choose would be asked
    from here.
    """

    def __init__(self, service: Service, *, shared: bool) -> None:
        import gradio as gr

        self._service = service
        self._shared = shared
        # What the settings file and the environment say; what is typed in later is not the owner's.
        self._owned = now = service.settings.llm
        with gr.Tab("Model", id="model") as tab, gr.Row(elem_id="model-tab"):
            with gr.Column(scale=6, min_width=320):
                self._active = gr.HTML(
                    active_html(service.watch.standing), elem_id="model-active"
                )
                if not shared:
                    self._lay_out_form(now)
                self._outcome = gr.HTML(elem_id="model-outcome")
                self._keep = gr.HTML(
                    keep_html(now, shared=shared), elem_id="model-keep"
                )
            with gr.Column(scale=5, min_width=320):
                self._ways = gr.HTML(
                    ways_html(service.watch.standing), elem_id="model-ways"
                )
        self._told = [self._active, self._keep, self._ways]
        if shared:
            tab.select(self._state, outputs=self._told, **QUIET)
            return
        form = [self._provider, self._model, self._address, self._tokens]
        tab.select(self._filled, outputs=[*self._told, *form], **QUIET)
        self._wire(form)

    def _lay_out_form(self, now: LlmSettings) -> None:
        import gradio as gr

        with gr.Column(elem_id="model-form"):
            self._provider = gr.Dropdown(
                [(name_of(p), p) for p in PROVIDERS],
                value=now.provider,
                label="Answers by",
            )
            self._model = gr.Textbox(
                now.model,
                label="Model",
                placeholder="its name, such as qwen3:8b, or its folder",
                visible=now.provider != "none",
                max_lines=1,
            )
            self._address = gr.Textbox(
                now.base_url,
                label="Address of the server",
                placeholder="http://localhost:11434/v1",
                visible=_asks_for(now.provider, "base_url"),
                max_lines=1,
            )
            self._tokens = gr.Number(
                now.context_window,
                label="Context window in tokens; 0: what the model says",
                precision=0,
                visible=_asks_for(now.provider, "context_window"),
            )
        with gr.Row(elem_id="model-act"):
            self._use = gr.Button(
                "Use this", variant="primary", size="md", elem_id="model-use"
            )
            self._test = gr.Button("Test", size="md", elem_id="model-test")

    def _wire(self, form: list[Any]) -> None:
        alone: dict[str, Any] = {
            "concurrency_id": "model",
            "concurrency_limit": 1,
            **QUIET,
        }
        outputs = [*self._told, self._outcome]
        self._provider.input(self._fields, self._provider, form[1:], **QUIET)
        self._use.click(self._change, form, outputs, **alone)
        self._test.click(self._hear, outputs=outputs, **alone)

    # -- what the controls do ---------------------------------------------------------------

    def _state(self) -> Updates:
        standing = self._service.watch.standing
        return {
            self._active: active_html(standing),
            self._keep: keep_html(standing.llm, shared=self._shared),
            self._ways: ways_html(standing),
        }

    def _filled(self) -> Updates:
        """The form as what is in use would have been typed in."""
        llm = self._service.settings.llm
        values = {
            self._model: llm.model,
            self._address: llm.base_url,
            self._tokens: llm.context_window,
        }
        fields = self._fields(llm.provider)
        for box, value in values.items():
            fields[box] = {**fields[box], "value": value}
        return {**self._state(), self._provider: llm.provider, **fields}

    def _fields(self, chosen: str) -> Updates:
        import gradio as gr

        return {
            self._model: gr.update(visible=chosen != "none"),
            self._address: gr.update(visible=_asks_for(chosen, "base_url")),
            self._tokens: gr.update(visible=_asks_for(chosen, "context_window")),
        }

    def _change(
        self, chosen: str, named: str, at: str, tokens: int | None
    ) -> Iterator[Updates]:
        asked = replace(
            self._service.settings.llm,
            provider=chosen,
            model=named.strip(),
            base_url=_address(chosen, at.strip(), self._owned),
            context_window=tokens or 0,
        )
        keys = takes_keys(asked, self._owned)
        waiting = "Loading …" if chosen == "local" else "One moment …"
        yield {self._outcome: said_html(waiting)}
        try:
            _check_window(asked)
            self._service.load_model(asked, keys=keys).wait()
        except RagbotError as error:
            yield {self._outcome: problem_html(error)}
            return
        yield {**self._state(), self._outcome: ""}
        if chosen != "none":
            yield from self._hear()
        name = key_name(chosen)
        if not keys and os.environ.get(name):
            yield {self._outcome: self._withheld(name)}

    def _hear(self) -> Iterator[Updates]:
        yield {self._outcome: said_html("Asking for a word …")}
        job = self._service.watch.ask_for_a_word()
        try:
            job.wait()
        except RagbotError as error:
            yield {**self._state(), self._outcome: problem_html(error)}
            return
        if job.heard is None:
            said = said_html("There is no model to test: answers are quotes.")
        else:
            name, seconds = job.heard
            took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
            said = said_html(f"{name} answers: first word after {took}.", good=True)
        yield {**self._state(), self._outcome: said}

    def _withheld(self, name: str) -> str:
        """What came of it, and that a server which wants a key was sent none."""
        standing = self._service.watch.standing
        note = said_html(
            f"{name} was not sent: a key goes to no address that is typed in here. If the server "
            "wants it, put its address into the settings file as base_url."
        )
        if standing.light == "fails":
            return problem_html(standing.failure) + note
        return said_html("The server answers.", good=True) + note


def takes_keys(asked: LlmSettings, owned: LlmSettings) -> bool:
    """Whether keys of the environment may go to the server that a visitor asks for.

    To an address of the owner's settings, or to the provider's own; never to one typed in here,
    where a page that got hold of this form could have them sent anywhere.
    """
    return not asked.base_url or asked.base_url == owned.base_url


def _address(provider: str, typed: str, owned: LlmSettings) -> str:
    """The address to use: as typed where one can be, else the owner's for this provider."""
    if _asks_for(provider, "base_url"):
        return typed
    return owned.base_url if provider == owned.provider else ""


# What the form asks for, of providers without a package of their own.
_ASKED_FOR: dict[str, tuple[str, ...]] = {
    "openai": ("base_url", "context_window"),
    "local": ("context_window",),
}


def _asks_for(provider: str, setting: str) -> bool:
    """Whether the form asks for a setting: it means something to the provider.

    An address is typed in for servers that can do without a key.
    """
    if provider in INTEGRATIONS:
        return setting in INTEGRATIONS[provider].names.keys() - {"base_url"}
    return setting in _ASKED_FOR.get(provider, ())


def _check_window(asked: LlmSettings) -> None:
    if not 0 <= asked.context_window <= _LARGEST_WINDOW:
        raise ConfigError(
            "the context window is a number of tokens from 0",
            "give that of the model, or 0 for what the model says",
            key="llm.context_window",
        )
