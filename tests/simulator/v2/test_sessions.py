"""Sessions of stations that speak OCPP 2.x."""

from simulator.plant.park import CarPark
from simulator.station.protocol import Protocol
from simulator.station.station import Station
from simulator.station.times import timestamp

from ..conftest import StationMaker
from ..csms import CentralSystem
from .messages import QUICK, TX, charge, profile, write


async def test_first_connection_boots_and_tells_every_status(
    station: Station, csms: CentralSystem
) -> None:
    (boot,) = csms.payloads("BootNotification")
    assert boot["reason"] == "PowerUp"
    assert boot["chargingStation"]["firmwareVersion"] == "1.0.0"
    statuses = csms.payloads("StatusNotification")
    assert [(s["evseId"], s["connectorId"], s["connectorStatus"]) for s in statuses] == [
        (1, 1, "Available"),
        (2, 1, "Available"),
    ]


async def test_a_session_from_arrival_to_departure(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    park.leave("one")
    await station.report()
    assert csms.payloads("Authorize") == [{"idToken": {"idToken": "CAFE01", "type": "ISO14443"}}]
    events = csms.events()
    assert [(e["eventType"], e["triggerReason"]) for e in events] == [
        ("Started", "Authorized"),
        ("Updated", "MeterValuePeriodic"),
        ("Updated", "ChargingStateChanged"),
        ("Updated", "MeterValuePeriodic"),
        ("Ended", "EVDeparted"),
    ]
    assert [e["seqNo"] for e in events] == [0, 1, 2, 3, 4]
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1
    assert events[0]["evse"] == {"id": 1, "connectorId": 1}
    assert events[0]["idToken"]["idToken"] == "CAFE01"
    assert events[2]["transactionInfo"]["chargingState"] == "Charging"
    assert events[2]["numberOfPhasesUsed"] == 3
    assert events[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    statuses = [s["connectorStatus"] for s in csms.payloads("StatusNotification")]
    assert statuses[2:] == ["Occupied", "Available"]


async def test_samples_have_numbers_and_units(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    park.advance(10)
    await station.report()
    (value,) = csms.events()[-1]["meterValue"]
    samples = {(s["measurand"], s.get("phase")): s for s in value["sampledValue"]}
    assert samples["Current.Import", "L1"]["value"] == 16
    assert samples["Current.Import", "L1"]["unitOfMeasure"] == {"unit": "A"}
    assert samples["Power.Active.Import", None]["value"] == 11_040
    assert samples["Current.Offered", None]["value"] == 32
    assert samples["Voltage", "L1-N"]["context"] == "Sample.Periodic"


async def test_meter_values_by_the_clock_are_for_idle_evses(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await station.report()
    assert await write(csms, "AlignedDataCtrlr", "Interval", "60") == "Accepted"
    await station.report()
    for _ in range(3):
        park.advance(40)
        await station.report()
    messages = csms.payloads("MeterValues")
    assert [m["evseId"] for m in messages] == [1, 2, 1, 2]
    context = messages[0]["meterValue"][0]["sampledValue"][0]["context"]
    assert context == "Sample.Clock"


async def test_events_of_offline_times_come_late_and_say_so(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    told = len(csms.events())
    await station.disconnect()
    left_at = timestamp(park.now)
    park.leave("one")
    await station.report()
    park.advance(3600)
    await station.reconnect()
    late = csms.events()[told:]
    assert [(e["eventType"], e["offline"], e["timestamp"]) for e in late] == [
        ("Ended", True, left_at)
    ]
    assert [e["seqNo"] for e in csms.events()] == list(range(told + 1))
    assert len(csms.payloads("BootNotification")) == 1
    await charge(station, park)
    assert not csms.events("Started")[-1].get("offline")


async def test_samples_of_offline_times_are_kept(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    told = len(csms.events())
    await station.disconnect()
    for _ in range(3):
        park.advance(10)
        await station.report()
    await station.reconnect()
    late = csms.events()[told:]
    assert [e["triggerReason"] for e in late if e.get("offline")] == ["MeterValuePeriodic"] * 3
    assert len({e["timestamp"] for e in late}) == 3


async def test_an_event_is_repeated_after_an_error(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["TransactionEvent"] = None
    park.arrive("one", QUICK)
    await station.report()
    csms.answers["TransactionEvent"] = {}
    await station.report()
    assert [e["seqNo"] for e in csms.events()][:3] == [0, 0, 1]


async def test_a_badge_that_is_refused_does_not_start(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Invalid"}}
    await charge(station, park)
    assert csms.events() == []
    assert len(csms.payloads("Authorize")) == 1


async def test_a_start_that_is_not_welcome_ends(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["TransactionEvent"] = {"idTokenInfo": {"status": "Blocked"}}
    await charge(station, park)
    (end,) = csms.events("Ended")
    assert end["triggerReason"] == "Deauthorized"
    assert end["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    assert park.outlets["one"].offered == 0


async def test_remote_start_and_stop(
    protocol: Protocol, new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(protocol)
    station = new_station(badges={}, protocol=protocol)
    await station.connect(url)
    park.arrive("two", QUICK)
    token = {"idToken": "BEEF", "type": "Central"}
    relative = {"chargingProfileKind": "Relative", "schedule_startSchedule": None}
    answer = await csms.ask(
        "RequestStartTransaction",
        idToken=token,
        remoteStartId=42,
        chargingProfile=profile(park, 10, **TX, **relative),
    )
    assert answer["status"] == "Accepted"
    await station.report()
    (start,) = csms.events("Started")
    assert (start["evse"]["id"], start["triggerReason"]) == (2, "RemoteStart")
    assert start["transactionInfo"]["remoteStartId"] == 42
    assert csms.payloads("Authorize") == []
    park.advance(10)
    assert park.outlets["two"].offered == 10
    wrong = profile(park, 10, **TX)
    wrong["chargingSchedule"] *= 2
    answer = await csms.ask(
        "RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1, chargingProfile=wrong
    )
    assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"
    identity = start["transactionInfo"]["transactionId"]
    assert await transaction_status(csms, identity) == (False, True)
    stop = await csms.ask("RequestStopTransaction", transactionId="nobody's")
    assert stop["status"] == "Rejected"
    stop = await csms.ask("RequestStopTransaction", transactionId=identity)
    assert stop["status"] == "Accepted"
    await station.report()
    assert csms.events("Ended")[0]["transactionInfo"]["stoppedReason"] == "Remote"
    assert await transaction_status(csms, identity) == (False, False)


async def test_a_remote_start_that_the_car_answers_offline(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await csms.ask(
        "RequestStartTransaction",
        idToken={"idToken": "BEEF", "type": "Central"},
        remoteStartId=1,
        evseId=2,
    )
    station.cabinet.preferences.starts_unknown_offline = False
    await station.disconnect()
    park.arrive("two", QUICK)
    await station.report()
    await station.reconnect()
    (start,) = csms.events("Started")
    assert (start["idToken"]["idToken"], start["offline"]) == ("BEEF", True)


async def transaction_status(csms: CentralSystem, transaction: str) -> tuple[bool, bool | None]:
    answer = await csms.ask("GetTransactionStatus", transactionId=transaction)
    return answer["messagesInQueue"], answer["ongoingIndicator"]


async def test_whether_messages_wait(station: Station, csms: CentralSystem, park: CarPark) -> None:
    assert await csms.ask("GetTransactionStatus") == {"messagesInQueue": False}
    csms.answers["TransactionEvent"] = None
    await charge(station, park)
    assert await csms.ask("GetTransactionStatus") == {"messagesInQueue": True}
