namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// y = f(x·wᵀ + bias) at a batch that one or two vectors hold, the inputs packed as one panel <c>[in][V or 2·V]</c>. An item
/// is a range of outputs, whose weights are read from end to end.
/// </summary>
internal unsafe struct LinearForwardJob : ICountedJob
{
    private const int OutputsPerItem = 32;

    public StreamKernels Kernels;
    public bool Wide;
    public float* Weights, Panel, Y, Bias;
    public int Rows, Inputs, Outputs;

    /// <summary>Inputs summed at a time.</summary>
    public int Segment;

    public Activation Activation;

    public readonly int Items => (Outputs + OutputsPerItem - 1) / OutputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int width = Kernels.Lanes * (Wide ? 2 : 1), abreast = StreamKernels.RowsAbreast(Wide);
        float* tile = stackalloc float[8 * 16];
        nint* rows = stackalloc nint[8];
        int last = Math.Min(Outputs, (item + 1) * OutputsPerItem);
        for (int output = item * OutputsPerItem; output < last; output += abreast)
        {
            int count = Math.Min(abreast, last - output);
            // Past the end the last row is taken again and its sums are not used.
            for (int i = 0; i < abreast; i++) rows[i] = Math.Min(i, count - 1) * (nint)Inputs;
            RunCopy.Zero(tile, abreast * width);
            for (int first = 0; first < Inputs; first += Segment)
                Kernels.Forward(
                    Wide, Weights + output * (nint)Inputs + first, rows, Panel + (nint)first * width, Math.Min(Segment, Inputs - first), tile);
            for (int i = 0; i < count; i++)
            {
                float bias = Bias is null ? 0 : Bias[output + i];
                for (int row = 0; row < Rows; row++) Y[(nint)row * Outputs + output + i] = Activation.Apply(tile[i * width + row] + bias);
            }
        }
    }
}

/// <summary>
/// y = f(xᵀ + bias) for a row-major matrix <c>x: [rows, columns]</c> and <c>y: [columns, rows]</c>, the bias along the rows
/// of x. An item is a stretch of rows.
/// </summary>
internal unsafe struct TransposeJob : ICountedJob
{
    private const int RowsPerItem = 128;

    public float* X, Y, Bias;
    public int Rows, Columns;
    public Activation Activation;

    public readonly int Items => (Rows + RowsPerItem - 1) / RowsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * RowsPerItem, rows = Math.Min(RowsPerItem, Rows - first);
        for (int column = 0; column < Columns; column++)
        {
            float* from = X + (nint)first * Columns + column, to = Y + (nint)column * Rows + first;
            for (int row = 0; row < rows; row++, from += Columns)
                to[row] = Bias is null ? *from : *from + Bias[first + row];
            if (Activation.Kind != ActivationKind.None)
                for (int row = 0; row < rows; row++) to[row] = Activation.Apply(to[row]);
        }
    }
}

/// <summary>
/// dx = dy·w at a small batch. An item is a range of inputs: eight rows of its part of the weights are read abreast and
/// added to the gradients of all images, which are gathered in scratch memory of the size of the first-level cache.
/// </summary>
internal unsafe struct LinearInputGradientJob : ICountedJob
{
    private const int InputsPerItem = 512;

    // Not a power of two, so that the images do not share their places in the cache.
    private const int ImageStride = InputsPerItem + 16;

    public StreamKernels Kernels;
    public float* DY, Weights, DX, Scratch;
    public int Rows, Inputs, Outputs;

