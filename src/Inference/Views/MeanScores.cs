namespace IlgpuSpp.Inference;

/// <summary>The average of several views' scores.</summary>
internal static class MeanScores
{
    /// <summary>The mean of the rows, summed in double precision.</summary>
    /// <param name="scores"><c>[rows, classes]</c>.</param>
    /// <param name="rows">Number of rows.</param>
    public static float[] Of(ReadOnlySpan<float> scores, int rows)
    {
        int classes = scores.Length / rows;
        var mean = new float[classes];
        for (int c = 0; c < classes; c++)
        {
            double sum = 0;
            for (int row = 0; row < rows; row++) sum += scores[row * classes + c];
            mean[c] = (float)(sum / rows);
        }
        return mean;
    }
}
