namespace IlgpuSpp.Training;

/// <summary>
/// What the box layer learns: the encoding of <see cref="BoxEncoding"/>, each of its numbers brought to mean 0 and variance 1 over the windows that are learnt
/// from (Fast R-CNN, section 2.3), one mean and deviation for all classes.
/// </summary>
/// <param name="Mean">μ of the four numbers.</param>
/// <param name="Deviation">σ of the four numbers, above 0.</param>
internal sealed record BoxTargets(double[] Mean, double[] Deviation)
{
    /// <summary>Measures windows.</summary>
    /// <param name="pairs">Windows and their objects.</param>
    /// <returns>Mean and deviation (divided by the number of windows); 0 and 1 where there are no windows, 1 for a number that never changes.</returns>
    public static BoxTargets Of(IEnumerable<(PixelBox Window, PixelBox Object)> pairs)
    {
        const int Size = BoxEncoding.Length;
        double[] mean = new double[Size], squares = new double[Size], deviation = new double[Size];
        Span<double> values = stackalloc double[Size];
        long count = 0;
        foreach ((PixelBox window, PixelBox item) in pairs)
        {
            BoxEncoding.Encode(window, item, values);
            count++;
            // Welford's update: no difference of large sums.
            for (int k = 0; k < Size; k++)
            {
                double before = values[k] - mean[k];
                mean[k] += before / count;
                squares[k] += before * (values[k] - mean[k]);
            }
        }
        for (int k = 0; k < Size; k++) deviation[k] = count > 0 && squares[k] > 0 ? Math.Sqrt(squares[k] / count) : 1;
        return new BoxTargets(mean, deviation);
    }

    /// <summary>(t − μ)/σ of a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="item">Its object.</param>
    /// <param name="values">Receives the four numbers.</param>
    public void Encode(PixelBox window, PixelBox item, Span<float> values)
    {
        Span<double> encoded = stackalloc double[BoxEncoding.Length];
        BoxEncoding.Encode(window, item, encoded);
        for (int k = 0; k < encoded.Length; k++) values[k] = (float)((encoded[k] - Mean[k]) / Deviation[k]);
    }

    /// <summary>Turns a layer that predicts normalised targets into one that predicts the targets themselves: σ·w and σ·b + μ.</summary>
    /// <param name="weights">Weights, <c>[4·classes, hidden]</c>, changed in place.</param>
    /// <param name="biases">Biases, <c>[4·classes]</c>, changed in place.</param>
    public void Denormalise(Span<float> weights, Span<float> biases)
    {
        int hidden = weights.Length / biases.Length;
        for (int row = 0; row < biases.Length; row++)
        {
            int k = row % BoxEncoding.Length;
            biases[row] = (float)(biases[row] * Deviation[k] + Mean[k]);
            foreach (ref float weight in weights.Slice(row * hidden, hidden)) weight = (float)(weight * Deviation[k]);
        }
    }
}
