using IlgpuSpp.Ops;

namespace IlgpuSpp.Engine.Tests;

/// <summary>The table of operations on the CPU at each of its vector widths.</summary>
public sealed class OpTableTests
{
    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_row_is_as_close_to_its_reference_as_it_must_be(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        Assert.Empty(OpCases.Small.Select(c => c.Miss(backend, backend)).OfType<string>());
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_refusal_is_made(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        Assert.Empty(Refusals.All.Select(refusal => refusal.Miss(backend)).OfType<string>());
    }
}
