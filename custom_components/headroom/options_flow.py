"""The options of a site: a menu of what can be set for all of it."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult

from .clock.flow import ClockStep
from .energy_flow import EnergyStep
from .grid.flow import GridStep
from .inputs.flow import InputsStep
from .plan.flow import PlanStep
from .rules_flow import RulesStep
from .sun.flow import SunStep

STEPS: Final = ("rules", "clock", "sun", "plan", "inputs", "grid", "energy")


class SiteOptionsFlow(RulesStep, ClockStep, SunStep, PlanStep, InputsStep, GridStep, EnergyStep):
    """Change the options of a site."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be changed."""
        return self.async_show_menu(step_id="init", menu_options=STEPS)
