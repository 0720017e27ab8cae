namespace IlgpuSpp.Data.Imaging;

/// <summary>For each output position of one axis, the source positions it draws on and their weights, which sum to 1.</summary>
internal sealed class ResizeWeights(int length, int taps)
{
    /// <summary>Source positions for each output position; unused ones weigh 0.</summary>
    public int Taps { get; } = taps;

    /// <summary>The first source position of each output position.</summary>
    public int[] First { get; } = new int[length];

    /// <summary><c>[length, Taps]</c>.</summary>
    public float[] Weights { get; } = new float[length * taps];

    /// <summary>The first source position used by any output.</summary>
    public int Lowest { get; private set; }

    /// <summary>One past the last source position used by any output.</summary>
    public int End { get; private set; }

    /// <summary>Computes the weights of one axis.</summary>
    /// <param name="sourceLength">Pixels of the source.</param>
    /// <param name="origin">Where the region begins.</param>
    /// <param name="extent">How long the region is.</param>
    /// <param name="length">Pixels of the output.</param>
    /// <param name="filter">The filter. Nothing outside the pixels that the region touches is drawn on.</param>
    public static ResizeWeights Create(int sourceLength, double origin, double extent, int length, ResizeFilter filter)
    {
        int low = Math.Clamp((int)Math.Floor(origin), 0, sourceLength - 1);
        int high = Math.Clamp((int)Math.Ceiling(origin + extent) - 1, low, sourceLength - 1);
        double scale = extent / length;
        ResizeWeights weights = filter switch
        {
            ResizeFilter.Bilinear => Linear(length, low, high, i => origin + ((i + 0.5) * scale) - 0.5),
            ResizeFilter.BilinearAlignCorners => Linear(length, low, high, i => length == 1 ? origin : origin + (i * (extent - 1) / (length - 1))),
            ResizeFilter.BilinearAntialias => Triangle(length, low, high, origin, scale),
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "There is no such filter."),
        };
        weights.Lowest = weights.First.Min();
        weights.End = weights.First.Max() + weights.Taps;
        return weights;
    }

    private static ResizeWeights Linear(int length, int low, int high, Func<int, double> position)
    {
        var result = new ResizeWeights(length, Math.Min(2, high - low + 1));
        for (int i = 0; i < length; i++)
        {
            double at = position(i);
            int left = (int)Math.Floor(at);
            float fraction = (float)(at - left);
            int first = Math.Clamp(left, low, high - result.Taps + 1);
            result.First[i] = first;
            result.Weights[(i * result.Taps) + Math.Clamp(left, low, high) - first] += 1 - fraction;
            result.Weights[(i * result.Taps) + Math.Clamp(left + 1, low, high) - first] += fraction;
        }

        return result;
    }

    private static ResizeWeights Triangle(int length, int low, int high, double origin, double scale)
    {
        // The triangle reaches one output pixel to each side, but at least one source pixel.
        double reach = Math.Max(scale, 1);
        var result = new ResizeWeights(length, Math.Min((int)Math.Ceiling(2 * reach) + 1, high - low + 1));
        for (int i = 0; i < length; i++)
        {
            double centre = origin + ((i + 0.5) * scale);
            int begin = Math.Clamp((int)Math.Floor(centre - reach + 0.5), low, high);
            int end = Math.Clamp((int)Math.Floor(centre + reach + 0.5), begin + 1, high + 1);
            end = Math.Min(end, begin + result.Taps);
            int first = Math.Min(begin, high - result.Taps + 1);
            result.First[i] = first;
            Span<float> weights = result.Weights.AsSpan(i * result.Taps, result.Taps);
            double sum = 0;
            for (int x = begin; x < end; x++) sum += Math.Max(0, 1 - Math.Abs((x + 0.5 - centre) / reach));

            for (int x = begin; x < end; x++)
                weights[x - first] = sum > 0 ? (float)(Math.Max(0, 1 - Math.Abs((x + 0.5 - centre) / reach)) / sum) : 1f / (end - begin);
        }

        return result;
    }
}
