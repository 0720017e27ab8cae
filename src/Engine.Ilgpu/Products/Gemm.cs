using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// One tiled product serves all (<see cref="ProductKernel"/>): 128×128 tiles where there are enough of them to
/// fill the device, 64×64 otherwise, and where their number leaves multiprocessors idle, the depth is split over groups whose
/// partial results are added up in order. On CUDA cards of compute capability 8.0 and later, products of some size run on
/// tensor cores (<see cref="TensorProductKernel"/>) unless 32-bit floats are asked for.
/// </remarks>
internal sealed partial class IlgpuBackend
{
    // Fewer products than this in a split are not worth the second pass.
    private const int SmallestSplit = 128;

    private const int MostSplits = 256;

    private readonly Dictionary<(Type A, Type B, Type Store, ProductForm Form), Delegate> _products = [];
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, MatrixStore, FastDivisor, FastDivisor>> _finish = new();

    protected override void RunGemm(bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c)
    {
        int m = c.Shape[0], n = c.Shape[1], k = a.Shape[transposeA ? 0 : 1];
        using var scope = Enter();
        MatrixStore store = StoreTo(c, m, n);
        store.Alpha = alpha;
        store.Beta = beta;
        Product(nameof(Gemm), transposeA ? Outerwise(a, m) : Depthwise(a, m, k), transposeB ? Depthwise(b, n, k) : Outerwise(b, n), store, k);
    }

    protected override void RunLinearForward(Tensor x, Tensor w, Tensor? bias, Tensor y, Activation activation)
    {
        int rows = x.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        using var scope = Enter();
        MatrixStore store = StoreTo(y, rows, outputs);
        Fuse(ref store, bias, activation);
        Product(nameof(LinearForward), Depthwise(x, rows, inputs), Depthwise(w, outputs, inputs), store, inputs);
        if (activation.Kind >= ActivationKind.Sigmoid) Activate(activation, y, y);
    }

