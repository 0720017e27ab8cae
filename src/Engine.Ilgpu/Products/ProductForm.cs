using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The kernels that a product may run as.</summary>
internal enum ProductForm
{
    /// <summary>32-bit floats, 32×32 tiles.</summary>
    Tile32,

    /// <summary>32-bit floats, 64×64 tiles.</summary>
    Tile64,

    /// <summary>32-bit floats, 128×128 tiles.</summary>
    Tile128,

    /// <summary>Tensor cores, tf32 factors, 128×128 tiles.</summary>
    Tf32,

    /// <summary>Tensor cores, bf16 factors, 128×128 tiles.</summary>
    Bf16,
}

/// <summary>Compiles products.</summary>
internal static class ProductLauncher
{
    /// <summary>Compiles the kernel of a form.</summary>
    public static Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> Load<TA, TB, TStore>(Accelerator accelerator, ProductForm form)
        where TA : struct, IProductSource<TA>
        where TB : struct, IProductSource<TB>
        where TStore : struct, IProductStore
    {
        return form switch
        {
            // Two groups of 256 threads on a multiprocessor: the compiler may use up to 128 registers a thread.
            ProductForm.Tile128 => Load(ProductKernel.Multiply<Tile128, TA, TB, TStore>, new KernelSpecialization(256, 2)),
            ProductForm.Tile64 => Load(ProductKernel.Multiply<Tile64, TA, TB, TStore>, new KernelSpecialization(64, null)),
            ProductForm.Tile32 => Load(ProductKernel.Multiply<Tile32, TA, TB, TStore>),
            ProductForm.Tf32 => Load(TensorProductKernel.Multiply<Tf32, TA, TB, TStore>, new KernelSpecialization(256, 2)),
            ProductForm.Bf16 => Load(TensorProductKernel.Multiply<Bf16, TA, TB, TStore>, new KernelSpecialization(256, 2)),
            _ => throw new NotSupportedException($"There is no {form} product in this build."),
        };

        Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> Load(Delegate kernel, KernelSpecialization specialization = default) =>
            KernelLoader.LoadGroups<Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>>(accelerator, kernel, specialization);
    }
}

/// <summary>The arguments of one launch of a product.</summary>
/// <param name="A">The first factor's source.</param>
/// <param name="B">The second factor's source.</param>
/// <param name="Store">Where the sums go.</param>
/// <param name="Extent">The product's extents.</param>
/// <param name="Parts">Channel groups times stride phases.</param>
internal sealed record ProductCall(object A, object B, object Store, ProductExtent Extent, int Parts);

/// <summary>The number format of a tensor-core product.</summary>
internal interface ITensorPrecision
{
    /// <summary>Whether two factors share a word (bf16); false: one (tf32).</summary>
    static abstract bool Pairs { get; }
}

/// <summary>10 bits of mantissa, rounded to nearest.</summary>
internal struct Tf32 : ITensorPrecision
{
    public static bool Pairs => false;
}

/// <summary>7 bits of mantissa, rounded to nearest even.</summary>
internal struct Bf16 : ITensorPrecision
{
    public static bool Pairs => true;
}

/// <remarks>
/// The tensor-core product is PTX text that no compiler checks against the rest of the kernel. When a card that has tensor
/// cores is opened, one product is computed both ways and compared: with the precision left to the backend a card that fails
/// falls back to 32-bit floats, with tf32 or bf16 asked for it is an error.
/// </remarks>
internal sealed partial class IlgpuBackend
{
    private const int SmallestTensorSide = 32;

    private ProductForm? _tensorForm;

    /// <summary>The format in which products multiply.</summary>
    public Precision Precision => _tensorForm switch { ProductForm.Tf32 => Precision.Tf32, ProductForm.Bf16 => Precision.Bf16, _ => Precision.Fp32 };

    private bool TensorCores => _accelerator.Device is ILGPU.Runtime.Cuda.CudaDevice { Architecture.Major: >= 8 };

    private void ChooseProductForm(Precision asked)
    {
        if (!TensorCores || asked == Precision.Fp32) return;
        ProductForm form = asked == Precision.Bf16 ? ProductForm.Bf16 : ProductForm.Tf32;
        double error = TensorCoreError(form);
        // Sums of 72 products below 1: rounding a factor to 10 or 7 bits moves a sum by about √72·2⁻¹¹ or √72·2⁻⁸.
        double allowed = form == ProductForm.Tf32 ? 0.02 : 0.15;
        if (error <= allowed) _tensorForm = form;
        else if (asked != Precision.Auto)
            throw new DeviceException(Device.Name, $"its tensor cores give a product that is off by {error:G3}, more than the {allowed} that rounding explains; use precision fp32.");
    }

    // The largest difference between a product on tensor cores and one in 32-bit floats.
    private double TensorCoreError(ProductForm form)
    {
        const int side = 160, depth = 72;
        using var scope = Enter();
        using Tensor a = Allocate(new Shape(side, depth)), b = Allocate(new Shape(depth, side));
        using Tensor exact = Allocate(new Shape(side, side)), rounded = Allocate(new Shape(side, side));
        RunFillUniform(a, -1, 1, new RandomKey(1, 1, 1));
        RunFillUniform(b, -1, 1, new RandomKey(1, 2, 1));
        Launch("the proof of tensor cores", LargestTile == 128 ? ProductForm.Tile128 : ProductForm.Tile64, Depthwise(a, side, depth).Along<Quads>(), Outerwise(b, side).Across<Quads>(), StoreTo(exact, side, side), side, side, depth, 1, 1);
        Launch("the proof of tensor cores", form, Depthwise(a, side, depth).Along<Quads>(), Outerwise(b, side).Across<Quads>(), StoreTo(rounded, side, side), side, side, depth, 1, 1);
        return exact.ToArray().Zip(rounded.ToArray(), (e, r) => (double)Math.Abs(e - r)).Max();
    }
}
