"""The repository that holds the cluster, read and written by git alone: no forge, no token, no working tree.

``mirror.Mirror`` is the door; ``source.RepositorySource`` feeds the store from it. Every git that runs here is started
by ``runner.Git`` (the readers of GitPython by ``objects``), in a private bare clone that nobody else uses.
"""
