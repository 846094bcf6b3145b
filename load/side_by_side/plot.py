"""Plots as SVG text: lines over a number of something, connections for example.

Names with points come in, an SVG leaves that a browser shows in a light and in a dark page. Invariant: what goes up begins
at 0, so that a line twice as high is twice as much.
"""

import math

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e"]


def steps(top):
    """About five round numbers up to this."""
    step = 10 ** (len(str(int(max(top, 1)))) - 1)
    while top / step < 4:
        step /= 2
    count = int(top / step) + 1
    return [step * times for times in range(count + 1)]


def powers_of_ten(numbers):
    """All that are needed."""
    first, last = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
    return [10**power for power in range(first, max(last, first + 1) + 1)]


def number(value):
    """As it stands at an axis."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def plot(title, across, up, lines, powers=False):
    """An SVG; `lines` is names with lists of (x, y); with `powers` each power of ten is as wide as the next."""
    every = [x for _, points in lines for x, _ in points]
    xs = powers_of_ten(every) if powers else steps(max(every))
    ys = steps(max(y for _, points in lines for _, y in points))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x, y):
        part = math.log(x / xs[0], xs[-1] / xs[0]) if powers else x / xs[-1]
        return LEFT + wide * part, TOP + high * (1 - y / ys[-1])

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{title}</text>',
        f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 12}" text-anchor="middle">{across}</text>',
    ]
    for y in ys:
        _, down = at(xs[0], y)
        out.append(f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{down:.1f}" y2="{down:.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{down + 4:.1f}" text-anchor="end">{number(y)}</text>')
    for x in xs:
        right, _ = at(x, 0)
        out.append(f'<text x="{right:.1f}" y="{TOP + high + 18}" text-anchor="middle">{number(x)}</text>')
    out.append(f'<text x="{LEFT - 8}" y="{TOP - 10}" text-anchor="end">{up}</text>')
    for place, (name, points) in enumerate(lines):
        colour = COLOURS[place % len(COLOURS)]
        placed = [at(x, y) for x, y in sorted(points)]
        path = " ".join(f"{right:.1f},{down:.1f}" for right, down in placed)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{right:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>' for right, down in placed]
        row = TOP + 10 + 20 * place
        out.append(f'<rect x="{WIDTH - RIGHT + 20}" y="{row - 9}" width="12" height="12" fill="{colour}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 38}" y="{row + 1}">{name}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"
