"""Who commits to the repository."""

from console.demo.repository.stream import Person

OPERATOR = Person("Home Operator", "operator@home.example")
BOT = Person("home-bot[bot]", "198765432+home-bot[bot]@users.noreply.github.com")
# Commits that are made on the forge carry its name as the committer.
FORGE = Person("GitHub", "noreply@github.com")
