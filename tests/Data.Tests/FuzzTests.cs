using IlgpuSpp.Fuzz;

namespace IlgpuSpp.Data.Tests;

/// <summary>The first damaged files of every kind that hold images or say what they show: read or refused as documented. The Fuzz program goes on from there.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 300;

    public static TheoryData<string> Kinds => [.. Fuzzer.DataKinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_files_are_read_or_refused(string kind) => Assert.Null(Fuzzer.FirstFault(kind, Inputs));
}
