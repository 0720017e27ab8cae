using System.CommandLine;
using IlgpuSpp.Cli.Training;
using IlgpuSpp.Data;
using IlgpuSpp.Inference;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Tests;

/// <summary>What the help says of a default is what an option's silence gives.</summary>
public class TrainDefaultsTests
{
    private static readonly TrainArguments Arguments = new();
    private static readonly Command Train = Command();

    [Fact]
    public void On_drawn_shapes()
    {
        TrainerOptions options = Options("");
        Assert.Equal((8, 0.02, ScheduleKind.Cosine), (options.Epochs, options.LearningRate, options.Schedule));
        Assert.Equal(AugmentationOptions.Paper, options.Augmentation);
        Assert.Equal((options.EffectiveCropSize, EvaluationView.Full), (options.EffectiveResizeSide, options.EvaluationView));
        Says("--epochs", "by default 40, on drawn shapes 8");
        Says("--min-side", "for drawn shapes the crop");
        Says("--view", "full where the network takes any size");
    }

    [Fact]
    public void On_images_of_ones_own()
    {
        TrainerOptions small = Options("--data photos"), other = Options("--data photos --model zf5"), plain = Options("--data photos --model zf5 --levels none");
        Assert.Equal((40, 0.02, ScheduleKind.Cosine), (small.Epochs, small.LearningRate, small.Schedule));
        Assert.Equal((40, 0.01, ScheduleKind.Plateau), (other.Epochs, other.LearningRate, other.Schedule));
        Assert.Equal(Options("--data photos --augment strong").Augmentation, small.Augmentation);
        Assert.Equal(AugmentationOptions.Paper, other.Augmentation);
        Assert.Equal((EvaluationView.Full, EvaluationView.Crop), (other.EvaluationView, plain.EvaluationView));
        Assert.Equal((256, 224), (other.EffectiveResizeSide, other.EffectiveCropSize));
        Assert.Equal((110, 110), (small.EffectiveResizeSide, small.EffectiveCropSize));
        Says("--crop", "with crops or strong the shorter side of --min-side");
        Says("--augment", "by default strong for spp-small on images of one's own, else paper");
        Says("--lr", "by default 0.02 for spp-small and 0.01 for the others");
        Says("--schedule", "by default cosine for spp-small, plateau for the others");
    }

    [Fact]
    public void Every_kind_of_augmentation_is_in_the_help()
    {
        string[] kinds = ["paper", "crops", "strong", "none"];
        foreach (string kind in kinds) Assert.NotNull(Options($"--augment {kind}").Augmentation);
        Assert.Equal(kinds, Description("--augment").Split(';')[0].Split('|').Select(part => part.Trim().Split(' ')[0]));
    }

    private static Command Command()
    {
        var command = new Command("train");
        Arguments.AddTo(command);
        return command;
    }

    private static TrainerOptions Options(string line) => Arguments.Resolve(Train.Parse(line)).Options;

    private static string Description(string option) => Train.Options.Single(known => known.Name == option).Description!;

    private static void Says(string option, string text) => Assert.Contains(text, Description(option), StringComparison.Ordinal);
}
