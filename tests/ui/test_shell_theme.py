"""The tokens of the design, readable in both themes; switching without a restart."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFrame
from pytestqt.qtbot import QtBot

from salesdesk.services.cards import STAGE_COLOURS
from salesdesk.ui import style, theme
from salesdesk.ui.theme import Theme

THEMES = [theme.light(), theme.dark()]


def _luminance(colour: QColor) -> float:
    parts = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: QColor, b: QColor) -> float:
    """The WCAG contrast of two colours."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _pairs(t: Theme) -> list[tuple[str, QColor, QColor]]:
    grounds = {
        "background": t.background, "surface": t.surface, "raised": t.raised, "quiet": t.quiet,
        "hover": t.hover, "accent_soft": t.accent_soft,
    }  # fmt: skip
    texts = {
        "text": t.text, "muted": t.muted, "accent": t.accent, "good": t.good, "bad": t.bad,
        "warning": t.warning,
    }  # fmt: skip
    found = [(f"{a} on {b}", texts[a], grounds[b]) for a in texts for b in grounds]
    for level in ("full", "half", "over"):
        tint = t.level(level)
        assert tint is not None
        found += [
            (f"{level}", tint.text, tint.background),
            (f"muted on {level}", t.muted, tint.background),
            (f"text on {level}", t.text, tint.background),
        ]
    found += [(f"age {age}", *_tint(t, age)) for age in ("fresh", "warn", "stuck")]
    found += [(f"avatar {at}", t.avatar_text, each) for at, each in enumerate(t.avatars)]
    found += [
        ("accent button", t.accent_text, t.accent),
        ("accent button under the pointer", t.accent_text, t.accent_hover),
        ("toast", t.toast_text, t.toast),
        ("toast action", t.toast_action, t.toast),
        ("disabled primary", t.muted, t.track),
    ]
    return found


def _tint(t: Theme, age: str) -> tuple[QColor, QColor]:
    tint = t.age(age)
    return tint.text, tint.background


@pytest.mark.parametrize("t", THEMES, ids=lambda t: t.name)
def test_every_text_is_readable(t: Theme) -> None:
    poor = {name: round(contrast(a, b), 2) for name, a, b in _pairs(t) if contrast(a, b) < 4.5}
    assert poor == {}


@pytest.mark.parametrize("t", THEMES, ids=lambda t: t.name)
def test_shapes_are_seen(t: Theme) -> None:
    """Dots, stage lines and series stand out by 1.9:1 at least (they are never the only sign)."""
    shapes = [*t.dots.values(), *t.series, *t.stages.values(), t.amber]
    assert min(contrast(each, t.surface) for each in shapes) > 1.9
    assert len({each.name() for each in t.series}) == len(t.series)


@pytest.mark.parametrize("t", THEMES, ids=lambda t: t.name)
def test_every_stage_colour_is_known(t: Theme) -> None:
    assert set(t.stages) == set(STAGE_COLOURS)
    assert t.stage("no such colour") == t.stages["slate"]
    assert t.level("none") is None


def test_tokens_are_those_of_the_design() -> None:
    light, dark = THEMES
    assert [light.accent.name(), dark.accent.name()] == ["#1f5fdb", "#6c9dff"]
    assert [light.accent_text.name(), dark.accent_text.name()] == ["#ffffff", "#12151b"]
    assert [light.background.name(), dark.background.name()] == ["#f6f7f9", "#12151b"]


def test_the_sheet_is_understood(qtbot: QtBot) -> None:
    """Qt says nothing about it (a warning fails the test) and braces are closed."""
    sheet = style.sheet()
    assert sheet.count("{") == sheet.count("}")
    assert "None" not in sheet


@pytest.mark.parametrize("t", THEMES, ids=lambda t: t.name)
def test_the_sheet_means_the_colours_of_the_theme(
    qapp: QApplication, qtbot: QtBot, t: Theme
) -> None:
    """Each name that the sheet uses is a role that Qt knows and that holds the token."""
    own = {"toast_text", "toast_action", "handle"}
    names = {name: value for name, value in vars(style.Ink).items() if not name.startswith("_")}
    for name in own - {"handle"}:
        assert getattr(t, name) == QColor(names[name]), name
    frames: dict[str, QFrame] = {}
    for name in names.keys() - own:
        frames[name] = QFrame()
        frames[name].setObjectName(name)
        qtbot.addWidget(frames[name])
    qapp.setPalette(style.palette(t))
    qapp.setStyleSheet("\n".join(f"#{name} {{ background: {names[name]}; }}" for name in frames))
    for name, frame in frames.items():
        frame.resize(8, 8)
        drawn = frame.grab().toImage().pixelColor(4, 4)
        assert drawn == getattr(t, name), name
    qapp.setStyleSheet("")


def test_switching_repaints_and_tells(qapp: QApplication, qtbot: QtBot) -> None:
    theme.install(qapp, "light")
    assert theme.current().name == "light"
    with qtbot.waitSignal(theme.changed, timeout=5_000):
        theme.set_mode("dark")
    assert theme.current().is_dark
    assert qapp.palette().window().color() == theme.dark().background
    assert theme.mode() == "dark"
    with pytest.raises(ValueError, match="no such theme"):
        theme.set_mode("pink")  # type: ignore[arg-type]
    theme.set_mode("light")


def test_the_font_has_pixels_and_tabular_figures(qapp: QApplication) -> None:
    font = theme.font(theme.SMALL, bold=True, tabular=True)
    assert font.pixelSize() == 11
    assert [tag.toString() for tag in font.featureTags()] == [b"tnum"]
