namespace IlgpuSpp.Cli.Bench;

/// <summary>What a benchmark runs with.</summary>
/// <param name="Backend">The device.</param>
/// <param name="Batch">Images a repetition.</param>
/// <param name="Size">Side in pixels, or of the matrix; 0 for the case's own.</param>
/// <param name="Windows">For the detection case: how many windows to draw, or a CSV of windows; null for 2000 drawn ones.</param>
internal sealed record BenchSetup(Backend Backend, int Batch, int Size, string? Windows = null);

/// <summary>One benchmark: prepares its data and then repeats the same work.</summary>
internal interface IBenchCase : IDisposable
{
    /// <summary>Images worked on in one repetition.</summary>
    int Images { get; }

    /// <summary>Queues one repetition.</summary>
    void Run();
}

/// <summary>The benchmarks by name, the same work as the PyTorch script that they are compared with.</summary>
internal static class BenchCases
{
    public static IReadOnlyList<string> Names { get; } = ["forward", "train", "small", "detect", "rcnn", "gemm"];

    public static IBenchCase Create(string name, BenchSetup setup) => name switch
    {
        "forward" => new ForwardCase(setup, BenchNetworks.Zf5(setup.Backend), setup.Size == 0 ? 224 : setup.Size),
        "rcnn" => new ForwardCase(setup, BenchNetworks.Zf5Convolutions(setup.Backend), 227),
        "train" => new TrainingCase(setup, BenchNetworks.Zf5(setup.Backend), setup.Size == 0 ? 224 : setup.Size, 1000, new SgdStep(1e-3f, 0.9f, 5e-4f, ClearGradient: true)),
        "small" => new TrainingCase(setup, BenchNetworks.Small(setup.Backend), setup.Size == 0 ? 32 : setup.Size, 10, new SgdStep(1e-2f, 0.9f, 0, ClearGradient: true)),
        "detect" => new DetectCase(setup),
        "gemm" => new GemmCase(setup),
        _ => throw new ArgumentException($"There is no benchmark '{name}'; the benchmarks are {string.Join(", ", Names)}."),
    };
}
