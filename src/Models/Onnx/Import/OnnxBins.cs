namespace IlgpuSpp.Models;

/// <summary>
/// Maxima over bins of a map: rows <c>[start, end)</c> by columns. Poolings and slices that are joined again become this, and
/// several flattened ones, joined, a pyramid.
/// </summary>
/// <param name="Map">What is pooled.</param>
/// <param name="Rows">The bins along the rows.</param>
/// <param name="Columns">The bins along the columns.</param>
internal sealed record OnnxBins(ImportNode Map, IReadOnlyList<(int Start, int End)> Rows, IReadOnlyList<(int Start, int End)> Columns)
{
    private static readonly PyramidRule[] Rules = [PyramidRule.Adaptive, PyramidRule.ReleasedZf5, PyramidRule.SlidingWindow];

    /// <summary>The bins of a max pooling.</summary>
    public static OnnxBins Of(ImportNode map, PoolGeometry windows)
    {
        Shape pooled = ShapeRules.Pool(map.Shape, windows);
        return new OnnxBins(map,
            Clipped(pooled.Height, windows.StrideHeight, windows.KernelHeight, windows.PadHeight, map.Shape.Height),
            Clipped(pooled.Width, windows.StrideWidth, windows.KernelWidth, windows.PadWidth, map.Shape.Width));
    }

    /// <summary>The whole map as one bin.</summary>
    public static OnnxBins Whole(ImportNode map) => new(map, [(0, map.Shape.Height)], [(0, map.Shape.Width)]);

    /// <summary>The pyramid whose levels these bins are, in order, or null.</summary>
    public static Pyramid? Pyramid(IReadOnlyList<OnnxBins> levels)
    {
        if (levels.Count == 0 || levels.Any(level => !ReferenceEquals(level.Map, levels[0].Map) || level.Rows.Count != level.Columns.Count || level.Rows.Count > Engine.Pyramid.MaxLevel)) return null;
        foreach (PyramidRule rule in Rules)
            if (levels.All(level => level.Fits(rule)))
                return new Pyramid([.. levels.Select(level => level.Rows.Count)], rule);
        return null;
    }

    private bool Fits(PyramidRule rule)
    {
        try
        {
            return Same(rule, Rows, Map.Shape.Height) && Same(rule, Columns, Map.Shape.Width);
        }
        catch (ArgumentException)
        {
            // The rule does not divide maps of this size.
            return false;
        }
    }

    private static bool Same(PyramidRule rule, IReadOnlyList<(int Start, int End)> bins, int extent)
    {
        for (int i = 0; i < bins.Count; i++)
            if (bins[i] != Engine.Pyramid.BinRange(rule, bins.Count, i, extent))
                return false;
        return true;
    }

    private static (int, int)[] Clipped(int count, int stride, int kernel, int pad, int extent) =>
        [.. Enumerable.Range(0, count).Select(i => (Math.Max(0, i * stride - pad), Math.Min(extent, i * stride - pad + kernel)))];
}
