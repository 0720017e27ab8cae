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
