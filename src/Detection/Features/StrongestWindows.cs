namespace IlgpuSpp.Detection;

/// <summary>The windows of an image with the largest of their features' values over all scales (<see cref="ScaleCombination.Max"/>).</summary>
internal sealed class StrongestWindows(IImageWindows windows, int length) : IImageWindows
{
    public int Width => windows.Width;

    public int Height => windows.Height;

    public int Scales => 1;

    public int[] BestScales(IReadOnlyList<PixelBox> boxes) => new int[boxes.Count];

    // Windows have the same features where they have at every scale.
    public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf)
    {
        var result = new int[boxes.Count];
        for (int scale = 0; scale < windows.Scales; scale++)
        {
            int[] own = windows.FirstAlike(boxes, [.. Enumerable.Repeat(scale, boxes.Count)]);
            var firsts = new Dictionary<(int Before, int Own), int>();
            for (int i = 0; i < own.Length; i++) result[i] = firsts.TryGetValue((result[i], own[i]), out int first) ? first : firsts[(result[i], own[i])] = i;
        }
        return result;
    }

    public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
    {
        Tensor own = rows.View(new Shape(boxes.Count, length));
        var strongest = new float[boxes.Count * length];
        var values = new float[strongest.Length];
        for (int scale = 0; scale < windows.Scales; scale++)
        {
            windows.Compute(boxes, [.. Enumerable.Repeat(scale, boxes.Count)], own);
            own.Download(values);
            for (int i = 0; i < values.Length; i++) strongest[i] = scale == 0 ? values[i] : Math.Max(strongest[i], values[i]);
        }
        own.Upload(strongest);
    }

    public void Dispose() => windows.Dispose();
}
