"""What every charger has: commands that it does not know are refused."""

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest

from custom_components.headroom.chargers.base import ChargerLink, ChargerUnable
from custom_components.headroom.chargers.maintenance import (
    FirmwareFile,
    FirmwareStage,
    LogRequest,
    Notice,
    NoticeKind,
    Upkeep,
    notices_after,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)


async def test_a_charger_that_knows_no_upkeep_says_so() -> None:
    plain = Mock(spec=ChargerLink)
    for command in (
        ChargerLink.unlock(plain, 1),
        ChargerLink.set_available(plain, None, available=True),
        ChargerLink.force_stop(plain, 1),
        ChargerLink.continue_after_power_loss(plain, continues=True),
        ChargerLink.update_firmware(plain, FirmwareFile(url="http://x/y")),
        ChargerLink.resume_firmware(plain, FirmwareStage.WAITING),
        ChargerLink.upload_log(plain, "http://x/y", LogRequest()),
        ChargerLink.send_badges(plain, []),
        ChargerLink.reserve(plain, 1, "A", NOW),
        ChargerLink.cancel_reservation(plain, 1),
    ):
        with pytest.raises(ChargerUnable):
            await command


def test_news_begins_after_what_is_known() -> None:
    first, second = (Notice(at=NOW, kind=NoticeKind.BOOT, detail="1.0") for _ in range(2))
    notices = Upkeep(notices=(first, second)).notices
    assert notices_after(notices, None) == (first, second)
    assert notices_after(notices, first) == (second,)
    assert notices_after(notices, second) == ()
    gone = Notice(at=NOW, kind=NoticeKind.LOG, detail="Uploaded")
    assert notices_after(notices, gone) == (first, second)
