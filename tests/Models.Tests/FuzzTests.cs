using IlgpuSpp.Fuzz;

namespace IlgpuSpp.Models.Tests;

/// <summary>The first damaged files of every kind that hold networks: read or refused as documented. The Fuzz program goes on from there.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 300;

    public static TheoryData<string> Kinds => [.. Fuzzer.Kinds.Except(Fuzzer.DataKinds)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_files_are_read_or_refused(string kind) => Assert.Null(Fuzzer.FirstFault(kind, Inputs));

    // The released pyramid on a map that it has no bins for; arithmetic with an empty list.
    [Theory]
    [InlineData("onnx", 1, 901)]
    [InlineData("onnx", 3, 9114)]
    public void Inputs_that_once_failed_pass(string kind, ulong seed, int index)
    {
        using var fuzzer = new Fuzzer(kind, seed, FuzzLimits.BesideOthers);
        Assert.Null(fuzzer.Try(index)?.ToString());
    }
}
