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

    /// <summary>a·b + c, fused where the instruction set can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);
}

/// <summary>
/// One vector of floats: 16, 8, 4 lanes or a single float. Kernels are written once over this contract and compiled for
/// every width. Only <see cref="IVector{TSelf}.MultiplyAdd"/> fuses a multiplication with an addition; what does without it computes the
/// same bits at every width. A mask is a lane of all ones or all zeros; "bits" means the lane read as an int32.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
internal interface ILanes<TSelf> : IVector<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
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

/// <summary>Binds a job to the vector width of the backend.</summary>
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
                _job.Run<Lanes512>(item, worker);
                break;
            case SimdLevel.Avx2:
                _job.Run<Lanes256>(item, worker);
                break;
            case SimdLevel.Vector128:
                _job.Run<Lanes128>(item, worker);
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

    /// <summary>What belongs to an instruction set.</summary>
    static TSelf For(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => TSelf.Make<Lanes512>(),
        SimdLevel.Avx2 => TSelf.Make<Lanes256>(),
        SimdLevel.Vector128 => TSelf.Make<Lanes128>(),
        _ => TSelf.Make<LanesScalar>(),
    };
}
