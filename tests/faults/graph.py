"""A soak's readings as an SVG: one small line chart for each thing that was read."""

WIDTH, HEIGHT, LEFT = 480, 90, 120
UNITS = {"resident": "MB", "databases": "MB", "logs": "MB", "slow answer": "ms"}


def draw(rows):
    """The text of the picture; every chart begins at zero."""
    names = [name for name in rows[0] if name != "seconds"]
    ends = rows[-1]["seconds"]
    parts = []
    for place, name in enumerate(names):
        most = max(row[name] for row in rows) or 1
        top = place * HEIGHT + 20
        points = " ".join(
            f"{LEFT + row['seconds'] / ends * (WIDTH - LEFT):.1f},{top + 50 - row[name] / most * 50:.1f}"
            for row in rows
        )
        label = f"{name} {UNITS.get(name, '')}".strip()
        parts.append(f'<text x="4" y="{top + 10}">{label}</text><text x="4" y="{top + 26}">to {most:.0f}</text>')
        parts.append(f'<polyline points="{points}" fill="none" stroke="#3465a4" stroke-width="1.5"/>')
    parts.append(f'<text x="{LEFT}" y="{len(names) * HEIGHT + 14}">0 to {ends:.0f} s</text>')
    size = f'width="{WIDTH + 10}" height="{len(names) * HEIGHT + 24}"'
    style = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n' + "\n".join(parts) + "\n</svg>\n"
