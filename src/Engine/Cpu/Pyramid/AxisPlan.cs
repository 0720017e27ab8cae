namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// How the bins of all levels cut one side of a window into segments: the runs between two neighbouring bin borders. Every
/// bin is a whole number of segments, so the max of a segment is computed once and shared by all bins that hold it.
/// </summary>
internal unsafe struct AxisPlan
{
    /// <summary>Number of segments.</summary>
    public int Segments;

    /// <summary>First element of every segment, and the end of the last.</summary>
    public int* Starts;

    /// <summary>First segment of every bin, level after level.</summary>
    public int* FirstSegments;

    /// <summary>One past the last segment of every bin.</summary>
    public int* EndSegments;

    private int* _borders;

    /// <summary>Ints of scratch a plan needs.</summary>
    /// <param name="bins">Bins of all levels along the side.</param>
    /// <param name="extent">The longest side that will be planned.</param>
    public static int ScratchLength(int bins, int extent) => 2 * bins + 2 * (extent + 1);

    /// <summary>Places the plan's arrays in scratch memory.</summary>
    public static AxisPlan Create(int* scratch, int bins, int extent) => new()
    {
        FirstSegments = scratch, EndSegments = scratch + bins, Starts = scratch + 2 * bins, _borders = scratch + 2 * bins + extent + 1,
    };

    /// <summary>Cuts a side of a window.</summary>
    /// <param name="rule">How levels divide it.</param>
    /// <param name="levels">The levels; those pooled from the map are cut.</param>
    /// <param name="extent">The side's length.</param>
    /// <param name="single">Whether every element is a segment of its own.</param>
    public void Cut(PyramidRule rule, in LevelPlan levels, int extent, bool single)
    {
        int* borders = _borders;
        new Span<int>(borders, extent + 1).Fill(single ? 1 : 0);
        borders[0] = borders[extent] = 1;
        int bin = 0;
        for (int l = 0; l < levels.Pooled; l++)
            for (int i = 0; i < levels.Steps[l].Level; i++, bin++)
            {
                var (start, end) = Engine.Pyramid.BinRange(rule, levels.Steps[l].Level, i, extent);
                FirstSegments[bin] = start;
                EndSegments[bin] = end;
                borders[start] = borders[end] = 1;
            }
        int segments = 0;
        for (int at = 0; at <= extent; at++)
        {
            if (borders[at] == 0) continue;
            Starts[segments] = at;
            borders[at] = segments++;
        }
        Segments = segments - 1;
        for (int b = 0; b < bin; b++)
        {
            FirstSegments[b] = borders[FirstSegments[b]];
            EndSegments[b] = borders[EndSegments[b]];
        }
    }
}
