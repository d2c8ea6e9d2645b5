"""Security profiles 2 and 3: an encrypted port, and stations that show a certificate."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, override

import pytest
from aiohttp import ClientError, ClientSession, WSServerHandshakeError

from custom_components.headroom.chargers.ocpp.credentials import Credentials
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.tls import TlsError, TlsFiles, load_tls

from .charge_point import PATIENCE, ScriptedChargePoint, basic
from .conftest import PROFILE, Clock
from .pki import DAY, Authority, Made, lock

type Dial = Callable[..., Awaitable[ScriptedChargePoint]]
type FailToDial = Callable[..., Awaitable[None]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Made:
    return authority.issue("server")


@pytest.fixture
def files(server: Made) -> TlsFiles:
    """Return the files of an encrypted port that asks for no certificates."""
    return TlsFiles(server.certificate, server.key)


@pytest.fixture
def strict(server: Made, authority: Authority) -> TlsFiles:
    """Return the files of an encrypted port that asks for certificates."""
    return TlsFiles(server.certificate, server.key, authority.certificate)


@pytest.fixture
async def central(clock: Clock, socket_enabled: None) -> AsyncIterator[CentralSystem]:
    """Return a central system that does not listen yet."""
    central = CentralSystem(now=clock, random=lambda: 0.0)
    yield central
    await central.stop()


@pytest.fixture
async def dial(
    central: CentralSystem, authority: Authority, session: ClientSession
) -> AsyncIterator[Dial]:
    charge_points: list[ScriptedChargePoint] = []

    async def dial(
        path: str = "CP1",
        shown: Made | None = None,
        trust: ssl.SSLContext | None = None,
        **headers: str,
    ) -> ScriptedChargePoint:
        context = trust or trusting(authority)
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        socket = await session.ws_connect(
            f"https://127.0.0.1:{central.port}/{path}",
            protocols=("ocpp1.6",),
            autoping=False,
            ssl=context,
            headers=headers,
        )
        charge_points.append(ScriptedChargePoint(socket))
        await charge_points[-1].call("Heartbeat")
        return charge_points[-1]

    yield dial
    for charge_point in charge_points:
        await charge_point.close()


@pytest.fixture
async def fail_to_dial(
    central: CentralSystem, strict: TlsFiles, dial: Dial, caplog: pytest.LogCaptureFixture
) -> FailToDial:
    """Return a way to be refused, for a reason that is logged, where certificates are asked for."""
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(strict))

    async def fail_to_dial(reason: str, **shown: Any) -> None:
        with pytest.raises((ClientError, ssl.SSLError, ConnectionError)):
            await dial(**shown)
        await until_said(caplog, reason)
        assert not station.online

    return fail_to_dial


def trusting(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.certificate)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class Alarm(logging.Handler):
    """Rings when anything is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = asyncio.Event()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.rung.set()


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.message for r in caplog.records if r.name.startswith("custom_components")]


async def until_said(caplog: pytest.LogCaptureFixture, text: str) -> None:
    alarm = Alarm()
    logging.getLogger("custom_components.headroom").addHandler(alarm)
    try:
        async with asyncio.timeout(PATIENCE):
            while text not in caplog.text:
                await alarm.rung.wait()
                alarm.rung.clear()
    finally:
        logging.getLogger("custom_components.headroom").removeHandler(alarm)


async def test_a_station_is_served_over_tls(
    central: CentralSystem, files: TlsFiles, dial: Dial
) -> None:
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(files))
    await dial()
    assert station.online


async def test_a_password_is_asked_for_over_tls_too(
    central: CentralSystem, files: TlsFiles, dial: Dial
) -> None:
    station = central.register("CP1", {1: PROFILE}, credentials=Credentials(password="Sesame-open"))
    await central.start("127.0.0.1", 0, load_tls(files))
    with pytest.raises(WSServerHandshakeError) as refused:
        await dial()
    assert refused.value.status == 401
    await dial(Authorization=basic("CP1", "Sesame-open"))
    assert station.online


async def test_nothing_is_served_in_the_clear_on_an_encrypted_port(
    central: CentralSystem,
    files: TlsFiles,
    session: ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(files))
    for _ in range(2):
        with pytest.raises(ClientError):
            await session.ws_connect(f"http://127.0.0.1:{central.port}/CP1")
    await until_said(caplog, "refused at the encrypted port: http request")
    assert len(complaints(caplog)) == 1
    assert not station.online


@pytest.mark.parametrize(
    ("rsa_bits", "cipher"),
    [
        (2048, "AES128-GCM-SHA256"),
        (2048, "AES256-GCM-SHA384"),
        (2048, "ECDHE-RSA-AES128-GCM-SHA256"),
        (0, "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (0, "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ],
)
async def test_the_ciphers_of_the_standard_are_spoken(
    central: CentralSystem, authority: Authority, dial: Dial, rsa_bits: int, cipher: str
) -> None:
    made = authority.issue("server", rsa_bits=rsa_bits)
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(TlsFiles(made.certificate, made.key)))
    trust = trusting(authority)
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    trust.set_ciphers(cipher)
    await dial(trust=trust)
    assert station.online


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
async def test_tls_1_1_is_refused(
    central: CentralSystem,
    files: TlsFiles,
    authority: Authority,
    dial: Dial,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await central.start("127.0.0.1", 0, load_tls(files))
    trust = trusting(authority)
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ClientError):
        await dial(trust=trust)
    await until_said(caplog, "unsupported protocol")


