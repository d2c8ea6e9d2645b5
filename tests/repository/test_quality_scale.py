"""The self-assessment against Home Assistant's quality scale."""

from typing import Any

import pytest
import yaml

from .files import PACKAGE

TIERS = {
    "Bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions docs-removal-instructions
        docs-triggers entity-event-setup entity-unique-id has-entity-name runtime-data
        test-before-configure test-before-setup unique-config-entry
    """,
    "Silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
        parallel-updates reauthentication-flow test-coverage
    """,
    "Gold": """
        devices diagnostics discovery discovery-update-info docs-data-update docs-examples
        docs-known-limitations docs-supported-devices docs-supported-functions docs-troubleshooting
        docs-use-cases dynamic-devices entity-category entity-device-class
        entity-disabled-by-default entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "Platinum": "async-dependency inject-websession strict-typing",
}
TEXT = (PACKAGE / "quality_scale.yaml").read_text("utf-8")
RULES: dict[str, Any] = yaml.safe_load(TEXT)["rules"]


def test_every_rule_is_answered_in_the_order_of_the_tiers() -> None:
    assert list(RULES) == [rule for rules in TIERS.values() for rule in rules.split()]


@pytest.mark.parametrize("tier", TIERS)
def test_a_heading_stands_before_the_first_rule_of_a_tier(tier: str) -> None:
    first = TIERS[tier].split()[0]
    assert f"  # {tier}\n  {first}:" in TEXT


@pytest.mark.parametrize("rule", RULES)
def test_a_status_is_one_that_hassfest_knows(rule: str) -> None:
    answer = RULES[rule]
    if isinstance(answer, str):
        assert answer in {"done", "todo"}
    else:
        assert answer.keys() == {"status", "comment"}
        assert answer["status"] in {"done", "todo", "exempt"}
        assert answer["comment"].strip()
