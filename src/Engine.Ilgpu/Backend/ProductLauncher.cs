using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

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
