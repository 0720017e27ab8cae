namespace IlgpuSpp.Engine;

// Sums and maxima, in an order that does not depend on the number of threads.
public abstract partial class Backend
{
    /// <summary>result[0] = Σ x. <c>result: [1]</c>.</summary>
    public void Sum(Tensor x, Tensor result)
    {
        OpChecks.ExpectCount(nameof(Sum), "the result", new Shape(1), result.Shape);
        OpChecks.Separate(nameof(Sum), result, x);
        RunSum(x, result);
        Written(result);
    }

    /// <summary>result[0] = Σ x² (accumulated onto the old value where asked for). <c>result: [1]</c>.</summary>
    public void SumOfSquares(Tensor x, Tensor result, bool accumulate)
    {
        OpChecks.ExpectCount(nameof(SumOfSquares), "the result", new Shape(1), result.Shape);
        OpChecks.Separate(nameof(SumOfSquares), result, x);
        RunSumOfSquares(x, result, accumulate);
        Written(result);
    }

    /// <summary>sums (+)= Σ over rows. <c>x: [rows…, c]</c>, <c>sums: [c]</c>; accumulated onto the old values where asked for.</summary>
    public void ColumnSums(Tensor x, Tensor sums, bool accumulate)
    {
        OpChecks.ExpectCount(nameof(ColumnSums), "the sums", new Shape(x.Shape.Channels), sums.Shape);
        OpChecks.Separate(nameof(ColumnSums), sums, x);
        RunColumnSums(x, sums, accumulate);
        Written(sums);
    }

    /// <summary>The column of every row's maximum, the first on ties. <c>x: [n, c]</c>, <c>result: [n]</c>.</summary>
    public void ArgmaxRows(Tensor x, Tensor<int> result)
    {
        OpChecks.Rows(nameof(ArgmaxRows), x.Shape, result.Shape, "the result");
        OpChecks.HasColumns(nameof(ArgmaxRows), x.Shape);
        RunArgmaxRows(x, result);
    }

    /// <summary>
    /// How many columns of a row beat the label's: 0 means top-1 correct, below 5 top-5. A column beats the label's if its
    /// value is larger, or equal at a smaller index; a NaN anywhere in the row gives c. A label of −1 gives −1, any other
    /// outside [0, c) gives c.
    /// <c>x: [n, c]</c>, <c>labels, ranks: [n]</c>.
    /// </summary>
    public void LabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks)
    {
        OpChecks.Rows(nameof(LabelRanks), x.Shape, labels.Shape, "labels");
        OpChecks.ExpectCount(nameof(LabelRanks), "ranks", labels.Shape, ranks.Shape);
        RunLabelRanks(x, labels, ranks);
    }
}