    public readonly int Items => (Inputs + InputsPerItem - 1) / InputsPerItem;

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (long)Rows * ImageStride;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        float* dx = Scratch + worker * ScratchLength, weights = Weights + first;
        float* coefficients = stackalloc float[8 * CpuBackend.LargestStreamedBatch];
        for (int row = 0; row < Rows; row++) RunCopy.Zero(dx + (nint)row * ImageStride, columns);
        int output = 0;
        for (; output <= Outputs - 8; output += 8)
        {
            for (int row = 0; row < Rows; row++) RunCopy.Copy(DY + (nint)row * Outputs + output, coefficients + 8 * row, 8);
            Kernels.Combine8(weights + (nint)output * Inputs, Inputs, coefficients, dx, ImageStride, Rows, columns);
        }
        for (; output < Outputs; output++)
            for (int row = 0; row < Rows; row++)
                Kernels.AddRow(weights + (nint)output * Inputs, DY[(nint)row * Outputs + output], dx + (nint)row * ImageStride, columns);
        for (int row = 0; row < Rows; row++) RunCopy.Copy(dx + (nint)row * ImageStride, DX + (nint)row * Inputs + first, columns);
    }
}

/// <summary>
/// dw += dyᵀ·x at a small batch. An item is a range of inputs and of outputs: the part of x is copied into the first-level cache
/// while the rows of the gradient go by once.
/// </summary>
internal unsafe struct LinearWeightGradientJob : ICountedJob
{
    // Images times inputs of an item: 32 KB, two thirds of a first-level cache.
    private const int FloatsPerItem = 8192;
    private const int OutputsPerItem = 256;

    public StreamKernels Kernels;
    public float* X, DY, DW, Scratch;
    public int Rows, Inputs, Outputs;

    public readonly int Items => InputBlocks * ((Outputs + OutputsPerItem - 1) / OutputsPerItem);

    /// <summary>Floats of scratch memory for one worker.</summary>
    public readonly long ScratchLength => (long)PaddedRows * ImageStride;

    // The kernel takes eight images at a time; those that are missing are zeros. A single one has its own kernel.
    private readonly int PaddedRows => Rows == 1 ? 1 : (Rows + 7) / 8 * 8;

    private readonly int InputsPerItem => Math.Min(512, FloatsPerItem / PaddedRows);

    // Not a power of two, so that the images do not share their places in the cache.
    private readonly int ImageStride => InputsPerItem + 16;

    private readonly int InputBlocks => (Inputs + InputsPerItem - 1) / InputsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item % InputBlocks * InputsPerItem, columns = Math.Min(InputsPerItem, Inputs - first);
        int output = item / InputBlocks * OutputsPerItem, last = Math.Min(Outputs, output + OutputsPerItem);
        float* x = Scratch + worker * ScratchLength;
        int stride = ImageStride, padded = PaddedRows;
        for (int row = 0; row < Rows; row++) RunCopy.Copy(X + (nint)row * Inputs + first, x + (nint)row * stride, columns);
        for (int row = Rows; row < padded; row++) RunCopy.Zero(x + (nint)row * stride, columns);
        float* coefficients = stackalloc float[8];
        for (; output < last; output++)
        {
            float* dw = DW + (nint)output * Inputs + first;
            if (padded == 1)
            {
                Kernels.AddRow(x, DY[output], dw, columns);
                continue;
            }
            for (int row = 0; row < padded; row += 8)
            {
                for (int i = 0; i < 8; i++) coefficients[i] = row + i < Rows ? DY[(nint)(row + i) * Outputs + output] : 0;
                Kernels.AddRows8(x + (nint)row * stride, stride, coefficients, dw, dw + Inputs, columns);
            }
        }
    }
}

/// <summary>sums[c] += Σ over the rows of x[r, c], rows in order. An item is a stretch of columns.</summary>
internal unsafe struct ColumnSumJob : ICountedJob
{
    private const int ColumnsPerItem = 256;

    public float* X, Sums;
    public int Rows, Columns;

    public readonly int Items => (Columns + ColumnsPerItem - 1) / ColumnsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * ColumnsPerItem, columns = Math.Min(ColumnsPerItem, Columns - first);
        float* sums = stackalloc float[ColumnsPerItem];
        RunCopy.Zero(sums, columns);
        for (int row = 0; row < Rows; row++)
        {
            float* from = X + (nint)row * Columns + first;
            for (int i = 0; i < columns; i++) sums[i] += from[i];
        }
        for (int i = 0; i < columns; i++) Sums[first + i] += sums[i];
    }
}
