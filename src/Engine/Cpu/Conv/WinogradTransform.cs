namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The transforms of the minimal filtering algorithm F(4×4, 3×3), Lavin and Gray, "Fast Algorithms for Convolutional
/// Neural Networks" (CVPR 2016), interpolation points 0, ±1, ±2, ∞: y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A on tiles of 4×4 outputs
/// and 6×6 inputs. Lanes are channels. Each method handles as many channels as whole vectors hold and returns how many
/// that were; <see cref="LanesScalar"/> does the rest.
/// </summary>
internal static unsafe class WinogradTransform<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>V = Bᵀ·x·B of one tile.</summary>
    /// <param name="source">First channel of the tile's upper left element.</param>
    /// <param name="rowStride">Floats between rows of the tile.</param>
    /// <param name="columnStride">Floats between columns of the tile.</param>
    /// <param name="destination">First channel of the first of 36 points.</param>
    /// <param name="pointStride">Floats between points.</param>
    /// <param name="channels">Channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Input(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        float* half = stackalloc float[36 * 16];
        int width = TLanes.Count, done = 0;
        TLanes four = TLanes.Splat(4), minusFour = TLanes.Splat(-4), minusFive = TLanes.Splat(-5), two = TLanes.Splat(2);
        for (; done <= channels - width; done += width)
        {
            float* from = source + done, to = half;
            for (int i = 0; i < 12; i++)
            {
                // First the six columns of the tile, then the six rows of what they became.
                TLanes d0, d1, d2, d3, d4, d5;
                if (i < 6)
                {
                    d0 = TLanes.Load(from);
                    d1 = TLanes.Load(from + rowStride);
                    d2 = TLanes.Load(from + 2 * rowStride);
                    d3 = TLanes.Load(from + 3 * rowStride);
                    d4 = TLanes.Load(from + 4 * rowStride);
                    d5 = TLanes.Load(from + 5 * rowStride);
                }
                else
                {
                    from = half + (i - 6) * width;
                    d0 = TLanes.Load(from);
                    d1 = TLanes.Load(from + 6 * width);
                    d2 = TLanes.Load(from + 12 * width);
                    d3 = TLanes.Load(from + 18 * width);
                    d4 = TLanes.Load(from + 24 * width);
                    d5 = TLanes.Load(from + 30 * width);
                }
                TLanes even = TLanes.MultiplyAdd(minusFour, d2, d4), odd = TLanes.MultiplyAdd(minusFour, d1, d3);
                TLanes even2 = d4 - d2, odd2 = two * (d3 - d1);
                TLanes v0 = TLanes.MultiplyAdd(four, d0, TLanes.MultiplyAdd(minusFive, d2, d4));
                TLanes v5 = TLanes.MultiplyAdd(four, d1, TLanes.MultiplyAdd(minusFive, d3, d5));
                if (i < 6)
                {
                    Store(to, width, v0, even, odd, even2, odd2, v5);
                    from += columnStride;
                    to += 6 * width;
                }
                else
                {
                    Store(destination + (nint)(6 * (i - 6)) * pointStride + done, pointStride, v0, even, odd, even2, odd2, v5);
                }
            }
        }
        return done;
    }

    /// <summary>y = Aᵀ·M·A of one tile, with bias and rectifier, stored where the tile lies on the map.</summary>
    /// <param name="source">First channel of the first of 36 points.</param>
    /// <param name="pointStride">Floats between points.</param>
    /// <param name="destination">Where the tile's upper left element would lie.</param>
    /// <param name="rowStride">Floats between rows of the tile.</param>
    /// <param name="columnStride">Floats between columns of the tile.</param>
    /// <param name="inside">Which part of the tile lies on the map.</param>
    /// <param name="bias">One number a channel, or null.</param>
    /// <param name="added">What is added, with the strides of <paramref name="destination"/>, or null.</param>
    /// <param name="relu">Whether negative outputs become 0.</param>
    /// <param name="channels">Channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Output(
        float* source, nint pointStride, float* destination, nint rowStride, nint columnStride, TileExtent inside, float* bias, float* added, bool relu, int channels)
    {
        float* half = stackalloc float[24 * 16];
        int width = TLanes.Count, done = 0;
        for (; done <= channels - width; done += width)
        {
            float* from = source + done;
            for (int i = 0; i < 6; i++, from += pointStride)
            {
                Outputs(from, 6 * pointStride, out TLanes y0, out TLanes y1, out TLanes y2, out TLanes y3);
                y0.Store(half + i * width);
                y1.Store(half + (6 + i) * width);
                y2.Store(half + (12 + i) * width);
                y3.Store(half + (18 + i) * width);
            }
            TLanes offset = bias is null ? TLanes.Splat(0) : TLanes.Load(bias + done);
            for (int row = inside.Top; row < inside.Bottom; row++)
            {
                Outputs(half + 6 * row * width, width, out TLanes y0, out TLanes y1, out TLanes y2, out TLanes y3);
                y0 += offset;
                y1 += offset;
                y2 += offset;
                y3 += offset;
                float* to = destination + row * rowStride + done;
                if (added is not null)
                {
                    float* other = added + row * rowStride + done;
                    if (inside.Left <= 0 && inside.Right > 0) y0 += TLanes.Load(other);
                    if (inside.Left <= 1 && inside.Right > 1) y1 += TLanes.Load(other + columnStride);
                    if (inside.Left <= 2 && inside.Right > 2) y2 += TLanes.Load(other + 2 * columnStride);
                    if (inside.Left <= 3 && inside.Right > 3) y3 += TLanes.Load(other + 3 * columnStride);
                }
                if (relu)
                {
                    y0 = TLanes.AtLeast(TLanes.Splat(0), y0);
                    y1 = TLanes.AtLeast(TLanes.Splat(0), y1);
                    y2 = TLanes.AtLeast(TLanes.Splat(0), y2);
                    y3 = TLanes.AtLeast(TLanes.Splat(0), y3);
                }
                if (inside.Left <= 0 && inside.Right > 0) y0.Store(to);
                if (inside.Left <= 1 && inside.Right > 1) y1.Store(to + columnStride);
                if (inside.Left <= 2 && inside.Right > 2) y2.Store(to + 2 * columnStride);
                if (inside.Left <= 3 && inside.Right > 3) y3.Store(to + 3 * columnStride);
            }
        }
        return done;
    }

    /// <summary>A·dy·Aᵀ of one 4×4 tile: the adjoint of <see cref="Output"/>.</summary>
    /// <param name="source">First channel of the tile's upper left element.</param>
    /// <param name="rowStride">Floats between rows of the tile.</param>
    /// <param name="columnStride">Floats between columns of the tile.</param>
    /// <param name="destination">First channel of the first of 36 points.</param>
    /// <param name="pointStride">Floats between points.</param>
    /// <param name="channels">Channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int OutputGradient(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        float* half = stackalloc float[24 * 16];
        int width = TLanes.Count, done = 0;
        TLanes two = TLanes.Splat(2), four = TLanes.Splat(4), eight = TLanes.Splat(8);
        for (; done <= channels - width; done += width)
        {
            float* from = source + done, to = half;
            for (int i = 0; i < 10; i++)
            {
                nint step = i < 4 ? rowStride : 6 * width;
                if (i >= 4) from = half + (i - 4) * width;
                TLanes g0 = TLanes.Load(from), g1 = TLanes.Load(from + step), g2 = TLanes.Load(from + 2 * step), g3 = TLanes.Load(from + 3 * step);
                TLanes even = g0 + g2, odd = g1 + g3;
                TLanes even2 = TLanes.MultiplyAdd(four, g2, g0), odd2 = TLanes.MultiplyAdd(eight, g3, two * g1);
                if (i >= 4) to = destination + (nint)(6 * (i - 4)) * pointStride + done;
                Store(to, i < 4 ? width : pointStride, g0, even, odd, even2, odd2, g3);
                from += columnStride;
                to += 6 * width;
            }
        }
        return done;
    }

    /// <summary>U = G·w·Gᵀ for one input channel.</summary>
    /// <param name="taps">Nine rows of output channels.</param>
    /// <param name="destination">First channel of the first of 36 points.</param>
    /// <param name="pointStride">Floats between points.</param>
    /// <param name="first">First output channel.</param>
    /// <param name="channels">Output channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Weights(float** taps, float* destination, nint pointStride, int first, int channels)
    {
        float* half = stackalloc float[18 * 16];
        int width = TLanes.Count, done = 0;
        TLanes quarter = TLanes.Splat(1f / 4), minusSixth = TLanes.Splat(-1f / 6), sixth = TLanes.Splat(1f / 6);
        TLanes twelfth = TLanes.Splat(1f / 12), twentyFourth = TLanes.Splat(1f / 24);
        for (; done <= channels - width; done += width)
        {
            for (int i = 0; i < 9; i++)
            {
                TLanes w0, w1, w2;
                if (i < 3)
                {
                    w0 = TLanes.Load(taps[i] + first + done);
                    w1 = TLanes.Load(taps[3 + i] + first + done);
                    w2 = TLanes.Load(taps[6 + i] + first + done);
                }
                else
                {
                    float* from = half + (i - 3) * width;
                    w0 = TLanes.Load(from);
                    w1 = TLanes.Load(from + 6 * width);
                    w2 = TLanes.Load(from + 12 * width);
                }
                TLanes even = minusSixth * (w0 + w2), odd = minusSixth * w1;
                TLanes even2 = TLanes.MultiplyAdd(twentyFourth, w0, sixth * w2), odd2 = twelfth * w1;
                float* to = i < 3 ? half + 6 * i * width : destination + (nint)(6 * (i - 3)) * pointStride + done;
                Store(to, i < 3 ? width : pointStride, quarter * w0, even, odd, even2, odd2, w2);
            }
        }
        return done;
    }

    /// <summary>dw += Gᵀ·dU·G for one input channel: the adjoint of <see cref="Weights"/>.</summary>
    /// <param name="source">First channel of the first of 36 points.</param>
    /// <param name="pointStride">Floats between points.</param>
    /// <param name="taps">Nine rows of output channels; those that are null are left out.</param>
    /// <param name="first">First output channel.</param>
    /// <param name="channels">Output channels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int WeightGradient(float* source, nint pointStride, float** taps, int first, int channels)
    {
        float* half = stackalloc float[18 * 16];
        int width = TLanes.Count, done = 0;
        TLanes quarter = TLanes.Splat(1f / 4), minusSixth = TLanes.Splat(-1f / 6), sixth = TLanes.Splat(1f / 6);
        TLanes twelfth = TLanes.Splat(1f / 12), twentyFourth = TLanes.Splat(1f / 24);
        for (; done <= channels - width; done += width)
        {
            for (int i = 0; i < 9; i++)
            {
                nint step = i < 6 ? 6 * pointStride : width;
                float* from = i < 6 ? source + i * pointStride + done : half + 6 * (i - 6) * width;
                TLanes u1 = TLanes.Load(from + step), u2 = TLanes.Load(from + 2 * step), u3 = TLanes.Load(from + 3 * step), u4 = TLanes.Load(from + 4 * step);
                TLanes sum = u1 + u2, sum2 = u3 + u4;
                TLanes w0 = TLanes.MultiplyAdd(quarter, TLanes.Load(from), TLanes.MultiplyAdd(minusSixth, sum, twentyFourth * sum2));
                TLanes w1 = TLanes.MultiplyAdd(sixth, u2 - u1, twelfth * (u3 - u4));
                TLanes w2 = TLanes.MultiplyAdd(sixth, sum2 - sum, TLanes.Load(from + 5 * step));
                if (i < 6)
                {
                    w0.Store(half + i * width);
                    w1.Store(half + (6 + i) * width);
                    w2.Store(half + (12 + i) * width);
                }
                else
                {
                    Accumulate(taps[3 * (i - 6)], first + done, w0);
                    Accumulate(taps[3 * (i - 6) + 1], first + done, w1);
                    Accumulate(taps[3 * (i - 6) + 2], first + done, w2);
                }
            }
        }
        return done;
    }

    // Six points from a transform's first and last, and the halves of the two pairs between.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, nint next, TLanes first, TLanes even, TLanes odd, TLanes even2, TLanes odd2, TLanes last)
    {
        first.Store(to);
        (even + odd).Store(to + next);
        (even - odd).Store(to + 2 * next);
        (even2 + odd2).Store(to + 3 * next);
        (even2 - odd2).Store(to + 4 * next);
        last.Store(to + 5 * next);
    }

    // Four outputs of six points, along one direction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Outputs(float* from, nint step, out TLanes y0, out TLanes y1, out TLanes y2, out TLanes y3)
    {
        TLanes m1 = TLanes.Load(from + step), m2 = TLanes.Load(from + 2 * step), m3 = TLanes.Load(from + 3 * step), m4 = TLanes.Load(from + 4 * step);
        TLanes sum = m1 + m2, difference = m1 - m2;
        TLanes sum2 = m3 + m4, difference2 = m3 - m4;
        y0 = TLanes.Load(from) + sum + sum2;
        y1 = TLanes.MultiplyAdd(TLanes.Splat(2), difference2, difference);
        y2 = TLanes.MultiplyAdd(TLanes.Splat(4), sum2, sum);
        y3 = TLanes.MultiplyAdd(TLanes.Splat(8), difference2, difference) + TLanes.Load(from + 5 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(float* row, int offset, TLanes value)
    {
        if (row is not null) (TLanes.Load(row + offset) + value).Store(row + offset);
    }
}

/// <summary>The part of a tile that lies on a map: rows from Top to below Bottom, columns from Left to below Right.</summary>
internal readonly record struct TileExtent(int Top, int Bottom, int Left, int Right);

/// <summary>The Winograd transforms of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct WinogradKernel : IMadeForLanes<WinogradKernel>
{
    /// <summary>The transforms for a choice of lanes.</summary>
    public static WinogradKernel For(LaneChoice lanes) => IMadeForLanes<WinogradKernel>.For(lanes);

    /// <inheritdoc cref="WinogradTransform{TLanes}.Input"/>
    public void Input(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        int done = OfInput(source, rowStride, columnStride, destination, pointStride, channels);
        if (done < channels) WinogradTransform<LanesScalar>.Input(source + done, rowStride, columnStride, destination + done, pointStride, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.Output"/>
    public void Output(
        float* source, nint pointStride, float* destination, nint rowStride, nint columnStride, TileExtent inside, float* bias, float* added, bool relu, int channels)
    {
        int done = OfOutput(source, pointStride, destination, rowStride, columnStride, inside, bias, added, relu, channels);
        if (done < channels)
            WinogradTransform<LanesScalar>.Output(
                source + done, pointStride, destination + done, rowStride, columnStride, inside, bias is null ? null : bias + done, added is null ? null : added + done, relu,
                channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.OutputGradient"/>
    public void OutputGradient(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        int done = OfOutputGradient(source, rowStride, columnStride, destination, pointStride, channels);
        if (done < channels)
            WinogradTransform<LanesScalar>.OutputGradient(source + done, rowStride, columnStride, destination + done, pointStride, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.Weights"/>
    public void Weights(float** taps, float* destination, nint pointStride, int first, int channels)
    {
        int done = OfWeights(taps, destination, pointStride, first, channels);
        if (done < channels) WinogradTransform<LanesScalar>.Weights(taps, destination + done, pointStride, first + done, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.WeightGradient"/>
    public void WeightGradient(float* source, nint pointStride, float** taps, int first, int channels)
    {
        int done = OfWeightGradient(source, pointStride, taps, first, channels);
        if (done < channels) WinogradTransform<LanesScalar>.WeightGradient(source + done, pointStride, taps, first + done, channels - done);
    }

    /// <inheritdoc/>
    public static WinogradKernel Make<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => new()
    {
        OfInput = &WinogradTransform<TLanes>.Input,
        OfOutput = &WinogradTransform<TLanes>.Output,
        OfOutputGradient = &WinogradTransform<TLanes>.OutputGradient,
        OfWeights = &WinogradTransform<TLanes>.Weights,
        OfWeightGradient = &WinogradTransform<TLanes>.WeightGradient,
    };

    private delegate*<float*, nint, nint, float*, nint, int, int> OfInput { get; init; }

    private delegate*<float*, nint, float*, nint, nint, TileExtent, float*, float*, bool, int, int> OfOutput { get; init; }

    private delegate*<float*, nint, nint, float*, nint, int, int> OfOutputGradient { get; init; }

    private delegate*<float**, float*, nint, int, int, int> OfWeights { get; init; }

    private delegate*<float*, nint, float**, int, int, int> OfWeightGradient { get; init; }
}
