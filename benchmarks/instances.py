"""Sites made by chance, on which the allocator is measured."""

from dataclasses import dataclass
from random import Random

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.sharing.admission import Claim
from custom_components.headroom.engine.sharing.plan import Plan
from custom_components.headroom.engine.site.model import Charger, Connector, Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring

_AMPLE = PerPhase.same(100_000)
_CAPS = (100, 130, 160, 160, 200, 320, 320)
_THREE_PHASE = (Wiring.TRI123, Wiring.TRI231, Wiring.TRI312)
_ONE_PHASE = (Wiring.MONO1, Wiring.MONO2, Wiring.MONO3)


@dataclass(frozen=True, slots=True)
class Instance:
    """What there is to share, and who asks for it."""

    site: Site
    plan: Plan
    headroom: list[int]
    claims: list[Claim]


def random_tree(size: int, seed: int) -> Instance:
    """Return a contested tree of one to three levels below the root, on a grid of 1 A."""
    random = Random(f"tree {size} {seed}")
    zones = [Zone(id="0", limit=_AMPLE)]
    for _ in range(random.randint(1, 3)):
        parents = [zone.id for zone in zones]
        for _ in range(random.randint(1, max(1, size // 6))):
            parent = random.choice(parents)
            zones.append(Zone(id=str(len(zones)), parent=parent, limit=_AMPLE))
    wirings = [random.choice(random.choice((_THREE_PHASE, _ONE_PHASE))) for _ in range(size)]
    return _instance(random, zones, wirings, steps=(10,), scarcity=(0.25, 1.1))


def car_park(size: int, seed: int, *, steps: tuple[int, ...] = (1, 10)) -> Instance:
    """Return 20 zones on three levels: a main board, four feeders and 15 boards."""
    random = Random(f"park {size} {seed}")
    zones = [Zone(id="main", limit=_AMPLE)]
    zones += [Zone(id=f"feeder{n}", parent="main", limit=_AMPLE) for n in range(4)]
    zones += [Zone(id=f"board{n}", parent=f"feeder{n % 4}", limit=_AMPLE) for n in range(15)]
    wirings = [random.choice(random.choice((_THREE_PHASE, _ONE_PHASE))) for _ in range(size)]
    return _instance(random, zones, wirings, steps=steps, scarcity=(0.4, 1.1))


def _instance(
    random: Random,
    zones: list[Zone],
    wirings: list[Wiring],
    *,
    steps: tuple[int, ...],
    scarcity: tuple[float, float],
) -> Instance:
    leaves = sorted({zone.id for zone in zones} - {zone.parent for zone in zones if zone.parent})
    connectors = [
        Connector(id=f"c{number}", wiring=wiring, fallback=0.0)
        for number, wiring in enumerate(wirings)
    ]
    site = Site(
        zones=tuple(zones),
        chargers=tuple(
            Charger(id=connector.id, zone=random.choice(leaves), connectors=(connector,))
            for connector in connectors
        ),
    )
    claims = [_claim(random, connector, random.choice(steps)) for connector in connectors]
    plan = Plan.of(site)
    wanted = [0] * len(plan.links)
    for claim in claims:
        for link in plan.links_of(claim.connector, claim.phases):
            wanted[link] += claim.cap
    part = {(zone.id, phase): random.uniform(*scarcity) for zone in zones for phase in PHASES}
    headroom = [
        int(total * part[link.zone, link.phase])
        for total, link in zip(wanted, plan.links, strict=True)
    ]
    return Instance(site, plan, headroom, claims)


def _claim(random: Random, connector: Connector, step: int) -> Claim:
    floor = random.choice((60, 60, 60, 80, 130 if len(connector.wiring.phases) == 3 else 60))
    demand = random.choice(_CAPS) if random.random() < 0.7 else random.randint(60, 320)
    return Claim(
        connector=connector.id,
        phases=connector.wiring.phases,
        floor=floor,
        cap=max(floor, demand),
        step=step,
        priority=0 if random.random() < 0.1 else 1,
        rank=(random.random(),),
        arrival=(random.random(),),
    )
