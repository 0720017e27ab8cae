using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>The streaming kernels of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct StreamKernels : IMadeForLanes<StreamKernels>
{
    /// <summary>Floats in a vector.</summary>
    public int Lanes { get; private init; }

    /// <summary>The kernels for a choice of lanes.</summary>
    public static StreamKernels For(LaneChoice lanes) => IMadeForLanes<StreamKernels>.For(lanes);

    /// <summary>Rows of weights that <see cref="Forward"/> takes abreast for a panel of one or two vectors.</summary>
    public static int RowsAbreast(bool wide) => wide ? 4 : 8;

    /// <summary>tile += rows of weights · panel; see the kernels.</summary>
    public void Forward(bool wide, float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        if (wide) ForwardWide(weights, rows, panel, depth, tile);
        else ForwardNarrow(weights, rows, panel, depth, tile);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.Combine8"/>
    public void Combine8(float* rows, nint rowStride, float* coefficients, float* outputs, nint outputStride, int count, int columns)
    {
        int done = OfCombine(rows, rowStride, coefficients, outputs, outputStride, count, columns);
        if (done < columns)
            StreamKernel<LanesScalar>.Combine8(rows + done, rowStride, coefficients, outputs + done, outputStride, count, columns - done);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.AddRows8"/>
    public void AddRows8(float* rows, nint rowStride, float* coefficients, float* output, float* next, int columns)
    {
        int done = OfAddRows(rows, rowStride, coefficients, output, next, columns);
        if (done < columns) StreamKernel<LanesScalar>.AddRows8(rows + done, rowStride, coefficients, output + done, next + done, columns - done);
    }

    /// <inheritdoc cref="StreamKernel{TLanes}.AddRow"/>
    public void AddRow(float* row, float coefficient, float* output, int columns)
    {
        int done = OfAddRow(row, coefficient, output, columns);
        if (done < columns) StreamKernel<LanesScalar>.AddRow(row + done, coefficient, output + done, columns - done);
    }

    /// <inheritdoc/>
    public static StreamKernels Make<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => new()
    {
        Lanes = TLanes.Count,
        ForwardNarrow = &StreamKernel<TLanes>.Forward8x1,
        ForwardWide = &StreamKernel<TLanes>.Forward4x2,
        OfCombine = &StreamKernel<TLanes>.Combine8,
        OfAddRows = &StreamKernel<TLanes>.AddRows8,
        OfAddRow = &StreamKernel<TLanes>.AddRow,
    };

    private delegate*<float*, nint*, float*, int, float*, void> ForwardNarrow { get; init; }

    private delegate*<float*, nint*, float*, int, float*, void> ForwardWide { get; init; }

    private delegate*<float*, nint, float*, float*, nint, int, int, int> OfCombine { get; init; }

    private delegate*<float*, nint, float*, float*, float*, int, int> OfAddRows { get; init; }

    private delegate*<float*, float, float*, int, int> OfAddRow { get; init; }
}

/// <summary>
/// Kernels for fully connected layers at a small batch. The weights are read once, straight from where they lie, a few
/// rows abreast: their transfer from memory is what the layer costs, and copying them first would add to it.
/// </summary>
internal static unsafe class StreamKernel<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>tile[8, V] += eight rows of weights times a panel of transposed inputs <c>[depth][V]</c>.</summary>
    /// <param name="weights">First weight of the first row.</param>
    /// <param name="rows">Where the other rows begin, in floats from the first.</param>
    /// <param name="panel">The inputs.</param>
    /// <param name="depth">Weights of each row to use.</param>
    /// <param name="tile">The sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward8x1(float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        var low = new FourStreams<TLanes>(weights, rows);
        var high = new FourStreams<TLanes>(weights, rows + 4);
        for (nint k = 0; k < depth;)
        {
            low.Prefetch(k);
            high.Prefetch(k);
            for (nint end = Math.Min(depth, k + 16); k < end; k++, panel += TLanes.Count)
            {
                TLanes p = TLanes.Load(panel);
                low.Add(k, p);
                high.Add(k, p);
            }
        }
        low.AddTo(tile);
        high.AddTo(tile + 4 * TLanes.Count);
    }

    /// <summary>tile[4, 2·V] += four rows of weights times a panel of transposed inputs <c>[depth][2·V]</c>.</summary>
    /// <inheritdoc cref="Forward8x1"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward4x2(float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        var streams = new FourStreams<TwoVectors<TLanes>>(weights, rows);
        for (nint k = 0; k < depth;)
        {
            streams.Prefetch(k);
            for (nint end = Math.Min(depth, k + 16); k < end; k++, panel += 2 * TLanes.Count) streams.Add(k, TwoVectors<TLanes>.Load(panel));
        }
        streams.AddTo(tile);
    }

    /// <summary>
    /// outputs[j, i] += Σ over eight rows r of coefficients[j, r]·rows[r, i]: each vector of the rows is read once for all outputs.
    /// </summary>
    /// <param name="rows">First of the eight rows.</param>
    /// <param name="rowStride">Floats between rows.</param>
    /// <param name="coefficients">Eight numbers an output.</param>
    /// <param name="outputs">First output.</param>
    /// <param name="outputStride">Floats between outputs.</param>
    /// <param name="count">Outputs.</param>
    /// <param name="columns">Floats of a row.</param>
    /// <returns>Columns done: whole vectors.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Combine8(float* rows, nint rowStride, float* coefficients, float* outputs, nint outputStride, int count, int columns)
    {
        int done = 0;
        for (; done <= columns - TLanes.Count; done += TLanes.Count)
        {
            float* row = rows + done, ahead = row + 8 * rowStride;
            if (Sse.IsSupported)
            {
                // The next eight rows: too far apart for the processor to foresee. Into the second-level cache, because
                // rows a power of two apart share their places in the first.
                Sse.Prefetch1(ahead);
                Sse.Prefetch1(ahead + rowStride);
                Sse.Prefetch1(ahead + 2 * rowStride);
                Sse.Prefetch1(ahead + 3 * rowStride);
                ahead += 4 * rowStride;
                Sse.Prefetch1(ahead);
                Sse.Prefetch1(ahead + rowStride);
                Sse.Prefetch1(ahead + 2 * rowStride);
                Sse.Prefetch1(ahead + 3 * rowStride);
            }
            TLanes r0 = TLanes.Load(row), r1 = TLanes.Load(row + rowStride), r2 = TLanes.Load(row + 2 * rowStride), r3 = TLanes.Load(row + 3 * rowStride);
            row += 4 * rowStride;
            TLanes r4 = TLanes.Load(row), r5 = TLanes.Load(row + rowStride), r6 = TLanes.Load(row + 2 * rowStride), r7 = TLanes.Load(row + 3 * rowStride);
            float* factor = coefficients, output = outputs + done;
            for (int j = 0; j < count; j++, factor += 8, output += outputStride)
            {
                TLanes even = TLanes.MultiplyAdd(TLanes.Splat(factor[0]), r0, TLanes.Load(output));
                TLanes odd = TLanes.Splat(factor[1]) * r1;
                even = TLanes.MultiplyAdd(TLanes.Splat(factor[2]), r2, even);
                odd = TLanes.MultiplyAdd(TLanes.Splat(factor[3]), r3, odd);
                even = TLanes.MultiplyAdd(TLanes.Splat(factor[4]), r4, even);
                odd = TLanes.MultiplyAdd(TLanes.Splat(factor[5]), r5, odd);
                even = TLanes.MultiplyAdd(TLanes.Splat(factor[6]), r6, even);
                odd = TLanes.MultiplyAdd(TLanes.Splat(factor[7]), r7, odd);
                (even + odd).Store(output);
            }
        }
        return done;
    }

    /// <summary>output[i] += Σ over eight rows r of coefficients[r]·rows[r, i].</summary>
    /// <param name="rows">First of the eight rows.</param>
    /// <param name="rowStride">Floats between rows.</param>
    /// <param name="coefficients">Eight numbers.</param>
    /// <param name="output">The sums.</param>
    /// <param name="next">The output that will be asked for next; it is fetched meanwhile.</param>
    /// <param name="columns">Floats of a row.</param>
    /// <returns>Columns done: whole vectors.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddRows8(float* rows, nint rowStride, float* coefficients, float* output, float* next, int columns)
    {
        TLanes f0 = TLanes.Splat(coefficients[0]), f1 = TLanes.Splat(coefficients[1]);
        TLanes f2 = TLanes.Splat(coefficients[2]), f3 = TLanes.Splat(coefficients[3]);
        TLanes f4 = TLanes.Splat(coefficients[4]), f5 = TLanes.Splat(coefficients[5]);
        TLanes f6 = TLanes.Splat(coefficients[6]), f7 = TLanes.Splat(coefficients[7]);
        float* lower = rows, upper = rows + 4 * rowStride;
        int done = 0;
        for (; done <= columns - TLanes.Count; done += TLanes.Count)
        {
            if (Sse.IsSupported) Sse.Prefetch0(next + done);
            TLanes even = TLanes.MultiplyAdd(f0, TLanes.Load(lower), TLanes.Load(output));
            TLanes odd = f1 * TLanes.Load(lower + rowStride);
            even = TLanes.MultiplyAdd(f2, TLanes.Load(lower + 2 * rowStride), even);
            odd = TLanes.MultiplyAdd(f3, TLanes.Load(lower + 3 * rowStride), odd);
            even = TLanes.MultiplyAdd(f4, TLanes.Load(upper), even);
            odd = TLanes.MultiplyAdd(f5, TLanes.Load(upper + rowStride), odd);
            even = TLanes.MultiplyAdd(f6, TLanes.Load(upper + 2 * rowStride), even);
            odd = TLanes.MultiplyAdd(f7, TLanes.Load(upper + 3 * rowStride), odd);
            (even + odd).Store(output);
            lower += TLanes.Count;
            upper += TLanes.Count;
            output += TLanes.Count;
        }
        return done;
    }

    /// <summary>output[i] += coefficient·row[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddRow(float* row, float coefficient, float* output, int columns)
    {
        TLanes factor = TLanes.Splat(coefficient);
        int done = 0;
        for (; done <= columns - TLanes.Count; done += TLanes.Count)
            TLanes.MultiplyAdd(factor, TLanes.Load(row + done), TLanes.Load(output + done)).Store(output + done);
        return done;
    }
}

