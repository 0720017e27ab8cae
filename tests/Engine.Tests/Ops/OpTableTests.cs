using IlgpuSpp.Ops;

namespace IlgpuSpp.Engine.Tests;

/// <summary>The table of operations on the CPU at each of its vector widths.</summary>
public sealed class OpTableTests
{
    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_row_is_as_close_to_its_reference_as_it_must_be(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        string[] misses = [.. OpCases.Small.Select(c => c.Miss(backend, backend)).OfType<string>()];
        Assert.True(misses.Length == 0, string.Join('\n', misses));
    }

    // Packed weights are made anew by this number alone.
    [Fact]
    public void Every_write_is_counted()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        Assert.Empty(OpCases.Small.Concat(OpCases.Long).Where(c =>
        {
            using var bench = new Bench(backend);
            c.Prepare(bench).Run();
            return bench.ChangedUnseen.Count > 0;
        }).Select(c => c.Name));
    }

    [Theory, MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_refusal_is_made(string device)
    {
        using CpuBackend backend = TestDevices.Open(device);
        Assert.Empty(Refusals.All.Select(refusal => refusal.Miss(backend)).OfType<string>());
    }
}
