using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The launchers of one kind of product, one for each tile, each loaded when first used.</summary>
internal sealed class ProductLauncher<TA, TB, TStore>(string name)
    where TA : struct, IProductSource
    where TB : struct, IProductSource
    where TStore : struct, IProductStore
{
    private readonly Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>?[] _launchers =
        new Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>?[3];

    public string Name => name;

    /// <summary>The launcher of a tile of 32, 64 or 128 rows and columns.</summary>
    public ref Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent>? Of(int tile) => ref _launchers[Index(tile)];

    /// <summary>Compiles the kernel of a tile.</summary>
    public static Action<AcceleratorStream, KernelConfig, TA, TB, TStore, ProductExtent> Load(Accelerator accelerator, int tile) => Index(tile) switch
    {
        // Two groups of 256 threads on a multiprocessor: the compiler may use up to 128 registers a thread.
        2 => accelerator.LoadKernel<TA, TB, TStore, ProductExtent>(ProductKernel.Multiply<Tile128, TA, TB, TStore>, new KernelSpecialization(256, 2)),
        1 => accelerator.LoadKernel<TA, TB, TStore, ProductExtent>(ProductKernel.Multiply<Tile64, TA, TB, TStore>, new KernelSpecialization(64, null)),
        _ => accelerator.LoadKernel<TA, TB, TStore, ProductExtent>(ProductKernel.Multiply<Tile32, TA, TB, TStore>),
    };

    private static int Index(int tile) => tile switch { 128 => 2, 64 => 1, _ => 0 };
}
