namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// The geometry of a pyramid over one map size as the kernels read it; the format is described at
/// <see cref="PyramidKernels"/>. Made once for each pyramid and map size and kept while it is among the last used.
/// </summary>
internal sealed class PyramidTables(Tensor<int> levels, Tensor<int> bins, Tensor<int> spans) : IDisposable
{
    public Tensor<int> Levels => levels;

    public Tensor<int> Bins => bins;

    public Tensor<int> Spans => spans;

    /// <summary>When the tables were last asked for; the oldest make room for new ones.</summary>
    public long LastUse { get; set; }

    public static int[] BinTable(Pyramid pyramid, int height, int width)
    {
        var table = new List<int>(PyramidKernels.BinFields * pyramid.Bins);
        for (int l = 0; l < pyramid.Levels.Length; l++)
        {
            int level = pyramid.Levels[l], finer = FinerLevel(pyramid, l, height, width);
            int side = finer < 0 ? 0 : pyramid.Levels[finer] / level;
            for (int row = 0; row < level; row++)
            {
                for (int column = 0; column < level; column++)
                {
                    var (top, bottom) = Pyramid.BinRange(pyramid.Rule, level, row, height);
                    var (left, right) = Pyramid.BinRange(pyramid.Rule, level, column, width);
                    table.AddRange([top, bottom, left, right, l, row * level + column, finer, row * side, column * side, side]);
                }
            }
        }
        return [.. table];
    }

    public static int[] SpanTable(Pyramid pyramid, int height, int width)
    {
        var table = new List<int>(2 * pyramid.Levels.Length * (height + width));
        foreach (int level in pyramid.Levels)
        {
            AddSpans(table, pyramid.Rule, level, height);
            AddSpans(table, pyramid.Rule, level, width);
        }
        return [.. table];
    }

    public static int[] LevelTable(Pyramid pyramid)
    {
        var table = new List<int>();
        int before = 0;
        for (int l = 0; l < pyramid.Levels.Length; l++)
        {
            int level = pyramid.Levels[l];
            table.AddRange([before, level, NextFiner(pyramid, l), StepsTo(pyramid, l), .. FastDivisor.Of(level * level).Numbers]);
            before += level * level;
        }
        return [.. table];
    }

    /// <summary>How many times bins are united until a level of windows is told; 0 for one that is pooled from the map.</summary>
    public static int StepsTo(Pyramid pyramid, int level) => NextFiner(pyramid, level) is >= 0 and int finer ? 1 + StepsTo(pyramid, finer) : 0;

    /// <summary>
    /// A level whose bins tile this level's bins exactly and that is pooled from the map itself, the coarsest such; −1 where
    /// there is none.
    /// </summary>
    internal static int FinerLevel(Pyramid pyramid, int level, int height, int width)
    {
        int found = -1;
        for (int candidate = 0; candidate < pyramid.Levels.Length; candidate++)
        {
            if (!Covers(pyramid, level, candidate, height, width) || HasFiner(pyramid, candidate, height, width)) continue;
            if (found < 0 || pyramid.Levels[candidate] < pyramid.Levels[found]) found = candidate;
        }
        return found;
    }

    public void Dispose()
    {
        levels.Dispose();
        bins.Dispose();
        spans.Dispose();
    }

    // Windows are divided by the adaptive rule, under which a level's bins are unions of those of any multiple.
    private static int NextFiner(Pyramid pyramid, int level)
    {
        int found = -1;
        for (int candidate = 0; candidate < pyramid.Levels.Length; candidate++)
        {
            int side = pyramid.Levels[candidate];
            if (side > pyramid.Levels[level] && side % pyramid.Levels[level] == 0 && (found < 0 || side < pyramid.Levels[found])) found = candidate;
        }
        return found;
    }

    private static bool HasFiner(Pyramid pyramid, int level, int height, int width)
    {
        for (int candidate = 0; candidate < pyramid.Levels.Length; candidate++)
            if (Covers(pyramid, level, candidate, height, width))
                return true;
        return false;
    }

    private static bool Covers(Pyramid pyramid, int level, int candidate, int height, int width)
    {
        int coarse = pyramid.Levels[level], fine = pyramid.Levels[candidate];
        return fine > coarse && fine % coarse == 0 && Tiles(pyramid.Rule, coarse, fine, height) && Tiles(pyramid.Rule, coarse, fine, width);
    }

    private static bool Tiles(PyramidRule rule, int coarse, int fine, int extent)
    {
        int side = fine / coarse;
        for (int bin = 0; bin < coarse; bin++)
        {
            var (start, end) = Pyramid.BinRange(rule, coarse, bin, extent);
            int reached = start;
            for (int part = bin * side; part < (bin + 1) * side; part++)
            {
                var (partStart, partEnd) = Pyramid.BinRange(rule, fine, part, extent);
                if (partStart < start || partStart > reached) return false;
                reached = Math.Max(reached, partEnd);
            }
            if (reached != end) return false;
        }
        return true;
    }

    private static void AddSpans(List<int> table, PyramidRule rule, int level, int extent)
    {
        for (int at = 0; at < extent; at++)
        {
            // An element between the bins of a released pyramid belongs to none: an empty span.
            int first = level, last = -1;
            for (int bin = 0; bin < level; bin++)
            {
                var (start, end) = Pyramid.BinRange(rule, level, bin, extent);
                if (at < start || at >= end) continue;
                first = Math.Min(first, bin);
                last = bin;
            }
            table.Add(first);
            table.Add(last);
        }
    }
}
