namespace IlgpuSpp.Reference;

/// <summary>Losses as plain loops in double precision; one value a row.</summary>
public static class ReferenceLoss
{
    /// <summary>Softmax of every row.</summary>
    public static double[] Softmax(double[] x, int columns)
    {
        var y = new double[x.Length];
        for (int row = 0; row < x.Length; row += columns)
        {
            double maximum = x.Skip(row).Take(columns).Max(), sum = 0;
            for (int c = 0; c < columns; c++) sum += y[row + c] = Math.Exp(x[row + c] - maximum);
            for (int c = 0; c < columns; c++) y[row + c] /= sum;
        }
        return y;
    }

    /// <summary>−Σ t·log softmax(x), t = (1 − smoothing)·onehot + smoothing/c; 0 where the label is −1.</summary>
    public static double[] CrossEntropy(double[] x, int columns, int[] labels, double smoothing)
    {
        var losses = new double[labels.Length];
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] < 0) continue;
            double maximum = x.Skip(row * columns).Take(columns).Max(), sum = 0;
            for (int c = 0; c < columns; c++) sum += Math.Exp(x[row * columns + c] - maximum);
            for (int c = 0; c < columns; c++)
            {
                double target = (c == labels[row] ? 1 - smoothing : 0) + smoothing / columns;
                losses[row] -= target * (x[row * columns + c] - maximum - Math.Log(sum));
            }
        }
        return losses;
    }

    /// <summary>Weighted smooth L1, its corner at beta.</summary>
    public static double[] SmoothL1(double[] predictions, double[] targets, double[] weights, int columns, double beta)
    {
        var losses = new double[predictions.Length / columns];
        for (int i = 0; i < predictions.Length; i++)
        {
            double d = Math.Abs(predictions[i] - targets[i]);
            losses[i / columns] += weights[i] * (d < beta ? d * d / (2 * beta) : d - beta / 2);
        }
        return losses;
    }
}
