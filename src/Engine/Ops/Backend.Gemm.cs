namespace IlgpuSpp.Engine;

// Matrix products.
public abstract partial class Backend
{
    /// <summary>
    /// C = α·op(A)·op(B) + β·C, with op the transpose where asked for. <c>op(A): [m, k]</c>, <c>op(B): [k, n]</c>, <c>C: [m, n]</c>.
    /// With β = 0 the old content of C is not read.
    /// </summary>
    public abstract void Gemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c);

    /// <summary>
    /// y = f(x·wᵀ + bias). <c>x: [n, in]</c> (any shape with that row length), <c>w: [out, in]</c>, <c>bias: [out]</c> or null, <c>y: [n, out]</c>.
    /// </summary>
    public abstract void LinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation);

    /// <summary>dx = dy·w. <c>dy: [n, out]</c>, <c>w: [out, in]</c>, <c>dx: [n, in]</c>.</summary>
    public abstract void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx);

    /// <summary>dw += dyᵀ·x and, where dBias is given, dBias += Σ rows of dy.</summary>
    public abstract void LinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias);
}
