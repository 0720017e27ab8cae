namespace IlgpuSpp.Engine.Cpu;

/// <summary>Where the sums of a product go, and what is done to them on the way: c ← f(α·sum + β·c + bias).</summary>
internal unsafe struct TileTarget
{
    /// <summary>First element of C.</summary>
    public float* C;

    /// <summary>Factor of the sums.</summary>
    public float Alpha;

    /// <summary>Factor of the old content; with 0 it is not read.</summary>
    public float Beta;

    /// <summary>Where the old content is read, in floats from where it is written; 0 for C itself.</summary>
    public nint OldContent;

    /// <summary>One number a column, or null.</summary>
    public float* Bias;

    /// <summary>The function applied at the end.</summary>
    public Activation Activation;

    /// <summary>c = sum.</summary>
    public static TileTarget Assign(float* c) => new() { C = c, Alpha = 1 };

    /// <summary>c += sum.</summary>
    public static TileTarget Accumulate(float* c) => new() { C = c, Alpha = 1, Beta = 1 };

    /// <summary>c = sum + added, added having C's layout; it may be C.</summary>
    public static TileTarget AssignSum(float* c, float* added) => new() { C = c, Alpha = 1, Beta = 1, OldContent = (nint)(added - c) };

    /// <summary>
    /// The same for one segment of the summed dimension: the old content counts in the first, later segments add to it,
    /// and bias and function come with the last.
    /// </summary>
    public readonly TileTarget ForSegment(bool first, bool last)
    {
        TileTarget target = this;
        if (!first) (target.Beta, target.OldContent) = (1, 0);
        if (!last)
        {
            target.Bias = null;
            target.Activation = Activation.None;
        }
        return target;
    }
}

/// <summary>Moves a finished tile to its place in C.</summary>
internal static unsafe class TileStore<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Stores the first rows and columns of a tile.</summary>
    /// <param name="tile">The sums, rows of <paramref name="tileColumns"/>.</param>
    /// <param name="tileColumns">Columns of the tile, a multiple of the vector.</param>
    /// <param name="rows">Rows to store.</param>
    /// <param name="columns">Columns to store.</param>
    /// <param name="c">First column's place in C.</param>
    /// <param name="rowOffsets">Where each row begins, in floats from <paramref name="c"/>.</param>
    /// <param name="target">Factors, bias and function.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* tile, int tileColumns, int rows, int columns, float* c, nint* rowOffsets, TileTarget* target)
    {
        float alpha = target->Alpha, beta = target->Beta;
        nint old = target->OldContent;
        float* bias = target->Bias;
        bool relu = target->Activation.Kind == ActivationKind.Relu;
        // Into one vector of old content a whole tile adds the bias first, the other ways last: with exact lanes all go one way.
        bool oneWay = TLanes.Fuses || beta == 0 || bias is null || columns > TLanes.Count;
        if (alpha == 1 && beta is 0 or 1 && columns == tileColumns && columns <= 2 * TLanes.Count && oneWay)
        {
            StoreWhole(tile, rows, columns, c, rowOffsets, beta == 1, old, bias, relu);
            if (target->Activation.Kind > ActivationKind.Relu) Activate(target->Activation, rows, columns, c, rowOffsets);
            return;
        }
        int whole = columns / TLanes.Count * TLanes.Count;
        TLanes alphas = TLanes.Splat(alpha), betas = TLanes.Splat(beta);
        for (int row = 0; row < rows; row++, tile += tileColumns)
        {
            float* destination = c + rowOffsets[row];
            for (int i = 0; i < whole; i += TLanes.Count)
            {
                TLanes value = TLanes.Load(tile + i);
                if (alpha != 1) value = alphas * value;
                if (beta == 1) value += TLanes.Load(destination + old + i);
                else if (beta != 0) value = TLanes.MultiplyAdd(betas, TLanes.Load(destination + old + i), value);
                if (bias is not null) value += TLanes.Load(bias + i);
                if (relu) value = TLanes.AtLeast(TLanes.Splat(0), value);
                value.Store(destination + i);
            }
            for (int i = whole; i < columns; i++)
            {
                float value = alpha * tile[i];
                if (beta != 0) value += beta * destination[old + i];
                if (bias is not null) value += bias[i];
                destination[i] = relu && value < 0 ? 0 : value;
            }
        }
        if (target->Activation.Kind > ActivationKind.Relu) Activate(target->Activation, rows, columns, c, rowOffsets);
    }

    // All columns of a tile of one or two vectors, without a decision inside the loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreWhole(float* tile, int rows, int columns, float* c, nint* rowOffsets, bool accumulate, nint old, float* bias, bool relu)
    {
        TLanes floor = TLanes.Splat(relu ? 0 : float.NegativeInfinity);
        int second = columns - TLanes.Count;
        TLanes bias0 = bias is null ? TLanes.Splat(0) : TLanes.Load(bias), bias1 = bias is null ? TLanes.Splat(0) : TLanes.Load(bias + second);
        if (second == 0)
        {
            for (int row = 0; row < rows; row++, tile += columns)
            {
                float* to = c + rowOffsets[row];
                TLanes value = TLanes.Load(tile) + bias0;
                if (accumulate) value += TLanes.Load(to + old);
                TLanes.AtLeast(floor, value).Store(to);
            }
        }
        else if (accumulate)
        {
            for (int row = 0; row < rows; row++, tile += columns)
            {
                float* to = c + rowOffsets[row];
                TLanes value0 = TLanes.Load(tile) + TLanes.Load(to + old) + bias0;
                TLanes value1 = TLanes.Load(tile + second) + TLanes.Load(to + old + second) + bias1;
                TLanes.AtLeast(floor, value0).Store(to);
                TLanes.AtLeast(floor, value1).Store(to + second);
            }
        }
        else
        {
            for (int row = 0; row < rows; row++, tile += columns)
            {
                float* to = c + rowOffsets[row];
                TLanes.AtLeast(floor, TLanes.Load(tile) + bias0).Store(to);
                TLanes.AtLeast(floor, TLanes.Load(tile + second) + bias1).Store(to + second);
            }
        }
    }

    private static void Activate(Activation activation, int rows, int columns, float* c, nint* rowOffsets)
    {
        for (int row = 0; row < rows; row++)
        {
            float* values = c + rowOffsets[row];
            for (int i = 0; i < columns; i++) values[i] = activation.Apply(values[i]);
        }
    }
}
