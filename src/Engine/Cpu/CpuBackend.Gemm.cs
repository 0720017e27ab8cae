namespace IlgpuSpp.Engine.Cpu;

// Matrix products and fully connected layers. One algorithm: B is packed into panels, blocks of A are copied into scratch
// memory as they are needed, and a kernel in registers multiplies them (GemmJob). Fully connected layers take their
// weights, which are far larger than the activations, as A, and pack the activations as B; at a small batch they are bound
// by memory and have their own kernels, which read the weights once where they lie (Linear...Job).
public sealed unsafe partial class CpuBackend
{
    // A packed B larger than this many floats is done in several parts.
    private const long LargestPack = 1 << 24;

    /// <summary>The largest batch for which fully connected layers stream their weights.</summary>
    internal const int LargestStreamedBatch = 32;

    protected override void RunGemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c)
    {
        int m = c.Shape[0], n = c.Shape[1], k = a.Shape[transposeA ? 0 : 1];
        TileTarget target = TileTarget.Assign(Pointer(c));
        target.Alpha = alpha;
        target.Beta = beta;
        Product(Pointer(a), transposeA ? m : k, transposeA, Pointer(b), transposeB ? k : n, transposeB, m, n, k, n, target);
    }

    protected override void RunLinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation)
    {
        if (IsApart(activation))
        {
            RunLinearForward(x, w, bias, y, Activation.None);
            RunActivationForward(activation, y, y);
            return;
        }
        int rows = x.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        float* px = Pointer(x), pw = Pointer(w), py = Pointer(y), pBias = PointerOrNull(bias);
        StreamKernels stream = StreamKernels.For(_lanes);
        if (rows <= 2 * stream.Lanes)
        {
            bool wide = rows > stream.Lanes;
            int width = wide ? 2 * stream.Lanes : stream.Lanes;
            using Borrowed panel = _memory.Borrow((long)width * inputs);
            _workers.Run(new PackJob { Source = px, Stride = inputs, Transposed = true, Rows = inputs, Columns = rows, Width = width, Panels = panel.Pointer });
            var forward = new LinearForwardJob
            {
                Kernels = stream, Wide = wide, Weights = pw, Panel = panel.Pointer, Y = py, Bias = pBias,
                Rows = rows, Inputs = inputs, Outputs = outputs, Activation = activation,
                // The vector width decides whether a batch is streamed, so both ways cut the sums at the same places.
                Segment = _lanes.Exact ? GemmBlocking.Segments(inputs).Length : GemmBlocking.Depth,
            };
            _workers.Run(forward);
            return;
        }
        using Borrowed transposed = _memory.Borrow((long)outputs * rows);
        Product(pw, inputs, false, px, inputs, true, outputs, rows, inputs, rows, TileTarget.Assign(transposed.Pointer));
        _workers.Run(new TransposeJob { X = transposed.Pointer, Y = py, Bias = pBias, Rows = outputs, Columns = rows, Activation = activation });
    }

    protected override void RunLinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        int rows = dx.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        float* pdy = Pointer(dy), pw = Pointer(w), pdx = Pointer(dx);
        if (rows <= LargestStreamedBatch)
        {
            var gradient = new LinearInputGradientJob
            {
                Kernels = StreamKernels.For(_lanes), DY = pdy, Weights = pw, DX = pdx, Rows = rows, Inputs = inputs, Outputs = outputs,
            };
            using Borrowed scratch = _memory.Borrow(gradient.ScratchLength * _workers.Threads);
            gradient.Scratch = scratch.Pointer;
            _workers.Run(gradient);
            return;
        }
        using Borrowed transposed = _memory.Borrow((long)inputs * rows);
        Product(pw, inputs, true, pdy, outputs, true, inputs, rows, outputs, rows, TileTarget.Assign(transposed.Pointer));
        _workers.Run(new TransposeJob { X = transposed.Pointer, Y = pdx, Rows = inputs, Columns = rows });
    }

    protected override void RunLinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias)
    {
        int rows = x.Shape.Batch, inputs = dw.Shape[1], outputs = dw.Shape[0];
        float* px = Pointer(x), pdy = Pointer(dy), pdBias = PointerOrNull(dBias);
        if (rows <= LargestStreamedBatch)
        {
            var gradient = new LinearWeightGradientJob
            {
                Kernels = StreamKernels.For(_lanes), X = px, DY = pdy, DW = Pointer(dw), Rows = rows, Inputs = inputs, Outputs = outputs,
            };
            using Borrowed scratch = _memory.Borrow(gradient.ScratchLength * _workers.Threads);
            gradient.Scratch = scratch.Pointer;
            _workers.Run(gradient);
        }
        else
        {
            Product(pdy, outputs, true, px, inputs, false, outputs, inputs, rows, inputs, TileTarget.Accumulate(Pointer(dw)));
        }
        if (dBias is null) return;
        _workers.Run(new ColumnSumJob { X = pdy, Sums = pdBias, Rows = rows, Columns = outputs });
    }

    // A sigmoid on the way to memory calls the C library's exponential, which may differ from processor to processor.
    private bool IsApart(Activation activation) => _lanes.Exact && activation.Kind == ActivationKind.Sigmoid;

    // C = α·op(A)·op(B) + β·C. aStride and bStride are row lengths as the matrices lie in memory.
    private void Product(
        float* a, int aStride, bool transposeA, float* b, int bStride, bool transposeB, int m, int n, int k, int cStride, TileTarget target)
    {
        if (m == 0 || n == 0) return;
        using Borrowed scratch = _memory.Borrow((long)BlockScratch.Length * _workers.Threads);
        int part = (int)Math.Min(n, Math.Max(256, LargestPack / Math.Max(1, k) / 256 * 256));
        for (int first = 0; first < n; first += part)
        {
            int columns = Math.Min(part, n - first);
            MicroKernel kernel = MicroKernel.For(_lanes, columns);
            using Borrowed panels = _memory.Borrow((long)kernel.Panels(columns) * kernel.Columns * k);
            var pack = new PackJob
            {
                Source = b + (transposeB ? (nint)first * bStride : first),
                Stride = bStride,
                Transposed = transposeB,
                Rows = k,
                Columns = columns,
                Width = kernel.Columns,
                Panels = panels.Pointer,
            };
            _workers.Run(pack);
            TileTarget partTarget = target;
            partTarget.C += first;
            _workers.Run(new GemmJob(kernel, a, aStride, transposeA, panels.Pointer, m, columns, k, cStride, partTarget, scratch.Pointer));
        }
    }
}
