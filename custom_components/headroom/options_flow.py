"""The options of a site: a menu of its rules, its inputs and what energy costs."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult

from .energy_flow import EnergyStep
from .inputs_flow import InputsStep
from .rules_flow import RulesStep


class SiteOptionsFlow(RulesStep, InputsStep, EnergyStep):
    """Change the options of a site."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be changed."""
        steps = ["rules", "inputs", "energy"]
        return self.async_show_menu(step_id="init", menu_options=steps)