    protected override void RunLinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        int rows = dx.Shape.Batch, inputs = w.Shape[1], outputs = w.Shape[0];
        using var scope = Enter();
        Product(nameof(LinearBackwardInput), Depthwise(dy, rows, outputs), Outerwise(w, inputs), StoreTo(dx, rows, inputs), outputs);
    }

    protected override void RunLinearBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias)
    {
        int rows = x.Shape.Batch, inputs = dw.Shape[1], outputs = dw.Shape[0];
        using var scope = Enter();
        MatrixStore store = StoreTo(dw, outputs, inputs);
        store.Beta = 1;
        Product(nameof(LinearBackwardParameters), Outerwise(dy, outputs), Outerwise(x, inputs), store, rows);
        if (dBias is not null) AddColumnSums(dy, rows, outputs, dBias, accumulate: true);
    }

    // A matrix as a factor: how its rows or columns lie in memory, and whether they can be read as quads.
    private readonly record struct Factor(ArrayView<float> Values, bool AlongDepth, int Outer, int Pitch, int PartStride, bool Quads)
    {
        public MatrixSource<TAccess, DepthContiguous> Along<TAccess>()
            where TAccess : struct, IAccess => Source<TAccess, DepthContiguous>();

        public MatrixSource<TAccess, OuterContiguous> Across<TAccess>()
            where TAccess : struct, IAccess => Source<TAccess, OuterContiguous>();

        private MatrixSource<TAccess, TLayout> Source<TAccess, TLayout>()
            where TAccess : struct, IAccess
            where TLayout : struct, IMatrixLayout => new() { Values = Values, Outer = Outer, Pitch = Pitch, PartStride = PartStride };
    }

    private Factor Depthwise(Tensor matrix, int outer, int depth) =>
        new(View(matrix), AlongDepth: true, outer, depth, 0, depth % 4 == 0 && Aligned(matrix));

    private Factor Outerwise(Tensor matrix, int outer) =>
        new(View(matrix), AlongDepth: false, outer, outer, 0, outer % 4 == 0 && Aligned(matrix));

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

    // Sigmoid and what follows it are not fused: they come as a pass of its own.
    private void Fuse(ref MatrixStore store, Tensor? bias, Activation activation)
    {
        if (bias is not null)
        {
            store.Bias = View(bias);
            store.HasBias = 1;
            store.AlignedBias = Aligned(bias) ? 1 : 0;
        }
        if (activation.Kind == ActivationKind.Relu) store.Slope = 0;
        if (activation.Kind == ActivationKind.LeakyRelu) store.Slope = activation.Slope;
    }

    private void Product(string name, Factor a, Factor b, MatrixStore store, int depth)
    {
        if (a.AlongDepth && a.Quads) Product(name, a.Along<Quads>(), b, store, depth, 1);
        else if (a.AlongDepth) Product(name, a.Along<Singles>(), b, store, depth, 1);
        else if (a.Quads) Product(name, a.Across<Quads>(), b, store, depth, 1);
        else Product(name, a.Across<Singles>(), b, store, depth, 1);
    }

    private void Product<TA>(string name, TA a, Factor b, MatrixStore store, int depth, int parts)
        where TA : struct, IProductSource<TA>
    {
        if (b.AlongDepth && b.Quads) Product(name, a, b.Along<Quads>(), store, depth, parts);
        else if (b.AlongDepth) Product(name, a, b.Along<Singles>(), store, depth, parts);
        else if (b.Quads) Product(name, a, b.Across<Quads>(), store, depth, parts);
        else Product(name, a, b.Across<Singles>(), store, depth, parts);
    }

    private void Product<TA, TB>(string name, TA a, TB b, MatrixStore store, int depth, int parts)
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
    {
        int rows = store.Rows, columns = store.Columns;
        if (rows == 0 || columns == 0) return;
        ProductForm form = FormFor(rows, columns, depth, parts);
        int splits = SplitsOf(form, rows, columns, depth, parts);
        if (splits == 1)
        {
            Launch(name, form, a, b, store, rows, columns, depth, parts, 1);
            return;
        }
        long size = (long)parts * rows * columns;
        using IlgpuBuffer partials = new(this, _memory, _memory.Rent(splits * size), splits * size);
        MatrixStore partial = store;
        partial.Values = new ArrayView<float>(partials.Memory, 0, partials.Length);
        partial.Splits = store.Splits = splits;
        partial.Vector = columns % 4 == 0 ? 1 : 0;
        Launch(name, form, a, b, partial, rows, columns, depth, parts, splits);
        bool four = store.Vector != 0 && columns % 4 == 0 && (store.HasBias == 0 || store.AlignedBias != 0);
        ElementKernel(_finish, four, "Finish of a split product", static four => four ? PartialSumKernels.Finish<Four> : PartialSumKernels.Finish<One>)
            (_stream, Packs(four, (int)size), partial.Values, store, FastDivisor.Of(Packs(four, columns)), FastDivisor.Of(rows));
    }

    // A model of waves, in steps of the loop: as many groups as the device holds at once go through their depth together, so
    // that a last wave of few groups costs as much as a full one. Writing a tile and starting cost about six steps; a
    // wave's partial results, written and read back, another six, and the second launch four.
    private int SplitsOf(ProductForm form, int rows, int columns, int depth, int parts)
    {
        int step = StepOf(form);
        long tiles = Groups(TileOf(form), rows, columns, parts);
        // A group of 64 threads takes a quarter of the registers of one of 256.
        long wave = Math.Max(1, TargetGroups * (form == ProductForm.Tile64 ? 4L : 1));
        long most = Math.Min(Math.Min(MostSplits, depth / SmallestSplit), int.MaxValue / ((long)parts * rows * columns));
        int best = 1;
        double least = double.MaxValue;
        for (int splits = 1; splits == 1 || splits <= most; splits++)
        {
            long steps = ((depth + splits - 1L) / splits + step - 1) / step, groups = tiles * splits;
            double cost = (double)((groups + wave - 1) / wave) * (steps + 6);
            if (splits > 1) cost += 6.0 * groups / wave + 4;
            if (cost >= least) continue;
            least = cost;
            best = splits;
        }
        return best;
    }

    private void Launch<TA, TB, TStore>(string name, ProductForm form, TA a, TB b, TStore store, int rows, int columns, int depth, int parts, int splits)
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        int tile = TileOf(form), side = tile / 8, step = StepOf(form);
        a.SetStep(step);
        b.SetStep(step);
        int splitDepth = ((depth + splits - 1) / splits + step - 1) / step * step;
        var extent = new ProductExtent { Rows = rows, Columns = columns, Depth = depth, Splits = splits, SplitDepth = Math.Max(step, splitDepth) };
        var config = new KernelConfig(new Index3D((rows + tile - 1) / tile, (columns + tile - 1) / tile, parts * splits), new Index3D(side * side, 1, 1));
        ProductOf<TA, TB, TStore>(name, form)(_stream, config, a, b, store, extent);
        ProductLaunched?.Invoke(new ProductCall(a, b, store, extent, parts));
    }

    private Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> ProductOf<TA, TB, TStore>(string name, ProductForm form)
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        var key = (typeof(TA), typeof(TB), typeof(TStore), form);
        if (!_products.TryGetValue(key, out Delegate? found)) _products.Add(key, found = LoadProduct<TA, TB, TStore>(name, form));
        return (Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>)found;
    }

    private Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> LoadProduct<TA, TB, TStore>(string name, ProductForm form)
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>? launcher = null;
        return Kernel(ref launcher, $"{name} ({form})", accelerator => ProductLauncher.Load<TA, TB, TStore>(accelerator, form));
    }

    private ProductForm FormFor(int rows, int columns, int depth, int parts)
    {
        // A tile that is mostly empty wastes more than tensor cores gain.
        if (_tensorForm is { } tensor && rows >= SmallestTensorSide && columns >= SmallestTensorSide && depth >= SmallestTensorSide) return tensor;
        if (LargestTile < 128) return LargestTile == 64 ? ProductForm.Tile64 : ProductForm.Tile32;
        bool fits = rows > 64 && columns > 64 && 2L * Groups(128, rows, columns, parts) >= TargetGroups;
        return fits ? ProductForm.Tile128 : ProductForm.Tile64;
    }

    private static int TileOf(ProductForm form) => form switch { ProductForm.Tile32 => 32, ProductForm.Tile64 => 64, _ => 128 };

    private static int StepOf(ProductForm form) => TileOf(form) / 8;

    private static long Groups(int tile, int rows, int columns, int parts) =>
        (long)((rows + tile - 1) / tile) * ((columns + tile - 1) / tile) * parts;
}

