using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;
using IlgpuSpp.Training;

namespace IlgpuSpp.Detection.Tests;

/// <summary>A network, data and windows small enough for tests.</summary>
internal static class SmallDetection
{
    public static InputPreparation Preparation => new() { Normalisation = InputNormalisation.Constant(128, 64) };

    public static Backend Open() => new CpuBackend(new CpuOptions { Threads = 2 });

    public static Model Network(Backend backend) => Zoo.Create("spp-small", new ModelOptions { Classes = 10, Pyramid = [1, 2] }, backend, seed: 3);

    public static DetectorOptions Options => new()
    {
        Features = new WindowFeatureOptions { Scales = [64, 96], TargetSide = 48 },
        FineTuning = new FineTuningOptions { Iterations = 24, BatchSize = 16, EvaluateEvery = 6, LearningRate = 0.01, HeldOutShare = 0.25, GroupBytes = 150_000, DrawsPerGroup = 2 },
        Boxes = new BoxRegressionOptions { MostPairs = 12 },
    };

    public static DetectorSettings Settings => new() { Features = Options.Features };

    public static DetectorOptions EndToEnd => Options with
    {
        EndToEnd = new EndToEndOptions { Iterations = 24, BatchSize = 24, LearningRate = 0.01, CheckpointEvery = 6, ReportEvery = 4 },
        Svm = new SvmOptions { Enabled = false },
        Scoring = WindowScoring.Softmax,
    };

    /// <summary>Windows of three sizes on a grid.</summary>
    public sealed class Grid : IProposalMethod
    {
        public string Name => "grid";

        public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "")
        {
            var boxes = new List<PixelBox>();
            foreach (int side in (ReadOnlySpan<int>)[30, 45, 60])
                for (int y = 0; y + side <= image.Height; y += side / 2)
                    for (int x = 0; x + side <= image.Width; x += side / 2) boxes.Add(new PixelBox(x, y, x + side - 1, y + side - 1));
            return boxes;
        }
    }
}
