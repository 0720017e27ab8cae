using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// One tiled product serves all (Kernels/ProductKernel.Generated.cs): 128×128 tiles where there are enough of them to
/// fill the device, 64×64 otherwise, and where that is not enough either, the depth is split over groups whose partial
/// results are added up in order. On CUDA cards of compute capability 8.0 and later, products of some size run on
/// tensor cores (Kernels/TensorProductKernel.Generated.cs) unless 32-bit floats are asked for.
/// </remarks>
public sealed partial class IlgpuBackend
{
    // Fewer products than this in a split are not worth the second pass.
    private const int SmallestSplit = 128;

    private ProductLauncher<DepthContiguous, OuterContiguous, MatrixStore> _productNN = null!;
    private ProductLauncher<DepthContiguous, DepthContiguous, MatrixStore> _productNT = null!;
    private ProductLauncher<OuterContiguous, OuterContiguous, MatrixStore> _productTN = null!;
    private ProductLauncher<OuterContiguous, DepthContiguous, MatrixStore> _productTT = null!;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, MatrixStore>? _finish;

    protected override void RunGemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c)
    {
        int m = c.Shape[0], n = c.Shape[1], k = a.Shape[transposeA ? 0 : 1];
        using var scope = Enter();
        MatrixStore store = StoreTo(c, m, n);
        store.Alpha = alpha;
        store.Beta = beta;
        if (!transposeA && !transposeB) Product(_productNN, Depthwise(a, m, k), Outerwise(b, n), store, k);
        else if (!transposeA) Product(_productNT, Depthwise(a, m, k), Depthwise(b, n, k), store, k);
        else if (!transposeB) Product(_productTN, Outerwise(a, m), Outerwise(b, n), store, k);
        else Product(_productTT, Outerwise(a, m), Depthwise(b, n, k), store, k);
    }

    protected override void RunLinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation)
    {
        int rows = x.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        using var scope = Enter();
        MatrixStore store = StoreTo(y, rows, outputs);
        Fuse(ref store, bias, activation);
        Product(_productNT, Depthwise(x, rows, inputs), Depthwise(w, outputs, inputs), store, inputs);
        if (activation.Kind == ActivationKind.Sigmoid) Activate(activation, y, y);
    }

    protected override void RunLinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        int rows = dx.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        using var scope = Enter();
        Product(_productNN, Depthwise(dy, rows, outputs), Outerwise(w, inputs), StoreTo(dx, rows, inputs), outputs);
    }

    protected override void RunLinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias)
    {
        int rows = x.Shape.Batch, inputs = dw.Shape[1], outputs = dw.Shape[0];
        using var scope = Enter();
        MatrixStore store = StoreTo(dw, outputs, inputs);
        store.Beta = 1;
        Product(_productTN, Outerwise(dy, outputs), Outerwise(x, inputs), store, rows);
        if (dBias is not null) AddColumnSums(dy, rows, outputs, dBias, accumulate: true);
    }

    private void CreateProducts()
    {
        _productNN = new("Product, A and B as they are");
        _productNT = new("Product, B transposed");
        _productTN = new("Product, A transposed");
        _productTT = new("Product, A and B transposed");
        _convForward = new(nameof(ConvForward));
        _convInput = new(nameof(ConvBackwardInput));
        _convWeights = new(nameof(ConvBackwardParameters));
    }

    private DepthContiguous Depthwise(Tensor matrix, int outer, int depth) =>
        new() { Values = View(matrix), Outer = outer, Pitch = depth, Vector = depth % 4 == 0 && Aligned(matrix) ? 1 : 0 };

    private OuterContiguous Outerwise(Tensor matrix, int outer) =>
        new() { Values = View(matrix), Outer = outer, Pitch = outer, Vector = outer % 4 == 0 && Aligned(matrix) ? 1 : 0 };

    private MatrixStore StoreTo(Tensor matrix, int rows, int columns) => new()
    {
        Values = View(matrix),
        Bias = View(_unusedFloats),
        Rows = rows,
        Columns = columns,
        Pitch = columns,
        Splits = 1,
        Vector = columns % 4 == 0 && Aligned(matrix) ? 1 : 0,
        Alpha = 1,
        Slope = 1,
    };

    // Sigmoid is not fused: it follows as a pass of its own.
    private void Fuse(ref MatrixStore store, Tensor? bias, Activation activation)
    {
        if (bias is not null)
        {
            store.Bias = View(bias);
            store.HasBias = 1;
        }
        if (activation.Kind == ActivationKind.Relu) store.Slope = 0;
        if (activation.Kind == ActivationKind.LeakyRelu) store.Slope = activation.Slope;
    }

    private void Product<TA, TB>(ProductLauncher<TA, TB, MatrixStore> launcher, TA a, TB b, MatrixStore store, int depth, int parts = 1)
        where TA : struct, IProductSource
        where TB : struct, IProductSource
    {
        int rows = store.Rows, columns = store.Columns;
        if (rows == 0 || columns == 0) return;
        ProductForm form = FormFor(rows, columns, depth, parts);
        long groups = Groups(TileOf(form), rows, columns, parts);
        long splits = Math.Min((TargetGroups + groups - 1) / groups, depth / SmallestSplit);
        // Partial results are written and read once more: they must stay small beside the factors.
        splits = Math.Min(splits, Math.Min(64, int.MaxValue / ((long)parts * rows * columns)));
        if (splits <= 1)
        {
            Launch(launcher, form, a, b, store, rows, columns, depth, parts, 1);
            return;
        }
        using IlgpuBuffer partials = new(this, _memory, _memory.Rent(splits * parts * rows * columns), splits * parts * rows * columns);
        MatrixStore partial = store;
        partial.Values = new ArrayView<float>(partials.Memory, 0, partials.Length);
        partial.Splits = store.Splits = (int)splits;
        partial.Vector = columns % 4 == 0 ? 1 : 0;
        Launch(launcher, form, a, b, partial, rows, columns, depth, parts, (int)splits);
        Kernel(ref _finish, "Finish of a split product", static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, MatrixStore>(PartialSumKernels.Finish))
            (_stream, parts * rows * columns, partial.Values, store);
    }

    private void Launch<TA, TB, TStore>(ProductLauncher<TA, TB, TStore> launcher, ProductForm form, TA a, TB b, TStore store, int rows, int columns, int depth, int parts, int splits)
        where TA : struct, IProductSource
        where TB : struct, IProductSource
        where TStore : struct, IProductStore
    {
        int tile = TileOf(form), side = tile / 8, step = tile / 8;
        int splitDepth = ((depth + splits - 1) / splits + step - 1) / step * step;
        var extent = new ProductExtent { Rows = rows, Columns = columns, Depth = depth, Splits = splits, SplitDepth = Math.Max(step, splitDepth) };
        var config = new KernelConfig(new Index3D((rows + tile - 1) / tile, (columns + tile - 1) / tile, parts * splits), new Index3D(side * side, 1, 1));
        (launcher.Of(form) ?? LoadProduct(launcher, form))(_stream, config, a, b, store, extent);
        ProductLaunched?.Invoke(new ProductCall(a, b, store, extent, parts));
    }

    private Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> LoadProduct<TA, TB, TStore>(ProductLauncher<TA, TB, TStore> launcher, ProductForm form)
        where TA : struct, IProductSource
        where TB : struct, IProductSource
        where TStore : struct, IProductStore =>
        Kernel(ref launcher.Of(form), $"{launcher.Name} ({form})", accelerator => ProductLauncher<TA, TB, TStore>.Load(accelerator, form));

    private ProductForm FormFor(int rows, int columns, int depth, int parts)
    {
        // A tile that is mostly empty wastes more than tensor cores gain.
        if (_tensorForm is { } tensor && rows >= SmallestTensorSide && columns >= SmallestTensorSide && depth >= SmallestTensorSide && TensorCoresProved()) return tensor;
        if (LargestTile < 128) return LargestTile == 64 ? ProductForm.Tile64 : ProductForm.Tile32;
        bool fits = rows > 64 && columns > 64 && 2L * Groups(128, rows, columns, parts) >= TargetGroups;
        return fits ? ProductForm.Tile128 : ProductForm.Tile64;
    }

    private static int TileOf(ProductForm form) => form switch { ProductForm.Tile32 => 32, ProductForm.Tile64 => 64, _ => 128 };

    private static long Groups(int tile, int rows, int columns, int parts) =>
        (long)((rows + tile - 1) / tile) * ((columns + tile - 1) / tile) * parts;
}
