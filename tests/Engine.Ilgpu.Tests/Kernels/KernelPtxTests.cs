using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>
/// Every kernel compiles to PTX without a device. With ILGPUSPP_PTX_FOLDER set the texts are written there, for
/// eng/ptx-table.sh.
/// </summary>
public sealed class KernelPtxTests
{
    [Fact]
    public void EveryKernelCompilesForAmpere()
    {
        string? folder = Environment.GetEnvironmentVariable("ILGPUSPP_PTX_FOLDER");
        var failures = new List<string>();
        using Context context = Context.Create(builder => builder.CPU().Optimize(OptimizationLevel.O2));
        using var backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);
        int compiled = 0;
        foreach (var (name, method) in KernelCatalog.All())
        {
            try
            {
                var kernel = (PTXCompiledKernel)backend.Compile(Entry(method), Specialization(name));
                compiled++;
                KernelLoader.Mend(kernel);
                // Promised to be uniform, a branch on which threads part goes wrong on a card, and only there.
                if (kernel.PTXAssembly.Contains(".uni", StringComparison.Ordinal)) failures.Add($"{name}: it promises uniform branches");
                if (folder is not null) File.WriteAllText(Path.Combine(folder, name + ".ptx"), kernel.PTXAssembly);
            }
            catch (Exception error) when (error is InternalCompilerException or NotSupportedException or InvalidOperationException)
            {
                failures.Add($"{name}: {error.Message} {error.InnerException?.Message}");
            }
        }
        Assert.Empty(failures);
        // At least as many as the assembler took (docs/gpu.md): none is lost from the catalogue.
        Assert.InRange(compiled, 140, int.MaxValue);
    }

    private static EntryPointDescription Entry(MethodInfo method) => KernelCatalog.IsImplicit(method)
        ? EntryPointDescription.FromImplicitlyGroupedKernel(method)
        : EntryPointDescription.FromExplicitlyGroupedKernel(method);

    private static KernelSpecialization Specialization(string name) =>
        name.EndsWith("Tile128", StringComparison.Ordinal) || name.EndsWith("32", StringComparison.Ordinal) && !name.EndsWith("Tile32", StringComparison.Ordinal) || name.EndsWith("Bf16", StringComparison.Ordinal) ? new KernelSpecialization(256, 2) :
        name.EndsWith("Tile64", StringComparison.Ordinal) ? new KernelSpecialization(64, null) : default;
}
