namespace IlgpuSpp.Engine.Cpu;

/// <summary>What a sum of products needs of a vector of floats.</summary>
/// <typeparam name="TSelf">The vector.</typeparam>
internal unsafe interface IVector<TSelf>
    where TSelf : unmanaged, IVector<TSelf>
{
    /// <summary>Lanes of the vector.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Splat(float value);

    void Store(float* target);

    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a·b + c, rounded once where the lanes say so and the instruction set can, otherwise the product and then the sum.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);
}

/// <summary>
/// One vector of floats: 16, 8, 4 lanes or a single float. Kernels are written once over this contract and compiled for
/// every width. Only <see cref="IVector{TSelf}.MultiplyAdd"/> may fuse a multiplication with an addition; what does without it, or with lanes
/// that round twice, computes the same bits at every width unless it adds lanes up. A mask is a lane of all ones or all zeros; "bits" means the lane read as an int32.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
internal interface ILanes<TSelf> : IVector<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Whether <see cref="IVector{TSelf}.MultiplyAdd"/> rounds once where the processor can.</summary>
    static abstract bool Fuses { get; }

    static abstract TSelf SplatBits(int value);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>max(a, floor); NaN in a stays NaN.</summary>
    static abstract TSelf AtLeast(TSelf floor, TSelf a);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    /// <summary>a and not b.</summary>
    static abstract TSelf AndNot(TSelf a, TSelf b);

    static abstract TSelf Sqrt(TSelf a);

    /// <summary>a &gt; b ? a : b on x86: b where they are equal or one is NaN.</summary>
    static abstract TSelf MaxNative(TSelf a, TSelf b);

    /// <summary>a &lt; b ? a : b on x86: b where they are equal or one is NaN.</summary>
    static abstract TSelf MinNative(TSelf a, TSelf b);

    /// <summary>Mask of a &lt; b; false where one is NaN.</summary>
    static abstract TSelf Less(TSelf a, TSelf b);

    /// <summary>Mask of a ≤ b; false where one is NaN.</summary>
    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    /// <summary>Mask of a = b; false where one is NaN.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>Mask of equal bits.</summary>
    static abstract TSelf EqualBits(TSelf a, TSelf b);

    /// <summary>Mask of a &lt; b, the lanes read as int32.</summary>
    static abstract TSelf LessBits(TSelf a, TSelf b);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    static abstract TSelf AddBits(TSelf a, TSelf b);

    static abstract TSelf SubtractBits(TSelf a, TSelf b);

    static abstract TSelf ShiftLeftBits(TSelf a, int count);

    /// <summary>Logical shift.</summary>
    static abstract TSelf ShiftRightBits(TSelf a, int count);

    /// <summary>Arithmetic shift.</summary>
    static abstract TSelf ShiftRightSignedBits(TSelf a, int count);

    /// <summary>The int32 in every lane as a float.</summary>
    static abstract TSelf BitsToFloat(TSelf a);

    /// <summary>Every lane truncated to an int32; the lanes must fit.</summary>
    static abstract TSelf FloatToBits(TSelf a);

    /// <summary>The lanes' sum, in a fixed order.</summary>
    float Sum();
}

/// <summary>How often a·b + c is rounded.</summary>
internal interface IRounding
{
    /// <summary>Once, by a fused instruction; otherwise the product is rounded, then the sum.</summary>
    static abstract bool Once { get; }
}

/// <summary>The fast way, whose bits depend on the instruction set.</summary>
internal readonly struct RoundedOnce : IRounding
{
    public static bool Once => true;
}

/// <summary>The way that every processor can do alike.</summary>
internal readonly struct RoundedTwice : IRounding
{
    public static bool Once => false;
}

/// <summary>Which lanes the kernels use.</summary>
/// <param name="Level">The vector width.</param>
/// <param name="Exact">Whether bits must be the same at every width.</param>
internal readonly record struct LaneChoice(SimdLevel Level, bool Exact);

/// <summary>A parallel job whose items are written once for every vector width.</summary>
internal interface IVectorJob
{
    /// <summary>Does one item.</summary>
    /// <param name="item">Number of the item.</param>
    /// <param name="worker">Which worker runs it: selects scratch memory.</param>
    /// <typeparam name="TLanes">The vector.</typeparam>
    void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Binds a job to the vector width of the backend. No job multiplies and adds in one, so that lanes which round once do for all.</summary>
internal readonly struct WidthJob<TJob>(TJob job, SimdLevel level) : IParallelJob
    where TJob : unmanaged, IVectorJob
{
    private readonly TJob _job = job;
    private readonly SimdLevel _level = level;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run(int item, int worker)
    {
        switch (_level)
        {
            case SimdLevel.Avx512:
                _job.Run<Lanes512<RoundedOnce>>(item, worker);
                break;
            case SimdLevel.Avx2:
                _job.Run<Lanes256<RoundedOnce>>(item, worker);
                break;
            case SimdLevel.Vector128:
                _job.Run<Lanes128<RoundedOnce>>(item, worker);
                break;
            default:
                _job.Run<LanesScalar>(item, worker);
                break;
        }
    }
}

/// <summary>Something that is made once for each vector width, such as a table of compiled functions.</summary>
/// <typeparam name="TSelf">What is made.</typeparam>
internal interface IMadeForLanes<TSelf>
    where TSelf : IMadeForLanes<TSelf>
{
    /// <summary>Makes it for a vector.</summary>
    static abstract TSelf Make<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>What belongs to a choice of lanes.</summary>
    static TSelf For(LaneChoice lanes) => lanes.Exact ? Make<RoundedTwice>(lanes.Level) : Make<RoundedOnce>(lanes.Level);

    private static TSelf Make<TRounding>(SimdLevel level)
        where TRounding : struct, IRounding => level switch
        {
            SimdLevel.Avx512 => TSelf.Make<Lanes512<TRounding>>(),
            SimdLevel.Avx2 => TSelf.Make<Lanes256<TRounding>>(),
            SimdLevel.Vector128 => TSelf.Make<Lanes128<TRounding>>(),
            _ => TSelf.Make<LanesScalar>(),
        };
}
