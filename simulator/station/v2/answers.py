"""How a station answers the calls of OCPP 2.0.1 and 2.1.

Answers only change state; what follows from them is sent by the next `Station.report`.
"""

from typing import Any, override

from ocpp import exceptions  # type: ignore[import-untyped]  # the package ships no types

from .charging_answers import ChargingAnswers
from .service_answers import ServiceAnswers


class Answers(ChargingAnswers, ServiceAnswers):
    """All answers."""

    @override
    async def _handle_call(self, msg: Any) -> Any:
        # The package leaves unknown actions of 2.1 without any answer.
        if msg.action not in self.route_map:
            raise exceptions.NotImplementedError(details={"cause": f"no answer to {msg.action}"})
        return await super()._handle_call(msg)
