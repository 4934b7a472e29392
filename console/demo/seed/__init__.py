"""How the embedded cluster came to be: its past is lived through at once, by the same controllers that run it later."""

from datetime import timedelta

from console.demo.controllers.crew import Crew
from console.demo.controllers.site import SeedTime, Site
from console.demo.seed import platform, scale
from console.demo.seed.past import Past
from console.demo.seed.scenarios import SCENARIOS

__all__ = ["SCENARIOS", "seed"]

AGE = timedelta(days=41)
PACKED = timedelta(seconds=48)  # from a commit to its artifact


def seed(site: Site, crew: Crew) -> None:
    """Fill the store: the platform, what the repository says, what the scenario lets go wrong.

    Twice through the repository: as it was ``AGE`` ago, and as it is. The same in every run of a frozen clock.
    Raises KeyError for a scenario that is not known.
    """
    now = site.clock.now()
    site.time = time = SeedTime(now - AGE)
    scenario = SCENARIOS[site.topology.scenario]
    past = Past(site, crew, time, scenario.ages)
    platform.lay(site, crew)
    site.published = site.repository.at(time.moment)
    past.live(now - AGE)
    site.published = site.repository.head()
    scenario.begin(site)
    landed = site.repository.committed(site.published) + PACKED
    past.live(min(landed, now - PACKED), until=now)
    time.moment = now - PACKED
    platform.complete(site, crew)
    time.moment = now
    scenario.end(site, crew, time)
    time.moment = now
    scale.fill(site)
    site.forget_events()
    site.time = site.clock
