#!/usr/bin/env python3
"""How the cost grows: time per image by batch and by size, time per window by number of windows.

usage: bench/scaling.py [SVG]
Runs `ilgpuspp bench` (built before with: dotnet build -c Release src/Cli), prints the tables of docs/performance.md and
draws them as SVG, each curve relative to its first point per unit of work: a flat line is linear growth.
"""
import json, os, subprocess, sys

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
tool = ["dotnet", os.path.join(here, "src/Cli/bin/Release/net10.0/ilgpuspp.dll"), "bench"]


def time(*arguments):
    lines = subprocess.run(tool + [str(a) for a in arguments] + ["--device", "cpu"], capture_output=True, text=True, check=True).stdout.splitlines()
    return json.loads(lines[-1])["min_ms"]


series = []
print("| images a pass | ms | ms an image |\n|---|---|---|")
points = []
for batch in (1, 4, 16, 64):
    ms = time("forward", "--batch", batch, "--reps", 5)
    points.append((batch, ms / batch))
    print(f"| {batch} | {ms:.1f} | {ms / batch:.2f} |")
series.append(("images a pass (ZF-5, 224 px): ms an image", points))

print("\n| side in pixels | ms an image | ns a pixel |\n|---|---|---|")
points = []
for side in (128, 192, 288, 432, 648, 864, 1200):
    ms = time("forward", "--batch", 1, "--size", side, "--reps", 5)
    points.append((side * side / 1e6, 1e6 * ms / side ** 2))
    print(f"| {side} | {ms:.1f} | {1e6 * ms / side ** 2:.0f} |")
series.append(("megapixels (ZF-5, one image): ns a pixel", points))

print("\n| windows | ms | microseconds a further window |\n|---|---|---|")
points, first = [], None
for windows in (500, 1000, 2000, 4000, 8000):
    ms = time("detect", "--windows", windows, "--reps", 5)
    if first is None:
        first = (windows, ms)
        print(f"| {windows} | {ms:.1f} | - |")
    else:
        points.append((windows, 1e3 * (ms - first[1]) / (windows - first[0])))
        print(f"| {windows} | {ms:.1f} | {points[-1][1]:.1f} |")
series.append(("windows of one 688x917 image: microseconds a further window", points))

if len(sys.argv) > 1:
    width, height, left, top = 320, 200, 46, 34
    body = []
    for k, (title, points) in enumerate(series):
        x0, y0 = k * (width + 40) + left, top
        xs, top_y = [p[0] for p in points], max(p[1] for p in points) * 1.15
        sx = lambda x: x0 + (x - xs[0]) / (xs[-1] - xs[0]) * (width - left)
        sy = lambda y: y0 + height - y / top_y * height
        name, unit = title.split(": ")
        body.append(f'<text x="{x0 - left + 6}" y="16" font-weight="bold">{unit}</text><text x="{x0}" y="{y0 + height + 34}">{name}</text>')
        for i in range(5):
            y = top_y * i / 4
            body.append(f'<line x1="{x0}" x2="{x0 + width - left}" y1="{sy(y):.1f}" y2="{sy(y):.1f}" stroke="#ddd"/><text x="{x0 - 6}" y="{sy(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>')
        for x in (xs[0], xs[-1]):
            body.append(f'<text x="{sx(x):.1f}" y="{y0 + height + 16}" text-anchor="middle">{x:.3g}</text>')
        body.append('<polyline fill="none" stroke="#1f6fb4" stroke-width="2" points="' + " ".join(f"{sx(x):.1f},{sy(y):.1f}" for x, y in points) + '"/>')
        body += [f'<circle cx="{sx(x):.1f}" cy="{sy(y):.1f}" r="3" fill="#1f6fb4"/>' for x, y in points]
    w, h = 3 * (width + 40), height + top + 46
    with open(sys.argv[1], "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="sans-serif" font-size="11"><rect width="{w}" height="{h}" fill="#fff"/>' + "".join(body) + "</svg>\n")
