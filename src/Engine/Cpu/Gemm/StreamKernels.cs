namespace IlgpuSpp.Engine.Cpu;

/// <summary>The streaming kernels of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct StreamKernels
{
    private readonly delegate*<float*, nint*, float*, int, float*, void> _forwardNarrow, _forwardWide;
    private readonly delegate*<float*, nint, float*, float*, nint, int, int, int> _combine;
    private readonly delegate*<float*, nint, float*, float*, float*, int, int> _addRows;
    private readonly delegate*<float*, float, float*, int, int> _addRow;

    private StreamKernels(
        int lanes,
        delegate*<float*, nint*, float*, int, float*, void> forwardNarrow,
        delegate*<float*, nint*, float*, int, float*, void> forwardWide,
        delegate*<float*, nint, float*, float*, nint, int, int, int> combine,
        delegate*<float*, nint, float*, float*, float*, int, int> addRows,
        delegate*<float*, float, float*, int, int> addRow)
    {
        Lanes = lanes;
        _forwardNarrow = forwardNarrow;
        _forwardWide = forwardWide;
        _combine = combine;
        _addRows = addRows;
        _addRow = addRow;
    }

    /// <summary>Floats in a vector.</summary>
    public int Lanes { get; }

    /// <summary>The kernels for an instruction set.</summary>
    public static StreamKernels For(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => Of<Lanes512>(),
        SimdLevel.Avx2 => Of<Lanes256>(),
        SimdLevel.Vector128 => Of<Lanes128>(),
        _ => Of<LanesScalar>(),
    };

    /// <summary>Rows of weights that <see cref="Forward"/> takes abreast for a panel of one or two vectors.</summary>
    public static int RowsAbreast(bool wide) => wide ? 4 : 8;

    /// <summary>tile += rows of weights · panel; see the kernels.</summary>
    public void Forward(bool wide, float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        if (wide) _forwardWide(weights, rows, panel, depth, tile);
        else _forwardNarrow(weights, rows, panel, depth, tile);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.Combine8"/>
    public void Combine8(float* rows, nint rowStride, float* coefficients, float* outputs, nint outputStride, int count, int columns)
    {
        int done = _combine(rows, rowStride, coefficients, outputs, outputStride, count, columns);
        if (done < columns)
            StreamKernel<LanesScalar>.Combine8(rows + done, rowStride, coefficients, outputs + done, outputStride, count, columns - done);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.AddRows8"/>
    public void AddRows8(float* rows, nint rowStride, float* coefficients, float* output, float* next, int columns)
    {
        int done = _addRows(rows, rowStride, coefficients, output, next, columns);
        if (done < columns) StreamKernel<LanesScalar>.AddRows8(rows + done, rowStride, coefficients, output + done, next + done, columns - done);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.AddRow"/>
    public void AddRow(float* row, float coefficient, float* output, int columns)
    {
        int done = _addRow(row, coefficient, output, columns);
        if (done < columns) StreamKernel<LanesScalar>.AddRow(row + done, coefficient, output + done, columns - done);
    }

    private static StreamKernels Of<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> =>
        new(TLanes.Count,
            &StreamKernel<TLanes>.Forward8x1,
            &StreamKernel<TLanes>.Forward4x2,
            &StreamKernel<TLanes>.Combine8,
            &StreamKernel<TLanes>.AddRows8,
            &StreamKernel<TLanes>.AddRow);
}
