namespace IlgpuSpp.Reference;

/// <summary>Extents of a convolution: x [n, h, w, c], w [kh, kw, c/groups, o], y [n, oh, ow, o].</summary>
public sealed record ReferenceConvShape(
    int Batch, int Height, int Width, int InChannels, int OutChannels,
    int KernelHeight, int KernelWidth, int StrideHeight, int StrideWidth, int PadHeight, int PadWidth, int Groups)
{
    /// <summary>Rows of zeros below.</summary>
    public int PadBottom { get; init; } = PadHeight;

    /// <summary>Columns of zeros to the right.</summary>
    public int PadRight { get; init; } = PadWidth;

    /// <summary>Rows of the output.</summary>
    public int OutHeight => (Height + PadHeight + PadBottom - KernelHeight) / StrideHeight + 1;

    /// <summary>Columns of the output.</summary>
    public int OutWidth => (Width + PadWidth + PadRight - KernelWidth) / StrideWidth + 1;

    /// <summary>Elements of x.</summary>
    public int InputLength => Batch * Height * Width * InChannels;

    /// <summary>Elements of w.</summary>
    public int WeightLength => KernelHeight * KernelWidth * (InChannels / Groups) * OutChannels;

    /// <summary>Elements of y.</summary>
    public int OutputLength => Batch * OutHeight * OutWidth * OutChannels;
}

/// <summary>
/// Convolution by its definition, in double precision. All three passes visit the same products x·w·dy, so that the two
/// gradients are the exact adjoints of the forward pass. Beside each result stands the sum of the absolute values of its terms.
/// </summary>
public static class ReferenceConv
{
    /// <summary>x ∗ w + bias.</summary>
    public static (double[] Value, double[] Magnitude) Forward(float[] x, float[] w, float[]? bias, ReferenceConvShape shape)
    {
        var value = new double[shape.OutputLength];
        var magnitude = new double[shape.OutputLength];
        if (bias is not null)
            for (int i = 0; i < value.Length; i++)
            {
                value[i] = bias[i % shape.OutChannels];
                magnitude[i] = Math.Abs(value[i]);
            }
        foreach ((int xi, int wi, int yi, int count) in Products(shape))
            for (int o = 0; o < count; o++)
                Add(value, magnitude, yi + o, (double)x[xi] * w[wi + o]);
        return (value, magnitude);
    }

    /// <summary>Gradient of the input.</summary>
    public static (double[] Value, double[] Magnitude) InputGradient(float[] dy, float[] w, ReferenceConvShape shape)
    {
        var value = new double[shape.InputLength];
        var magnitude = new double[shape.InputLength];
        foreach ((int xi, int wi, int yi, int count) in Products(shape))
            for (int o = 0; o < count; o++)
                Add(value, magnitude, xi, (double)dy[yi + o] * w[wi + o]);
        return (value, magnitude);
    }

    /// <summary>old + gradient of the weights.</summary>
    public static (double[] Value, double[] Magnitude) WeightGradient(float[] x, float[] dy, float[] old, ReferenceConvShape shape)
    {
        double[] value = Array.ConvertAll(old, v => (double)v);
        double[] magnitude = Array.ConvertAll(old, v => (double)Math.Abs(v));
        foreach ((int xi, int wi, int yi, int count) in Products(shape))
            for (int o = 0; o < count; o++)
                Add(value, magnitude, wi + o, (double)x[xi] * dy[yi + o]);
        return (value, magnitude);
    }

    private static void Add(double[] value, double[] magnitude, int index, double term)
    {
        value[index] += term;
        magnitude[index] += Math.Abs(term);
    }

    // Places in x, w and y of every product, for a run of output channels that share the element of x.
    private static IEnumerable<(int X, int W, int Y, int Count)> Products(ReferenceConvShape s)
    {
        int groupIn = s.InChannels / s.Groups, groupOut = s.OutChannels / s.Groups;
        for (int n = 0; n < s.Batch; n++)
            for (int oy = 0; oy < s.OutHeight; oy++)
                for (int ox = 0; ox < s.OutWidth; ox++)
                    for (int ky = 0; ky < s.KernelHeight; ky++)
                        for (int kx = 0; kx < s.KernelWidth; kx++)
                        {
                            int iy = oy * s.StrideHeight - s.PadHeight + ky, ix = ox * s.StrideWidth - s.PadWidth + kx;
                            if (iy < 0 || iy >= s.Height || ix < 0 || ix >= s.Width) continue;
                            for (int group = 0; group < s.Groups; group++)
                                for (int c = 0; c < groupIn; c++)
                                    yield return (
                                        ((n * s.Height + iy) * s.Width + ix) * s.InChannels + group * groupIn + c,
                                        ((ky * s.KernelWidth + kx) * groupIn + c) * s.OutChannels + group * groupOut,
                                        ((n * s.OutHeight + oy) * s.OutWidth + ox) * s.OutChannels + group * groupOut,
                                        groupOut);
                        }
    }
}
