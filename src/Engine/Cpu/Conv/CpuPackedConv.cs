namespace IlgpuSpp.Engine.Cpu;

/// <summary>Weights ready to be multiplied with, and what is added to the sums.</summary>
internal readonly unsafe struct PackedWeights(float* values, float* bias)
{
    public float* Values { get; } = values;

    /// <summary>One number an output channel, or null.</summary>
    public float* Bias { get; } = bias;
}

/// <summary>
/// Packed weights of the CPU backend: the panels of a direct convolution, transformed ones of Winograd's, or both, as passes of several sizes ask for them. A batch normalisation scales the
/// weights and becomes a bias: γ·(w∗x + b − mean)/√(variance + ε) + β = (s·w)∗x + (b − mean)·s + β with s = γ/√(variance + ε).
/// </summary>
internal sealed unsafe class CpuPackedConv(CpuBackend backend, ConvSource source) : PackedConv(source)
{
    private readonly Lock _lock = new();
    private readonly Form _direct = new(), _winograd = new();
    private bool _disposed;

    /// <summary>The weights in one of the forms, up to date.</summary>
    public PackedWeights Of(bool winograd)
    {
        Form form = winograd ? _winograd : _direct;
        // Read before the weights: what changes them while they are packed shows at the next call.
        long writes = SourceWrites;
        if (Volatile.Read(ref form.Writes) != writes)
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (form.Writes != writes)
                {
                    Make(form, winograd);
                    Volatile.Write(ref form.Writes, writes);
                }
            }
        }
        return new PackedWeights(form.Values!.Pointer, form.Bias is null ? null : form.Bias.Pointer);
    }

    public override void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Form form in (Form[])[_direct, _winograd])
            {
                form.Values?.Dispose();
                form.Bias?.Dispose();
            }
        }
    }

    private void Make(Form form, bool winograd)
    {
        Shape shape = Source.Weights.Shape;
        int channels = shape[3];
        form.Values ??= backend.Rent(winograd ? backend.WinogradLength(shape, Source.Geometry) : backend.PanelsLength(shape, Source.Geometry.Groups));
        if (Source.Bias is not null || Source.Normalisation is not null) form.Bias ??= backend.Rent(channels);
        float* w = backend.PointerOf(Source.Weights), bias = Source.Bias is null ? null : backend.PointerOf(Source.Bias);
        CpuBuffer? scaled = null;
        try
        {
            if (Source.Normalisation is { } norm)
            {
                scaled = backend.Rent(shape.Count);
                Scale(w, bias, norm, scaled.Pointer, form.Bias!.Pointer);
                w = scaled.Pointer;
            }
            else if (bias is not null)
            {
                new ReadOnlySpan<float>(bias, channels).CopyTo(new Span<float>(form.Bias!.Pointer, channels));
            }
            if (winograd) backend.WinogradTransform(w, shape, Source.Geometry, form.Values.Pointer);
            else backend.Pack(w, shape, Source.Geometry.Groups, form.Values.Pointer);
        }
        finally
        {
            scaled?.Dispose();
        }
    }

    private void Scale(float* w, float* bias, FixedBatchNorm norm, float* scaled, float* shift)
    {
        Shape shape = Source.Weights.Shape;
        int channels = shape[3];
        float* gamma = backend.PointerOf(norm.Gamma), beta = backend.PointerOf(norm.Beta), mean = backend.PointerOf(norm.Mean), variance = backend.PointerOf(norm.Variance);
        var factors = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double factor = gamma[c] / Math.Sqrt((double)variance[c] + norm.Epsilon);
            factors[c] = (float)factor;
            shift[c] = (float)(((bias is null ? 0 : bias[c]) - (double)mean[c]) * factor + beta[c]);
        }
        long rows = shape.Count / channels;
        for (long row = 0; row < rows; row++, w += channels, scaled += channels)
            for (int c = 0; c < channels; c++) scaled[c] = w[c] * factors[c];
    }

    private sealed class Form
    {
        public CpuBuffer? Values, Bias;

        // No sum of numbers of writes is below 0.
        public long Writes = -1;
    }
}
