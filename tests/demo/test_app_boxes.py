"""The configuration that makes entities of boxes that only an app limits."""

from demo.app_boxes import helpers

APP = {"id": "YARD-4", "kind": "app", "max": 16}


def test_a_box_is_read_and_limited_over_the_simulators_control() -> None:
    made = helpers({"control_port": 8780, "boxes": [APP, {"id": "V", "kind": "vestel"}]})
    assert made["rest_command"]["simulator_box"]["url"] == "http://127.0.0.1:8780/box"
    (template,) = made["template"]
    assert [sensor["unique_id"] for sensor in template["sensor"]] == [
        "YARD-4_status",
        "YARD-4_current_l1",
        "YARD-4_current_l2",
        "YARD-4_current_l3",
    ]
    (limit,) = template["number"]
    assert (limit["unique_id"], limit["min"], limit["max"]) == ("YARD-4_limit", 0, 16)
    assert limit["state"] == "{{ simulator.content.boxes['YARD-4'].setpoint }}"


def test_without_such_a_box_nothing_is_added() -> None:
    assert not helpers({"control_port": 8780})
    assert not helpers({"control_port": 8780, "boxes": [{"id": "V", "kind": "vestel"}]})
