namespace IlgpuSpp.Engine.Cpu;

/// <summary>Mean and sum of squared deviations of one chunk of rows, for every channel.</summary>
internal unsafe struct BatchNormMomentsMap : IColumnMap
{
    public float* X;

    /// <summary>For every chunk the channels' means, then their sums of squared deviations.</summary>
    public float* Moments;

    // The second pass also corrects what the first sum lost to rounding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IColumnMap.Column<TLanes>(RowChunk chunk, int c)
    {
        int channels = chunk.Columns, rows = (int)(chunk.End - chunk.Start);
        float* x = X + chunk.Start * channels + c, target = Moments + 2L * chunk.Index * channels + c;
        TLanes sum = TLanes.Splat(0), count = TLanes.Splat(rows);
        float* at = x;
        for (int r = 0; r < rows; r++, at += channels) sum += TLanes.Load(at);
        TLanes mean = sum / count, rest = TLanes.Splat(0), squares = TLanes.Splat(0);
        at = x;
        for (int r = 0; r < rows; r++, at += channels)
        {
            TLanes d = TLanes.Load(at) - mean;
            rest += d;
            squares += d * d;
        }
        (mean + rest / count).Store(target);
        (squares - rest * rest / count).Store(target + channels);
    }
}

/// <summary>Joins the chunks' moments for 64 channels and moves the running statistics.</summary>
internal unsafe struct BatchNormStatisticsJob : IParallelJob
{
    public const int ChannelsPerItem = 64;

    public float* Moments, Mean, InvStd, RunningMean, RunningVariance;
    public RowChunks Chunks;
    public float Momentum, Epsilon;

    public readonly void Run(int item, int worker)
    {
        int channels = Chunks.Columns, end = Math.Min((item + 1) * ChannelsPerItem, channels), chunks = Chunks.Count;
        for (int c = item * ChannelsPerItem; c < end; c++)
        {
            double sum = 0;
            for (int k = 0; k < chunks; k++) sum += Size(k) * (double)Moments[2L * k * channels + c];
            double mean = sum / Chunks.Rows, squares = 0;
            for (int k = 0; k < chunks; k++)
            {
                double d = Moments[2L * k * channels + c] - mean;
                squares += Moments[(2L * k + 1) * channels + c] + Size(k) * d * d;
            }
            Mean[c] = (float)mean;
            InvStd[c] = (float)(1 / Math.Sqrt(squares / Chunks.Rows + Epsilon));
            double unbiased = squares / Math.Max(1, Chunks.Rows - 1);
            RunningMean[c] = (float)((1.0 - Momentum) * RunningMean[c] + Momentum * mean);
            RunningVariance[c] = (float)((1.0 - Momentum) * RunningVariance[c] + Momentum * unbiased);
        }
    }

    private readonly long Size(int chunk)
    {
        var (start, end) = Chunks.Range(chunk);
        return end - start;
    }
}

/// <summary>y = γ·(x − mean)·invStd + β.</summary>
internal unsafe struct BatchNormNormaliseMap : IElementMap
{
    public float* X, Y, Mean, InvStd, Gamma, Beta;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IElementMap.Element<TLanes>(long at, int c)
    {
        TLanes centred = TLanes.Load(X + at + c) - TLanes.Load(Mean + c);
        (centred * (TLanes.Load(Gamma + c) * TLanes.Load(InvStd + c)) + TLanes.Load(Beta + c)).Store(Y + at + c);
    }
}

/// <summary>Σ dy and Σ dy·x̂ of one chunk of rows, for every channel.</summary>
internal unsafe struct BatchNormGradientSumsMap : IColumnMap
{
    public float* X, Dy, Mean, InvStd;

    /// <summary>For every chunk the channels' Σ dy, then their Σ dy·x̂.</summary>
    public float* Sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IColumnMap.Column<TLanes>(RowChunk chunk, int c)
    {
        int channels = chunk.Columns;
        float* target = Sums + 2L * chunk.Index * channels + c;
        TLanes mean = TLanes.Load(Mean + c), invStd = TLanes.Load(InvStd + c), sum = TLanes.Splat(0), products = TLanes.Splat(0);
        for (long row = chunk.Start; row < chunk.End; row++)
        {
            TLanes dy = TLanes.Load(Dy + row * channels + c);
            sum += dy;
            products += dy * ((TLanes.Load(X + row * channels + c) - mean) * invStd);
        }
        sum.Store(target);
        products.Store(target + channels);
    }
}

/// <summary>dx = γ·invStd·(dy − (Σ dy + x̂·Σ dy·x̂)/rows).</summary>
internal unsafe struct BatchNormBackwardMap : IElementMap
{
    public float* X, Dy, Dx, Mean, InvStd, Gamma;

    /// <summary>The channels' Σ dy over all rows, then their Σ dy·x̂.</summary>
    public float* Sums;

    public long Rows;
    public int Channels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void IElementMap.Element<TLanes>(long at, int c)
    {
        TLanes invStd = TLanes.Load(InvStd + c), rows = TLanes.Splat(Rows);
        TLanes normalised = (TLanes.Load(X + at + c) - TLanes.Load(Mean + c)) * invStd;
        TLanes shared = (TLanes.Load(Sums + c) + normalised * TLanes.Load(Sums + Channels + c)) / rows;
        (TLanes.Load(Gamma + c) * invStd * (TLanes.Load(Dy + at + c) - shared)).Store(Dx + at + c);
    }
}

/// <summary>1/√(variance + ε) of 64 channels.</summary>
internal unsafe struct InverseDeviationJob : IParallelJob
{
    public float* Variance, InvStd;
    public int Channels;
    public float Epsilon;

    public readonly void Run(int item, int worker)
    {
        int end = Math.Min((item + 1) * BatchNormStatisticsJob.ChannelsPerItem, Channels);
        for (int c = item * BatchNormStatisticsJob.ChannelsPerItem; c < end; c++)
            InvStd[c] = (float)(1 / Math.Sqrt((double)Variance[c] + Epsilon));
    }
}