async def test_a_renewed_certificate_is_shown_from_the_next_connection_on(
    central: CentralSystem, authority: Authority, files: TlsFiles, dial: Dial
) -> None:
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(files))
    first = await dial()
    assert shown_name(first) == "server"

    renewed = authority.issue("renewed")
    central.renew(load_tls(TlsFiles(renewed.certificate, renewed.key)))
    await first.call("Heartbeat")
    assert shown_name(await dial()) == "renewed"
    assert station.online


def shown_name(charge_point: ScriptedChargePoint) -> str:
    certificate = charge_point.socket.get_extra_info("peercert")
    return str(certificate["subject"][0][0][1])


async def test_a_station_shows_its_certificate(
    central: CentralSystem, authority: Authority, strict: TlsFiles, dial: Dial
) -> None:
    first = central.register("CP1", {1: PROFILE})
    second = central.register("CP2", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(strict))
    await dial(shown=authority.issue("CP1"))
    await dial("CP2", shown=authority.issue("ACME", serial="CP2"))
    assert (first.online, second.online) == (True, True)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_without_a_certificate_the_handshake_ends(
    authority: Authority, fail_to_dial: FailToDial, version: ssl.TLSVersion
) -> None:
    trust = trusting(authority)
    trust.maximum_version = version
    await fail_to_dial("peer did not return a certificate", trust=trust)


async def test_a_certificate_of_another_authority_ends_the_handshake(
    tmp_path: Path, fail_to_dial: FailToDial
) -> None:
    stranger = Authority.create(tmp_path, "Stranger").issue("CP1", file="strange")
    await fail_to_dial("unable to get local issuer certificate", shown=stranger)


async def test_an_expired_certificate_ends_the_handshake(
    authority: Authority, fail_to_dial: FailToDial
) -> None:
    expired = authority.issue("CP1", expires=datetime.now(UTC) - DAY)
    await fail_to_dial("certificate has expired", shown=expired)


async def test_a_certificate_of_another_station_is_refused_unless_that_is_allowed(
    central: CentralSystem,
    authority: Authority,
    strict: TlsFiles,
    dial: Dial,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    station = central.register("CP1", {1: PROFILE})
    await central.start("127.0.0.1", 0, load_tls(strict))
    other = authority.issue("CP2", serial="SN-1")
    for _ in range(2):
        with pytest.raises(WSServerHandshakeError) as refused:
            await dial(shown=other)
        assert refused.value.status == 403
    said = "Station CP1 at 127.0.0.1 shows a certificate of ['CP2', 'SN-1']"
    assert caplog.text.count(said) == 1
    assert not station.online

    await dial(shown=authority.issue("CP1"))
    assert "Station CP1 at 127.0.0.1 is let in again" in caplog.text
    central.require("CP1", Credentials(any_certificate=True))
    await dial(shown=other)


def test_a_faulty_file_is_named(tmp_path: Path, authority: Authority, files: TlsFiles) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense")
    other, locked = authority.issue("other"), authority.issue("locked")
    lock(locked)
    absent = tmp_path / "absent"
    faulty = {
        TlsFiles(absent, files.key): ("tls_file_missing", absent),
        TlsFiles(files.certificate, absent): ("tls_file_missing", absent),
        TlsFiles(files.certificate, files.key, absent): ("tls_file_missing", absent),
        TlsFiles(tmp_path, files.key): ("tls_file_missing", tmp_path),
        TlsFiles(nonsense, files.key): ("tls_certificate_unusable", nonsense),
        TlsFiles(files.certificate, files.key, nonsense): ("tls_certificate_unusable", nonsense),
        TlsFiles(files.certificate, nonsense): ("tls_key_unusable", nonsense),
        TlsFiles(locked.certificate, locked.key): ("tls_key_unusable", locked.key),
        TlsFiles(files.certificate, other.key): ("tls_key_mismatch", other.key),
    }
    for case, (key, path) in faulty.items():
        with pytest.raises(TlsError) as fault:
            load_tls(case)
        assert (fault.value.key, fault.value.path) == (key, path)


def test_a_weak_certificate_is_unusable(authority: Authority) -> None:
    weak = authority.issue("weak", rsa_bits=1024)
    with pytest.raises(TlsError, match="tls_certificate_unusable"):
        load_tls(TlsFiles(weak.certificate, weak.key))


def test_its_end_is_known(authority: Authority) -> None:
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    made = authority.issue("server", expires=expires)
    assert load_tls(TlsFiles(made.certificate, made.key)).expires == expires
