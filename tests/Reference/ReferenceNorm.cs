using IlgpuSpp.Engine;

namespace IlgpuSpp.Reference;

/// <summary>Local response and batch normalisation as plain loops in double precision, NHWC.</summary>
public static class ReferenceNorm
{
    /// <summary>Local response normalisation; returns y and s.</summary>
    public static (double[] Y, double[] Scale) Lrn(double[] x, Shape map, LrnGeometry g)
    {
        var y = new double[x.Length];
        var scale = new double[x.Length];
        int half = g.Size / 2, at = 0;
        for (int n = 0; n < map.Batch; n++)
            for (int r = 0; r < map.Height; r++)
                for (int q = 0; q < map.Width; q++)
                    for (int c = 0; c < map.Channels; c++, at++)
                    {
                        double sum = 0;
                        if (g.Region == LrnRegion.WithinChannel)
                        {
                            for (int i = Math.Max(0, r - half); i <= Math.Min(map.Height - 1, r + half); i++)
                                for (int j = Math.Max(0, q - half); j <= Math.Min(map.Width - 1, q + half); j++)
                                    sum += Square(x[((n * map.Height + i) * map.Width + j) * map.Channels + c]);
                            sum /= g.Size * g.Size;
                        }
                        else
                        {
                            for (int k = Math.Max(0, c - half); k <= Math.Min(map.Channels - 1, c + half); k++)
                                sum += Square(x[at - c + k]);
                            sum /= g.Size;
                        }
                        scale[at] = g.K + (double)g.Alpha * sum;
                        y[at] = x[at] * Math.Pow(scale[at], -(double)g.Beta);
                    }
        return (y, scale);
    }

    /// <summary>Batch normalisation with the statistics of this batch; returns y and the channels' mean and biased variance.</summary>
    public static (double[] Y, double[] Mean, double[] Variance) BatchNorm(double[] x, int channels, double[] gamma, double[] beta, double epsilon)
    {
        int rows = x.Length / channels;
        var y = new double[x.Length];
        var mean = new double[channels];
        var variance = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            for (int r = 0; r < rows; r++) mean[c] += x[r * channels + c] / rows;
            for (int r = 0; r < rows; r++) variance[c] += Square(x[r * channels + c] - mean[c]) / rows;
            for (int r = 0; r < rows; r++)
                y[r * channels + c] = gamma[c] * (x[r * channels + c] - mean[c]) / Math.Sqrt(variance[c] + epsilon) + beta[c];
        }
        return (y, mean, variance);
    }

    private static double Square(double value) => value * value;
}
