using System.Diagnostics;
using IlgpuSpp.Ops;

namespace IlgpuSpp.Engine.Tests;

public sealed class DeterminismTests
{
    public static TheoryData<OpCase> Cases => [.. OpCases.Long];

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void One_two_and_three_threads_give_the_same_bits(OpCase test)
    {
        var digests = new HashSet<string>();
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using CpuBackend backend = TestDevices.Open("Auto", threads);
            digests.Add(test.Digest(backend));
            digests.Add(test.Digest(backend));
        }
        Assert.Single(digests);
    }

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Every_vector_width_gives_the_same_bits_where_no_lanes_are_summed(OpCase test)
    {
        var digests = new HashSet<string>();
        foreach (string device in TestDevices.All)
        {
            using CpuBackend backend = TestDevices.Open(device);
            digests.Add(test.Digest(backend));
        }
        if (test.SameAtEveryWidth) Assert.Single(digests);
        else Assert.InRange(digests.Count, 1, 4);
    }

    [Fact]
    public void Exact_lanes_give_the_same_bits_at_every_vector_width_and_number_of_threads()
    {
        CpuBackend[] devices = [.. GemmTestBench.Levels.Select((level, i) => TestDevices.Open(level.ToString(), threads: i + 1, exact: true))];
        string different = string.Join("; ", OpCases.Exact.Where(test => devices.Select(test.Digest).Distinct().Count() > 1).Select(test => test.Name));
        Assert.True(different.Length == 0, different);
        foreach (CpuBackend device in devices) device.Dispose();
    }

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Repeated_calls_allocate_nothing(OpCase test)
    {
        using CpuBackend backend = TestDevices.Open("Auto");
        using (var bench = new Bench(backend))
        {
            PreparedOp op = test.Prepare(bench);
            op.Run();
            op.Run();
            MemoryUse before = backend.Memory;
            Assert.Equal(0, SteadyState.LeastAllocated(op.Run));
            Assert.Equal(before, backend.Memory);
        }
        Assert.Equal(0, backend.Memory.InUse);
    }

    // What is switched off, and the widest level that is then left; those that this processor has.
    public static TheoryData<string, SimdLevel> Switches
    {
        get
        {
            var rows = new TheoryData<string, SimdLevel>();
            foreach (var (variable, left) in new[] { ("DOTNET_EnableAVX512", SimdLevel.Avx2), ("DOTNET_EnableAVX2", SimdLevel.Vector128), ("DOTNET_EnableHWIntrinsic", SimdLevel.Scalar) })
                if (left <= SimdSupport.Widest)
                    rows.Add(variable, left);
            return rows;
        }
    }

    [Theory, MemberData(nameof(Switches))]
    public async Task A_process_without_an_instruction_set_gives_the_same_bits(string variable, SimdLevel left)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(OpCases).Assembly.Location);
        start.ArgumentList.Add(left.ToString());
        start.Environment[variable] = "0";
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string[] lines = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, await errors);

        Assert.Equal($"{left}\t{left != SimdLevel.Scalar}", lines[0]);
        using CpuBackend backend = TestDevices.Open("Auto");
        using CpuBackend exact = TestDevices.Open("Auto", exact: true);
        Assert.Equal(
            [
                .. OpCases.Long.Where(test => test.SameAtEveryWidth).Select(test => $"{test.Name}\t{test.Digest(backend)}"),
                .. OpCases.Exact.Select(test => $"{test.Name}\t{test.Digest(exact)}"),
            ], lines[1..]);
    }
}