/// <summary>The second step of products whose depth was split.</summary>
internal static class PartialSumKernels
{
    /// <summary>One thread a pack of a row of the result: adds the partial results up in the order of the splits and stores as an unsplit product would have.</summary>
    public static void Finish<TPack>(Index1D index, ArrayView<float> partials, MatrixStore store, FastDivisor byPacks, FastDivisor byRows)
        where TPack : unmanaged, IPack<TPack>
    {
        int line = byPacks.Divide(index), column = (index - line * byPacks.Divisor) * TPack.Width;
        int part = byRows.Divide(line), row = line - part * store.Rows, size = store.Rows * store.Columns;
        int from = part * store.Splits * size + row * store.Columns + column;
        TPack sum = TPack.All(0);
        for (int split = 0; split < store.Splits; split++, from += size) sum += TPack.Load(partials, from);
        int biasAt = part * store.PartStride + column, at = row * store.Pitch + biasAt;
        sum = store.Alpha * sum;
        if (store.Beta != 0) sum += store.Beta * TPack.Load(store.Values, at);
        if (store.HasBias != 0) sum += TPack.Load(store.Bias, biasAt);
        if (store.Slope != 1) sum = TPack.Activate(store.Slope == 0 ? (int)ActivationKind.Relu : (int)ActivationKind.LeakyRelu, store.Slope, sum);
        sum.Store(store.Values, at);
    }
}
