namespace IlgpuSpp.Models;

/// <summary>Finds the spatial pyramids of Caffe's networks: parallel poolings that are flattened and joined, and the SPP layer.</summary>
internal static class CaffePyramid
{
    private static readonly PyramidRule[] Rules = [PyramidRule.Adaptive, PyramidRule.ReleasedZf5];

    /// <summary>
    /// The pyramid that flattened max poolings of one map make, as in the authors' released ZF-5; null where the bins are
    /// not those of a pyramid.
    /// </summary>
    /// <param name="inputs">The nodes that are joined.</param>
    public static Pyramid? Of(IReadOnlyList<ImportNode> inputs)
    {
        var pools = new List<PoolGeometry>();
        ImportNode? map = null;
        foreach (ImportNode flat in inputs)
        {
            if (flat is not { Kind: ImportNodeKind.Layers, Layers: [GridFlatten] } || flat.Source is not { Kind: ImportNodeKind.Layers, Layers: [MaxPool2d pool] } pooled) return null;
            if (map is not null && !ReferenceEquals(map, pooled.Source)) return null;
            map = pooled.Source;
            pools.Add(pool.Geometry);
        }
        return map is null ? null : Rules.Select(rule => Match(rule, pools, map.Shape)).FirstOrDefault(pyramid => pyramid is not null);
    }

    /// <summary>
    /// The SPP layer of BVLC's Caffe (levels 1, 2, 4, …; kernel = stride = ⌈a/n⌉, symmetric padding) as a pyramid, where its
    /// bins over the network's map are those of <see cref="PyramidRule.Adaptive"/>.
    /// </summary>
    public static Pyramid OfSppLayer(CaffeLayer layer, Shape map)
    {
        PrototxtMessage options = layer.Message.Message("spp_param");
        if (options.Text("pool") is { } method && method is not ("MAX" or "0")) throw layer.Error($"pools by {method}; a pyramid takes the maximum");
        int height = options.Whole("pyramid_height", 0, 1, 6);
        if (height == 0) throw layer.Error("spp_param has no pyramid_height");
        int[] levels = [.. Enumerable.Range(0, height).Select(level => 1 << level)];
        foreach (int level in levels)
            foreach (int extent in (int[])[map.Height, map.Width])
            {
                int kernel = (extent + level - 1) / level, pad = (kernel * level - extent + 1) / 2;
                bool same = pad < kernel && ShapeRules.PoolExtent(extent, kernel, kernel, pad, pad, PoolRounding.Ceil) == level &&
                    Enumerable.Range(0, level).All(bin => (Math.Max(0, bin * kernel - pad), Math.Min(extent, (bin + 1) * kernel - pad)) == Pyramid.BinRange(PyramidRule.Adaptive, level, bin, extent));
                if (!same)
                    throw layer.Error($"Caffe's SPP layer divides {extent} rows or columns into {level} windows of {kernel} with padding {pad}, which are not the bins of the paper's pyramid; " +
                        "its weights would see other bins. Only maps that every level divides evenly can be imported");
            }
        return new Pyramid(levels);
    }

    private static Pyramid? Match(PyramidRule rule, List<PoolGeometry> pools, Shape map)
    {
        var levels = new List<int>();
        foreach (PoolGeometry pool in pools)
        {
            int level = ShapeRules.PoolExtent(map.Height, pool.KernelHeight, pool.StrideHeight, pool.PadHeight, pool.PadBottom, pool.Rounding);
            if (level is < 1 or > Pyramid.MaxLevel ||
                !Fits(rule, level, map.Height, pool.KernelHeight, pool.StrideHeight, pool.PadHeight, pool.Rounding) ||
                !Fits(rule, level, map.Width, pool.KernelWidth, pool.StrideWidth, pool.PadWidth, pool.Rounding)) return null;
            levels.Add(level);
        }
        return new Pyramid([.. levels], rule);
    }

    private static bool Fits(PyramidRule rule, int level, int extent, int kernel, int stride, int pad, PoolRounding rounding)
    {
        if (ShapeRules.PoolExtent(extent, kernel, stride, pad, pad, rounding) != level) return false;
        if (rule == PyramidRule.ReleasedZf5 && (extent != 13 || level is not (1 or 2 or 3 or 6))) return false;
        return Enumerable.Range(0, level).All(bin =>
            (Math.Max(0, bin * stride - pad), Math.Min(extent, bin * stride - pad + kernel)) == Pyramid.BinRange(rule, level, bin, extent));
    }
}
