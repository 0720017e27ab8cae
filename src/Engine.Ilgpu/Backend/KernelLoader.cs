using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// Compiles and loads kernels, and mends the PTX that ILGPU 1.5.3 writes: at its highest level of optimisation it marks
/// every branch as uniform (<c>bra.uni</c>), those that depend on the thread too. The assembler takes the promise and keeps
/// values that all threads share in registers of the warp, across branches where the threads part; what one part writes
/// there the other reads.
/// </summary>
internal static class KernelLoader
{
    /// <summary>A kernel whose threads are elements, in groups that ILGPU chooses.</summary>
    public static TLauncher LoadElements<TLauncher>(Accelerator accelerator, Delegate kernel)
        where TLauncher : Delegate =>
        accelerator.LoadAutoGroupedKernel(Compile(accelerator, EntryPointDescription.FromImplicitlyGroupedKernel(kernel.Method), default)).CreateLauncherDelegate<TLauncher>();

    /// <summary>A kernel that names its groups itself.</summary>
    public static TLauncher LoadGroups<TLauncher>(Accelerator accelerator, Delegate kernel, KernelSpecialization specialization = default)
        where TLauncher : Delegate =>
        accelerator.LoadKernel(Compile(accelerator, EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), specialization)).CreateLauncherDelegate<TLauncher>();

    /// <summary>The PTX without promises about branches.</summary>
    public static void Mend(PTXCompiledKernel kernel)
    {
        ref string text = ref AssemblyOf(kernel);
        text = text.Replace("bra.uni", "bra", StringComparison.Ordinal).Replace("ret.uni", "ret", StringComparison.Ordinal).Replace("call.uni", "call", StringComparison.Ordinal);
    }

    private static CompiledKernel Compile(Accelerator accelerator, EntryPointDescription entry, KernelSpecialization specialization)
    {
        CompiledKernel compiled = accelerator.CompileKernel(entry, specialization);
        if (compiled is PTXCompiledKernel ptx) Mend(ptx);
        return compiled;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<PTXAssembly>k__BackingField")]
    private static extern ref string AssemblyOf(PTXCompiledKernel kernel);
}

/// <summary>The launchers of a kernel over packs: for four floats a thread and for one, each loaded when first used.</summary>
internal sealed class PackLauncher<TLauncher>
    where TLauncher : Delegate
{
    private TLauncher? _one, _four;

    /// <summary>The launcher of a width; null until it is loaded.</summary>
    public ref TLauncher? Of(bool four) => ref four ? ref _four : ref _one;
}
