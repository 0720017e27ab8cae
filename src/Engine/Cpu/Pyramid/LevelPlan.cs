namespace IlgpuSpp.Engine.Cpu;

/// <summary>One level of a pyramid and where its bins come from.</summary>
internal struct LevelStep
{
    /// <summary>Bins along a side, n.</summary>
    public int Level;

    /// <summary>Bins of the levels before it in the output.</summary>
    public int Offset;

    /// <summary>
    /// The finer level whose bins are joined, or 0 where the level is pooled from the map itself. A level that divides a finer
    /// one has exactly the union of its bins: ⌊i·a/n⌋ = ⌊ki·a/kn⌋, and so for the ends.
    /// </summary>
    public int Parent;

    /// <summary>Bins of the levels before the parent in the output.</summary>
    public int ParentOffset;

    /// <summary>For a level pooled from the map: bins along a side of such levels before it.</summary>
    public int Side;
}

/// <summary>The order in which the levels of a pyramid are computed: those pooled from the map first, then the joined ones, finer first.</summary>
internal unsafe struct LevelPlan
{
    public LevelStep* Steps;
    public int Count;

    /// <summary>How many of the steps, from the first, pool from the map.</summary>
    public int Pooled;

    /// <summary>Bins along a side of all levels pooled from the map.</summary>
    public int SideBins;

    /// <summary>Plans a pyramid.</summary>
    /// <param name="pyramid">The pyramid.</param>
    /// <param name="steps">Memory for as many steps as the pyramid has levels.</param>
    public static LevelPlan Create(Pyramid pyramid, LevelStep* steps)
    {
        var plan = new LevelPlan { Steps = steps };
        for (int i = 0, offset = 0; i < pyramid.Levels.Length; offset += pyramid.Levels[i] * pyramid.Levels[i], i++)
        {
            int level = pyramid.Levels[i];
            if (Parent(pyramid, level, out _) != 0) continue;
            steps[plan.Count++] = new LevelStep { Level = level, Offset = offset, Side = plan.SideBins };
            plan.SideBins += level;
        }
        plan.Pooled = plan.Count;
        for (int level = Engine.Pyramid.MaxLevel; level >= 1; level--)
        {
            for (int i = 0, offset = 0; i < pyramid.Levels.Length; offset += pyramid.Levels[i] * pyramid.Levels[i], i++)
            {
                if (pyramid.Levels[i] != level || Parent(pyramid, level, out int parentOffset) is not (> 0 and var parent)) continue;
                steps[plan.Count++] = new LevelStep { Level = level, Offset = offset, Parent = parent, ParentOffset = parentOffset };
            }
        }
        return plan;
    }

    // The smallest multiple in the list: the fewest bins to join.
    private static int Parent(Pyramid pyramid, int level, out int offset)
    {
        int parent = 0;
        offset = 0;
        if (pyramid.Rule != PyramidRule.Adaptive) return 0;
        for (int i = 0, at = 0; i < pyramid.Levels.Length; at += pyramid.Levels[i] * pyramid.Levels[i], i++)
        {
            int other = pyramid.Levels[i];
            if (other <= level || other % level != 0 || (parent != 0 && other >= parent)) continue;
            parent = other;
            offset = at;
        }
        return parent;
    }
}

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

    /// <summary>The bins of a level that hold a segment: the last but one may end with it and the next begin with it, so that they are at most a few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (int First, int End) Holding(LevelStep step, int segment)
    {
        int* firsts = FirstSegments + step.Side, ends = EndSegments + step.Side;
        int first = 0;
        while (first < step.Level && ends[first] <= segment) first++;
        int end = first;
        while (end < step.Level && firsts[end] <= segment) end++;
        return (first, end);
    }

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
