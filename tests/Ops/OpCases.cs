namespace IlgpuSpp.Ops;

/// <summary>The one list of operation cases; refusals are in <see cref="Refusals"/>.</summary>
public static class OpCases
{
    /// <summary>Small shapes with a reference in double precision: edges, odd extents, 1×1, ties, non-numbers.</summary>
    public static IReadOnlyList<OpCase> Small { get; } =
    [
        .. ElementwiseCases.All(), .. ProductCases.All(), .. ConvCases.All(), .. PoolCases.All(), .. PyramidCases.All(),
        .. NormCases.All(), .. LossCases.All(), .. ReduceCases.All(), .. RandomCases.All(), .. OptimiserCases.All(),
    ];

    /// <summary>Shapes of real networks, compared with the cpu device.</summary>
    public static IReadOnlyList<OpCase> Real { get; } =
        [.. ProductCases.Real(), .. ConvCases.Real(), .. PoolCases.Real(), .. PyramidCases.Real(), .. NormCases.Real()];

    /// <summary>Sums of several segments, at batches and numbers of channels on both sides of every vector width; without references.</summary>
    public static IReadOnlyList<OpCase> Segmented { get; } = [.. ProductCases.Segmented(), .. ConvCases.Segmented()];

    /// <summary>Rows long enough for several items of work, prepared once: bits and repetition.</summary>
    public static IReadOnlyList<OpCase> Long => LongCases.All;

    /// <summary>What gives the same bits at every vector width where that is asked for.</summary>
    public static IEnumerable<OpCase> Exact => [.. Small, .. Segmented, .. Long];
}
