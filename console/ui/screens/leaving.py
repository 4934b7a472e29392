"""How a screen is left: once, and only itself."""

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class Leaving(Screen[ScreenResultType]):
    """Textual's own takes away whatever screen is in front, also for a second key that was on its way."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """See Screen. Nothing happens where another screen is in front by now."""
        if self.is_attached and self.app.screen is self:
            return super().dismiss(result)
        return AwaitComplete()

    def on_unmount(self) -> None:
        """Gone for good. Textual (8.2.8) keeps the rendered lines of the last 1,024 widgets that ever were, by a cache
        whose key is what holds them (StylesCache.get_inner_outer): some ten thousand lines. To refresh drops them.
        """
        self.refresh()
