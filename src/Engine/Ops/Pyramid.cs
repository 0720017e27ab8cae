using System.Collections.Immutable;

namespace IlgpuSpp.Engine;

/// <summary>How a pyramid level of n×n bins divides a map.</summary>
public enum PyramidRule
{
    /// <summary>
    /// The bins of the paper's Appendix A: bin i of n over a map of a elements is [⌊i·a/n⌋, ⌈(i+1)·a/n⌉). Works for every
    /// size; neighbouring bins share at most one row or column; no bin is empty.
    /// </summary>
    Adaptive,

    /// <summary>
    /// The paper's training form: a sliding window of ⌈a/n⌉ at stride ⌊a/n⌋. Gives n bins that cover the map only where
    /// a mod n is 0 or 1 (it then equals <see cref="Adaptive"/>); other sizes are refused.
    /// </summary>
    SlidingWindow,

    /// <summary>
    /// The pools of the authors' released ZF-5 on its 13×13 map: level 6 kernel 3 stride 2, level 3 kernel 5 stride 4,
    /// level 2 kernel 7 stride 7, level 1 kernel 13. Other maps and levels are refused.
    /// </summary>
    ReleasedZf5,
}

/// <summary>
/// A spatial pyramid: an ordered list of levels, level n being n×n bins. Pooled features are level-major; inside a
/// level channel-major, then bin row, then bin column: the index of (level l, channel c, row r, column q) is
/// <c>C·Σ(previous n²) + c·n² + r·n + q</c>, the order of the authors' released network.
/// </summary>
public sealed class Pyramid : IEquatable<Pyramid>
{
    /// <summary>The largest number of bins along one side of a level.</summary>
    public const int MaxLevel = 64;

    /// <summary>Creates a pyramid.</summary>
    /// <param name="levels">Bins along a side for each level, in output order; the canonical order is coarse to fine.</param>
    /// <param name="rule">How levels divide a map.</param>
    /// <exception cref="OptionsException">The list is empty or a level is outside 1 to <see cref="MaxLevel"/>.</exception>
    public Pyramid(ReadOnlySpan<int> levels, PyramidRule rule = PyramidRule.Adaptive)
    {
        if (levels.IsEmpty) throw new OptionsException("Pyramid", "the levels", "must be at least one, but are none");
        foreach (int level in levels)
        {
            if (level is < 1 or > MaxLevel)
                throw new OptionsException("Pyramid", "the levels", $"must have 1 to {MaxLevel} bins along a side, but one has {level}");
            Bins += level * level;
        }
        Levels = [.. levels];
        Rule = rule;
    }

    /// <summary>Bins along a side for each level, in output order.</summary>
    public ImmutableArray<int> Levels { get; }

    /// <summary>How levels divide a map.</summary>
    public PyramidRule Rule { get; }

    /// <summary>Bins of all levels together: Σ n². The pooled length is this times the channels.</summary>
    public int Bins { get; }

    /// <summary>The rows or columns of one bin, as a half-open range.</summary>
    /// <param name="rule">How levels divide a map.</param>
    /// <param name="level">Bins along a side, n.</param>
    /// <param name="bin">The bin, 0 to n − 1.</param>
    /// <param name="extent">Rows or columns of the map, a, at least 1.</param>
    /// <exception cref="OptionsException">The rule does not fit the extent.</exception>
    public static (int Start, int End) BinRange(PyramidRule rule, int level, int bin, int extent)
    {
        switch (rule)
        {
            case PyramidRule.SlidingWindow:
                if (extent < level || extent % level > 1)
                    throw new OptionsException("Pyramid", "the rule", $"must be {PyramidRule.Adaptive}: a sliding window has no {level} bins that cover {extent} elements ({extent} mod {level} is neither 0 nor 1)");
                int stride = extent / level, window = (extent + level - 1) / level;
                return (bin * stride, bin * stride + window);
            case PyramidRule.ReleasedZf5:
                var (kernel, step) = (extent, level) switch
                {
                    (13, 6) => (3, 2),
                    (13, 3) => (5, 4),
                    (13, 2) => (7, 7),
                    (13, 1) => (13, 13),
                    _ => throw new OptionsException("Pyramid", "the rule", $"must be {PyramidRule.Adaptive}: the released ZF-5 pools levels 6, 3, 2 and 1 of a 13x13 map, not level {level} of {extent} elements"),
                };
                return (bin * step, Math.Min(bin * step + kernel, extent));
            default:
                return ((int)((long)bin * extent / level), (int)(((long)(bin + 1) * extent + level - 1) / level));
        }
    }

    /// <inheritdoc/>
    public bool Equals(Pyramid? other) => other is not null && Rule == other.Rule && Levels.AsSpan().SequenceEqual(other.Levels.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Pyramid);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rule, Levels.Length, Bins);

    /// <summary>The levels in braces, e.g. <c>{1,2,3,6}</c>.</summary>
    public override string ToString() => $"{{{string.Join(",", Levels)}}}";
}
