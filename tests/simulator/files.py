"""A small HTTP server that files come from and go to."""

from typing import Final

from aiohttp import web
from aiohttp.test_utils import TestServer

FIRMWARE: Final = b"firmware"


class FileServer:
    """Keeps what is brought; `refused` methods are answered with 405."""

    def __init__(self) -> None:
        self.brought: dict[str, str] = {}
        self.refused: set[str] = set()
        self.missing = False
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = TestServer(app)

    async def start(self) -> str:
        await self._server.start_server()
        return str(self._server.make_url("/")).rstrip("/")

    async def stop(self) -> None:
        await self._server.close()

    async def _serve(self, request: web.Request) -> web.Response:
        if self.missing:
            raise web.HTTPNotFound
        if request.method in self.refused:
            raise web.HTTPMethodNotAllowed(request.method, ())
        if request.method == "GET":
            return web.Response(body=FIRMWARE)
        self.brought[f"{request.method} {request.path}"] = await request.text()
        return web.Response()
