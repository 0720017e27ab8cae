using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>The streaming kernels of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct StreamKernels : IMadeForLanes<StreamKernels>
{
    /// <summary>Floats in a vector.</summary>
    public int Lanes { get; private init; }

    /// <summary>The kernels for an instruction set.</summary>
    public static StreamKernels For(SimdLevel level) => IMadeForLanes<StreamKernels>.For(level);

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
    // Floats ahead of the place in use: the time of a trip to memory at the speed of the sums.
    private const int PrefetchDistance = 256;

    /// <summary>tile[8, V] += eight rows of weights times a panel of transposed inputs <c>[depth][V]</c>.</summary>
    /// <param name="weights">First weight of the first row.</param>
    /// <param name="rows">Where the other rows begin, in floats from the first.</param>
    /// <param name="panel">The inputs.</param>
    /// <param name="depth">Weights of each row to use.</param>
    /// <param name="tile">The sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward8x1(float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        float* w0 = weights + rows[0], w1 = weights + rows[1], w2 = weights + rows[2], w3 = weights + rows[3];
        float* w4 = weights + rows[4], w5 = weights + rows[5], w6 = weights + rows[6], w7 = weights + rows[7];
        TLanes c0 = TLanes.Splat(0), c1 = TLanes.Splat(0), c2 = TLanes.Splat(0), c3 = TLanes.Splat(0);
        TLanes c4 = TLanes.Splat(0), c5 = TLanes.Splat(0), c6 = TLanes.Splat(0), c7 = TLanes.Splat(0);
        nint k = 0;
        while (k < depth)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(w0 + k + PrefetchDistance);
                Sse.Prefetch0(w1 + k + PrefetchDistance);
                Sse.Prefetch0(w2 + k + PrefetchDistance);
                Sse.Prefetch0(w3 + k + PrefetchDistance);
                Sse.Prefetch0(w4 + k + PrefetchDistance);
                Sse.Prefetch0(w5 + k + PrefetchDistance);
                Sse.Prefetch0(w6 + k + PrefetchDistance);
                Sse.Prefetch0(w7 + k + PrefetchDistance);
            }
            nint end = Math.Min(depth, k + 16);
            for (; k < end; k++)
            {
                TLanes p = TLanes.Load(panel);
                c0 = TLanes.MultiplyAdd(TLanes.Splat(w0[k]), p, c0);
                c1 = TLanes.MultiplyAdd(TLanes.Splat(w1[k]), p, c1);
                c2 = TLanes.MultiplyAdd(TLanes.Splat(w2[k]), p, c2);
                c3 = TLanes.MultiplyAdd(TLanes.Splat(w3[k]), p, c3);
                c4 = TLanes.MultiplyAdd(TLanes.Splat(w4[k]), p, c4);
                c5 = TLanes.MultiplyAdd(TLanes.Splat(w5[k]), p, c5);
                c6 = TLanes.MultiplyAdd(TLanes.Splat(w6[k]), p, c6);
                c7 = TLanes.MultiplyAdd(TLanes.Splat(w7[k]), p, c7);
                panel += TLanes.Count;
            }
        }
        Add(tile, c0);
        Add(tile + TLanes.Count, c1);
        Add(tile + 2 * TLanes.Count, c2);
        Add(tile + 3 * TLanes.Count, c3);
        Add(tile + 4 * TLanes.Count, c4);
        Add(tile + 5 * TLanes.Count, c5);
        Add(tile + 6 * TLanes.Count, c6);
        Add(tile + 7 * TLanes.Count, c7);
    }

    /// <summary>tile[4, 2·V] += four rows of weights times a panel of transposed inputs <c>[depth][2·V]</c>.</summary>
    /// <inheritdoc cref="Forward8x1"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward4x2(float* weights, nint* rows, float* panel, int depth, float* tile)
    {
        float* w0 = weights + rows[0], w1 = weights + rows[1], w2 = weights + rows[2], w3 = weights + rows[3];
        TLanes c0a = TLanes.Splat(0), c0b = TLanes.Splat(0), c1a = TLanes.Splat(0), c1b = TLanes.Splat(0);
        TLanes c2a = TLanes.Splat(0), c2b = TLanes.Splat(0), c3a = TLanes.Splat(0), c3b = TLanes.Splat(0);
        nint k = 0;
        while (k < depth)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(w0 + k + PrefetchDistance);
                Sse.Prefetch0(w1 + k + PrefetchDistance);
                Sse.Prefetch0(w2 + k + PrefetchDistance);
                Sse.Prefetch0(w3 + k + PrefetchDistance);
            }
            nint end = Math.Min(depth, k + 16);
            for (; k < end; k++)
            {
                TLanes p = TLanes.Load(panel), q = TLanes.Load(panel + TLanes.Count);
                TLanes x = TLanes.Splat(w0[k]);
                c0a = TLanes.MultiplyAdd(x, p, c0a);
                c0b = TLanes.MultiplyAdd(x, q, c0b);
                x = TLanes.Splat(w1[k]);
                c1a = TLanes.MultiplyAdd(x, p, c1a);
                c1b = TLanes.MultiplyAdd(x, q, c1b);
                x = TLanes.Splat(w2[k]);
                c2a = TLanes.MultiplyAdd(x, p, c2a);
                c2b = TLanes.MultiplyAdd(x, q, c2b);
                x = TLanes.Splat(w3[k]);
                c3a = TLanes.MultiplyAdd(x, p, c3a);
                c3b = TLanes.MultiplyAdd(x, q, c3b);
                panel += 2 * TLanes.Count;
            }
        }
        Add(tile, c0a);
        Add(tile + TLanes.Count, c0b);
        Add(tile + 2 * TLanes.Count, c1a);
        Add(tile + 3 * TLanes.Count, c1b);
        Add(tile + 4 * TLanes.Count, c2a);
        Add(tile + 5 * TLanes.Count, c2b);
        Add(tile + 6 * TLanes.Count, c3a);
        Add(tile + 7 * TLanes.Count, c3b);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* sums, TLanes value) => (TLanes.Load(sums) + value).Store(sums);
}
