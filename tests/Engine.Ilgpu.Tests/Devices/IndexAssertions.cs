using System.Collections.Concurrent;
using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>
/// ILGPU's simulator asserts that every index lies inside its view. What fails is collected here; by itself it would end the
/// process from the kernel's thread.
/// </summary>
internal sealed class IndexAssertions : TraceListener
{
    private static readonly ConcurrentQueue<string> s_failed = new();

    /// <summary>Collects from now on.</summary>
    public static void Install()
    {
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new IndexAssertions());
    }

    /// <summary>What failed since the last call.</summary>
    public static IReadOnlyList<string> Take()
    {
        string[] failed = [.. s_failed];
        s_failed.Clear();
        return failed;
    }

    public override void Fail(string? message, string? detailMessage) => s_failed.Enqueue($"{message} {detailMessage}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}

/// <summary>An index outside its view does not go unseen, also where it stays inside the view's memory.</summary>
[Collection("devices")]
public sealed class IndexAssertionTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(-1, true)]
    public void TheSimulatorCatchesAnIndexOutsideAView(int shift, bool caught)
    {
        IndexAssertions.Install();
        IndexAssertions.Take();
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(4, 4, 1)).Profiling());
        using Accelerator accelerator = context.Devices[0].CreateAccelerator(context);
        using MemoryBuffer1D<float, Stride1D.Dense> memory = accelerator.Allocate1D<float>(64);
        var kernel = accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, int>(WriteShifted);
        kernel(8, memory.View.AsContiguous().SubView(16, 8), shift);
        accelerator.Synchronize();
        IReadOnlyList<string> failed = IndexAssertions.Take();
        Assert.Equal(caught ? 1 : 0, failed.Count);
        Assert.All(failed, message => Assert.Contains("out of range", message, StringComparison.Ordinal));
    }

    private static void WriteShifted(Index1D i, ArrayView<float> view, int shift) => view[i + shift] = 1;
}
