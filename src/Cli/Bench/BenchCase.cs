namespace IlgpuSpp.Cli.Bench;

/// <summary>What a benchmark runs with.</summary>
/// <param name="Backend">The device.</param>
/// <param name="Batch">Images a repetition.</param>
/// <param name="Size">Size of the images, its width also the side of the matrix; null for the case's own.</param>
/// <param name="Windows">For the detection case: how many windows to draw, or a CSV of windows; null for 2000 drawn ones.</param>
/// <param name="Model">For the cases that take any network: one of the zoo or a model file; null for ZF-5.</param>
/// <param name="Data">For the cases that read images: a data set, or an image.</param>
/// <param name="Recompute">For training: whether activations are computed again on the way back.</param>
/// <param name="ReducedDecoding">For the loader: whether images are decoded at a part of their size where that is enough.</param>
internal sealed record BenchSetup(Backend Backend, int Batch, (int Width, int Height)? Size = null, string? Windows = null, string? Model = null, string? Data = null, bool Recompute = false, bool ReducedDecoding = false);

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
    public static IReadOnlyList<string> Names { get; } = ["forward", "train", "small", "detect", "rcnn", "gemm", "load", "predict", "startup"];

    public static IBenchCase Create(string name, BenchSetup setup) => name switch
    {
        "forward" => ForwardCase.Of(setup),
        "rcnn" => new ForwardCase(setup, BenchNetworks.Zf5Convolutions(setup.Backend), (227, 227)),
        "train" => TrainingCase.Of(setup),
        "small" => new TrainingCase(setup, BenchNetworks.Small(setup.Backend), setup.Size ?? (32, 32), new SgdStep(1e-2f, 0.9f, 0, ClearGradient: true)),
        "detect" => new DetectCase(setup),
        "gemm" => new GemmCase(setup),
        "load" => new LoadCase(setup),
        "predict" => new PredictCase(setup),
        "startup" => new ProcessCase(setup),
        _ => throw new ArgumentException($"There is no benchmark '{name}'; the benchmarks are {string.Join(", ", Names)}."),
    };
}
