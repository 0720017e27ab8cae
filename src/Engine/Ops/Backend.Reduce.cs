namespace IlgpuSpp.Engine;

// Sums and maxima, in an order that does not depend on the number of threads.
public abstract partial class Backend
{
    /// <summary>result[0] = Σ x. <c>result: [1]</c>.</summary>
    public abstract void Sum(Tensor x, Tensor result);

    /// <summary>result[0] = Σ x² (accumulated onto the old value where asked for). <c>result: [1]</c>.</summary>
    public abstract void SumOfSquares(Tensor x, Tensor result, bool accumulate);

    /// <summary>sums (+)= Σ over rows. <c>x: [rows…, c]</c>, <c>sums: [c]</c>; accumulated onto the old values where asked for.</summary>
    public abstract void ColumnSums(Tensor x, Tensor sums, bool accumulate);

    /// <summary>The column of every row's maximum, the first on ties. <c>x: [n, c]</c>, <c>result: [n]</c>.</summary>
    public abstract void ArgmaxRows(Tensor x, Tensor<int> result);

    /// <summary>
    /// How many columns of a row beat the label's: 0 means top-1 correct, below 5 top-5. A column beats the label's if its
    /// value is larger, or equal at a smaller index; a NaN anywhere in the row gives c. A label of −1 gives −1.
    /// <c>x: [n, c]</c>, <c>labels, ranks: [n]</c>.
    /// </summary>
    public abstract void LabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks);
}