/// <summary>Four rows of weights that are read abreast, and their sums.</summary>
internal unsafe struct FourStreams<TVector>
    where TVector : unmanaged, IVector<TVector>
{
    // Floats ahead of the place in use: the time of a trip to memory at the speed of the sums.
    private const int PrefetchDistance = 256;

    private readonly float* _w0, _w1, _w2, _w3;
    private TVector _c0, _c1, _c2, _c3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FourStreams(float* weights, nint* rows)
    {
        _w0 = weights + rows[0];
        _w1 = weights + rows[1];
        _w2 = weights + rows[2];
        _w3 = weights + rows[3];
        _c0 = _c1 = _c2 = _c3 = TVector.Splat(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(nint k)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(_w0 + k + PrefetchDistance);
        Sse.Prefetch0(_w1 + k + PrefetchDistance);
        Sse.Prefetch0(_w2 + k + PrefetchDistance);
        Sse.Prefetch0(_w3 + k + PrefetchDistance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(nint k, TVector p)
    {
        _c0 = TVector.MultiplyAdd(TVector.Splat(_w0[k]), p, _c0);
        _c1 = TVector.MultiplyAdd(TVector.Splat(_w1[k]), p, _c1);
        _c2 = TVector.MultiplyAdd(TVector.Splat(_w2[k]), p, _c2);
        _c3 = TVector.MultiplyAdd(TVector.Splat(_w3[k]), p, _c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(float* tile)
    {
        (TVector.Load(tile) + _c0).Store(tile);
        (TVector.Load(tile + TVector.Count) + _c1).Store(tile + TVector.Count);
        (TVector.Load(tile + 2 * TVector.Count) + _c2).Store(tile + 2 * TVector.Count);
        (TVector.Load(tile + 3 * TVector.Count) + _c3).Store(tile + 3 * TVector.Count);
    }
}
