"""Home Assistant as the demo uses it: its configuration, and its API as a browser speaks it."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import yaml

from .helpers import helpers

_STARTUP: Final = 180.0
_RETRY: Final = 0.5

_CONFIGURATION: Final = """\
# Written by the demo at every start.
homeassistant:
  name: {name}
  latitude: {latitude}
  longitude: {longitude}
  time_zone: {timezone}
  unit_system: metric
  currency: EUR
  country: FR
  auth_providers:
    - type: trusted_networks
      trusted_networks: [127.0.0.1/32, "::1/128"]
      allow_bypass_login: true
    - type: homeassistant

frontend:
config:
history:
logbook:
recorder:
  commit_interval: 5
  purge_keep_days: 3
energy:
conversation:
system_health:

logger:
  default: warning
  logs:
    custom_components.headroom: info
    # Cameras that nobody has here complain about missing programs.
    haffmpeg: critical
    homeassistant.components.camera: critical
"""


type Json = Any
"""What a JSON API answers."""


class HomeError(Exception):
    """Home Assistant did not do what the demo needs."""


def prepare_config(folder: Path, *, port: int, site: dict[str, Any], component: Path) -> None:
    """Write the configuration and link the integration into it."""
    (folder / "custom_components").mkdir(parents=True, exist_ok=True)
    configuration = _CONFIGURATION.format(name=site["name"], **site["place"])
    if added := helpers(site):
        configuration += f"\n{yaml.safe_dump(added)}"
    (folder / "configuration.yaml").write_text(configuration)
    storage = folder / ".storage"
    storage.mkdir(exist_ok=True)
    _store(storage / "http", version=2, minor=2, data=_listen_on(port))
    if not (storage / "onboarding").exists():
        # The other steps would add integrations that look for the internet.
        done = ["analytics", "core_config", "integration"]
        _store(storage / "onboarding", version=4, minor=1, data={"done": done})
    link = folder / "custom_components" / "headroom"
    link.unlink(missing_ok=True)
    link.symlink_to(component, target_is_directory=True)


def _store(file: Path, *, version: int, minor: int, data: Json) -> None:
    content = {"version": version, "minor_version": minor, "key": file.name, "data": data}
    file.write_text(json.dumps(content))


def _listen_on(port: int) -> Json:
    """Return Home Assistant's stored settings of its page: one port, on loopback only."""
    settings = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    return {"stable": settings, "pending": None, "yaml_migration_done": True}


class Home:
    """A session with a Home Assistant."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self._token = ""

    @classmethod
    @asynccontextmanager
    async def connected(cls, address: str) -> AsyncGenerator[Self]:
        """Wait for Home Assistant to answer. Raises HomeError."""
        async with aiohttp.ClientSession() as session:
            home = cls(address, session)
            await home.wait_for_start()
            yield home

    async def wait_for_start(self) -> None:
        """Wait until the page is served. Raises HomeError."""
        try:
            async with asyncio.timeout(_STARTUP):
                while True:
                    try:
                        await self.get("/manifest.json")
                    except aiohttp.ClientError, HomeError:
                        await asyncio.sleep(_RETRY)
                    else:
                        return
        except TimeoutError as error:
            raise HomeError("Home Assistant did not start in time") from error

    async def log_in(self) -> bool:
        """Log in, after the onboarding of a new Home Assistant; return whether it was new."""
        is_new = await self._lacks_owner()
        code = await (self._create_owner() if is_new else self._trusted_code())
        await self._exchange(code)
        return is_new

    async def _lacks_owner(self) -> bool:
        try:
            steps = await self.get("/api/onboarding")
        except HomeError:  # Home Assistant stops answering this once there is an owner
            return False
        return any(step["step"] == "user" and not step["done"] for step in steps)

    @property
    def _client(self) -> str:
        return f"{self._address}/"

    async def _create_owner(self) -> str:
        """Create the owner; nobody needs the password, because loopback is trusted."""
        answer = await self.post(
            "/api/onboarding/users",
            {
                "client_id": self._client,
                "name": "Caretaker",
                "username": "caretaker",
                "password": secrets.token_urlsafe(),
                "language": "en",
            },
        )
        return str(answer["auth_code"])

    async def _trusted_code(self) -> str:
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": self._client,
                "handler": ["trusted_networks", None],
                "redirect_uri": self._client,
            },
        )
        if flow["type"] != "create_entry":
            raise HomeError("the trusted login needs a choice")
        return str(flow["result"])

    async def _exchange(self, code: str) -> None:
        async with self._session.post(
            f"{self._address}/auth/token",
            data={"grant_type": "authorization_code", "code": code, "client_id": self._client},
        ) as response:
            response.raise_for_status()
            self._token = (await response.json())["access_token"]

    async def get(self, path: str) -> Json:
        """Return what a GET answers. Raises HomeError."""
        return await self._request("GET", path, None)

    async def post(self, path: str, content: object) -> Json:
        """Return what a POST answers. Raises HomeError."""
        return await self._request("POST", path, content)

    async def _request(self, method: str, path: str, content: object) -> Json:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, self._address + path, json=content, headers=headers
        ) as response:
            text = await response.text()
            if not response.ok:
                raise HomeError(f"{method} {path} answered {response.status}: {text[:300]}")
            return json.loads(text) if text else None

    async def entities(self) -> dict[str, Json]:
        """Return the registered entities by the unique ids that their integrations gave them.

        Of several with the same id it is the one that people can change.
        """
        registry = await self.command("config/entity_registry/list")
        settable_last = sorted(registry, key=lambda entry: "sensor." not in entry["entity_id"])
        return {entry["unique_id"]: entry for entry in settable_last}

    async def command(self, kind: str, **content: object) -> Json:
        """Return the result of one websocket command. Raises HomeError."""
        async with self._session.ws_connect(f"{self._address}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._token})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **content})
            answer = await socket.receive_json()
            if not answer.get("success"):
                raise HomeError(f"{kind} failed: {answer.get('error')}")
            return answer["result"]
