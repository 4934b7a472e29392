"""Texts as somebody would write them into a field that a console shows. Each has ``evil`` in it, to be looked for."""

ESCAPES = (
    "evil\x1b[66;5mred\x1b[2J\x1b[1;1H",  # CSI: colour, clear, move
    "evil\x1b[6n\x1b[c\x1b[>q\x1b[21t",  # CSI that a terminal answers to, as if it were typed
    "evil\x1b]0;owned\x07\x1b]2;owned\x1b\\",  # OSC: the title
    "evil\x1b]52;c;ZXZpbCBwYXN0ZQ==\x07",  # OSC 52: the clipboard
    "evil\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\",  # OSC 8: a link that is not what it says
    "evil\x1b]9;owned\x07\x1b]777;notify;owned;x\x1b\\\x1b]1337;SetMark\x07",  # notifications, iTerm2's own
    "evil\x1bPq#0;2;0;0;0~~\x1b\\\x1b_Gf=32;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",  # DCS (sixel), APC, PM, SOS
    "evil\x1bc\x1b(0\x0elqk\x0f\x1b#8\x1b7\x1b8",  # reset, other character sets, screen alignment
    "evil\x9b2J\x9d0;owned\x9c\x90q\x9c\x84\x85\x8d",  # 8-bit C1
    "evil\x07\x08\x08\x08\x08\x7f\x0b\x0c\x00\x05",  # bell, backspaces, delete, NUL, ENQ
    "evil\rgood\nsecond line\r\nthird",
)
MARKUP = (
    "evil [bold red]x[/] [@click=app.quit]y[/] [link=http://evil.example]z[/link]",
    "evil [/",
    "evil \\[b] $x {y}",
)
UNICODE = (
    "evil \u202egnp.exe\u202c \u2066isolate\u2069 \u2067x\u2069 \u061c\u200f\u200e",  # bidirectional
    "evil\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\u115f\U000e0041\U000e007f",  # nothing to see
    "evil" + "Z\u0310\u0323\u20dd" * 3 + "a" + "\u0301" * 500,  # floods of marks
    "evil ✔\ufe0f ☠\ufe0e a\U000e0100",  # variation selectors
    "evil 👩\u200d👩\u200d👧 東京 ｆｕｌｌ \u2028 \u2029 \x85",  # wide, joined; separators of lines
    "evil \udc9b\udcff\udc80 \ud800",  # what surrogateescape makes of bytes that are no UTF-8
    "evil \ue000\uf8ff\uffff\U0010ffff",  # private, no characters
)
LONG = ("evil" + "x" * 1_000_000, "evil" + "\x1b[5;66m" * 100_000)

EVERYTHING = " ".join((*ESCAPES, *MARKUP, *UNICODE))
# For places that take no control character, and those that hold UTF-8.
NO_CONTROLS = "evil\u202egnp\u200b\u0301\u0301\u0301\u0301\u0301東\ufe0f[bold]x[/]"
IN_UTF8 = EVERYTHING.encode("utf-8", "replace").decode()
