#!/usr/bin/env python3
"""Writes the windows of OpenCV's selective search (fast) as a table for `ilgpuspp detect proposals --against`, and its time on one thread.

usage: bench/opencv_proposals.py VOC SET OUT.csv     (Debian: python3-opencv)
"""
import csv
import os
import statistics
import sys
import time

import cv2

folder, name, out = sys.argv[1:4]
cv2.setNumThreads(1)
search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
with open(os.path.join(folder, "ImageSets", "Main", name + ".txt")) as lines:
    images = [line.split()[0] for line in lines if line.strip()]
milliseconds = []
count = 0
with open(out, "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["file", "x1", "y1", "x2", "y2"])
    for image in images:
        pixels = cv2.imread(os.path.join(folder, "JPEGImages", image + ".jpg"))
        start = time.perf_counter()
        search.setBaseImage(pixels)
        search.switchToSelectiveSearchFast()
        boxes = search.process()
        milliseconds.append(1000 * (time.perf_counter() - start))
        # The same smallest side as ours; OpenCV gives its windows best first.
        kept = [(x, y, x + w - 1, y + h - 1) for x, y, w, h in boxes if w >= 20 and h >= 20]
        count += len(kept)
        table.writerows([image + ".jpg", *box] for box in kept)
print(f"{count / len(images):.0f} windows an image in {len(images)} images, {statistics.median(milliseconds):.0f} ms an image (median)")
