namespace IlgpuSpp.Engine;

// Matrix products.
public abstract partial class Backend
{
    /// <summary>
    /// C = α·op(A)·op(B) + β·C, with op the transpose where asked for. <c>op(A): [m, k]</c>, <c>op(B): [k, n]</c>, <c>C: [m, n]</c>.
    /// With β = 0 the old content of C is not read.
    /// </summary>
    public void Gemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c)
    {
        OpChecks.Gemm(transposeA, transposeB, a, b, c);
        OpChecks.Separate(nameof(Gemm), c, a, b);
        RunGemm(transposeA, transposeB, alpha, a, b, beta, c);
        Written(c);
    }

    /// <summary>
    /// y = f(x·wᵀ + bias). <c>x: [n, in]</c> (any shape with that row length), <c>w: [out, in]</c>, <c>bias: [out]</c> or null, <c>y: [n, out]</c>.
    /// </summary>
    public void LinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation)
    {
        OpChecks.Linear(nameof(LinearForward), x.Shape, w.Shape, y.Shape, bias);
        OpChecks.KnownActivation(nameof(LinearForward), activation);
        OpChecks.Separate(nameof(LinearForward), y, x, w, bias);
        RunLinearForward(x, w, bias, y, activation);
        Written(y);
    }

    /// <summary>Keeps a fully connected layer's weights as 8-bit numbers for inference; null where this backend has no such product.</summary>
    /// <param name="w">The weights, <c>[out, in]</c>, at most <see cref="PackedInt8.MostInputs"/> inputs.</param>
    /// <exception cref="ShapeMismatchException">It is no matrix, or has too many inputs.</exception>
    public PackedInt8? PackInt8(Tensor w)
    {
        OpChecks.Int8(nameof(PackInt8), w.Shape);
        return RunPackInt8(w);
    }

    /// <summary>
    /// y = f(x·wᵀ + bias) with 8-bit weights and every row of x rounded to 128 steps: from 0 to its largest value where none is below 0, else from −max|x| to max|x|. The products are whole
    /// numbers, whose sums have the same bits on every processor. A row that holds NaN gives NaN.
    /// </summary>
    /// <param name="x">The input, <c>[n, in]</c> (any shape with that row length).</param>
    /// <param name="packed">What <see cref="PackInt8"/> of this backend gave.</param>
    /// <param name="bias"><c>[out]</c>, or null.</param>
    /// <param name="y">The output, <c>[n, out]</c>.</param>
    /// <param name="activation">f.</param>
    public void LinearForward(Tensor x, PackedInt8 packed, Tensor? bias, Tensor y, Activation activation)
    {
        OpChecks.Linear(nameof(LinearForward), x.Shape, packed.Weights.Shape, y.Shape, bias);
        OpChecks.KnownActivation(nameof(LinearForward), activation);
        OpChecks.Separate(nameof(LinearForward), y, x, packed.Weights, bias);
        RunLinearForward(x, packed, bias, y, activation);
        Written(y);
    }

    /// <summary>dx = dy·w. <c>dy: [n, out]</c>, <c>w: [out, in]</c>, <c>dx: [n, in]</c>.</summary>
    public void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        OpChecks.Linear(nameof(LinearBackwardInput), dx.Shape, w.Shape, dy.Shape, null);
        OpChecks.Separate(nameof(LinearBackwardInput), dx, dy, w);
        RunLinearBackwardInput(dy, w, dx);
        Written(dx);
    }

    /// <summary>dw += dyᵀ·x and, where dBias is given, dBias += Σ rows of dy.</summary>
    public void LinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias)
    {
        OpChecks.Linear(nameof(LinearBackwardParameters), x.Shape, dw.Shape, dy.Shape, dBias);
        OpChecks.Separate(nameof(LinearBackwardParameters), dw, x, dy, dBias);
        OpChecks.Separate(nameof(LinearBackwardParameters), dBias, x, dy);
        RunLinearBackwardParameters(x, dy, dw, dBias);
        Written(dw, dBias);
    }
}
