using System.CommandLine;
using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Cli.Training;
using IlgpuSpp.Data;
using IlgpuSpp.Detection;
using IlgpuSpp.Layers;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Tests;

/// <summary>The values of <c>--recipe</c> against those that the paper and its authors' release name, as they are used and as they are printed.</summary>
public sealed class RecipeTests : CommandTest
{
    [Fact]
    public void ThePapersClassification()
    {
        TrainRequest request = Train("--recipe paper --data photos --model zf5 --epochs 1");
        TrainerOptions options = request.Options;
        Assert.Equal((224, 224, 256), (Assert.Single(options.Sizes), options.EffectiveCropSize, options.EffectiveResizeSide));
        Assert.Equal((1, 128, 0.01, 0.9, 5e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.Momentum, options.WeightDecay));
        Assert.Equal((ScheduleKind.Plateau, 0.1, 2, OptimiserKind.Sgd), (options.Schedule, options.LearningRateFactor, options.PlateauDrops, options.Optimiser));
        Assert.Equal((AugmentationOptions.Paper, NormalisationMethod.MeanImage, 0.5f), (options.Augmentation, options.Normalisation, request.ModelOptions.Dropout));
        Assert.Equal(
            [
                "recipe paper: size 224, crops of 224, of images of 256, 5 positions, flips, PCA colours, mean-image, 70 epochs, batch 128, sgd, rate 0.01, times 0.1 on a plateau 2 times, momentum 0.9, decay 0.0005, dropout 0.5",
                "--epochs: 1 epoch instead of the recipe's 70 epochs",
            ],
            request.Recipe);
    }

    [Fact]
    public void OtherNetworksAndTheRelease()
    {
        Assert.Equal((90, NormalisationMethod.MeanImage), (Train("--recipe paper --model overfeat7").Options.Epochs, Train("--recipe paper --model overfeat7").Options.Normalisation));
        Assert.Equal((70, NormalisationMethod.Constant128), (Train("--recipe release --model zf5").Options.Epochs, Train("--recipe release --model zf5").Options.Normalisation));
        TrainRequest multi = Train("--recipe paper --model zf5 --sizes 224,180 --lr 0.02 --augment strong --dropout 0.5");
        Assert.Equal([224, 180], multi.Options.Sizes.ToArray());
        Assert.Equal((0.02, 70), (multi.Options.LearningRate, multi.Options.Epochs));
        Assert.Equal(["--sizes: size 224, 180 instead of the recipe's size 224", "--augment: other changes of images instead of the recipe's 5 positions, flips, PCA colours", "--lr: rate 0.02 instead of the recipe's rate 0.01"], multi.Recipe.Skip(1));
        Assert.Empty(Train("--model zf5").Recipe);
    }

    [Fact]
    public void TheRecipeIsPrinted()
    {
        ProgramRun run = Run("train", "--recipe", "release", "--shapes", "40", "--epochs", "1", "--sizes", "48", "--out", "run", "--threads", "2");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("recipe release: size 96, crops of 96, of images of 110, 5 positions", run.Output, StringComparison.Ordinal);
        Assert.Contains("--sizes: size 48 instead of the recipe's size 96", run.Output, StringComparison.Ordinal);
        Assert.Contains("paper, release", Run("train", "--recipe", "soup").Error, StringComparison.Ordinal);
        ProgramRun mixed = Run("detect", "train", "--recipe", "paper", "--end-to-end");
        Assert.Equal(2, mixed.ExitCode);
        Assert.Contains("leave one of them out", mixed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePapersDetection()
    {
        (DetectorOptions options, IReadOnlyList<string> lines) = Detect("--recipe paper --iterations 10");
        Assert.Equal([480, 576, 688, 864, 1200], options.Features.Scales.ToArray());
        Assert.Equal((WindowRule.Paper, ScaleRule.Area, ScaleCombination.Best, 224), (options.Features.Rule, options.Features.ScaleRule, options.Features.Combination, options.Features.TargetSide));
        FineTuningOptions tuning = options.FineTuning;
        Assert.Equal((10, 128, 0.25, 0.5, 0.1), (tuning.Iterations, tuning.BatchSize, tuning.ForegroundShare, tuning.ForegroundOverlap, tuning.BackgroundOverlap));
        tuning = Detect("--recipe paper").Options.FineTuning;
        Assert.Equal((300_000, 1e-4, 250_000, 300_000), (tuning.Iterations, tuning.LearningRate, Math.Round(tuning.DropAfter * tuning.Iterations), tuning.DropAgainAfter * tuning.Iterations));
        Assert.Equal((0.3, 0.7, 1e-3, 2, 10, -1.0001, -1.2, 2000), (options.Svm.NegativeOverlap, options.Svm.DuplicateOverlap, options.Svm.Cost, options.Svm.PositiveWeight, options.Svm.BiasFeature, options.Svm.HardAbove, options.Svm.EvictBelow, options.Svm.RetrainAfter));
        Assert.Equal((1000, 0.5, 0, BoxSides.Pixels), (options.Boxes.Lambda, options.Boxes.Overlap, options.Boxes.MostPairs, options.BoxSides));
        Assert.Equal("--iterations: 10 updates instead of the recipe's 300000 updates", Assert.Single(lines.Skip(1)));
        Assert.StartsWith("recipe paper: pooled from maps, scales 480, 576, 688, 864, 1200, window rule paper, scale rule area, best scale, 300000 updates, rate 0.0001, 1E-05 after 250000, batch 128, 25 % objects from IoU 0.5, background 0.1 to 0.5, flips, random scale in training", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TheReleasesDetection()
    {
        (DetectorOptions options, IReadOnlyList<string> lines) = Detect("--recipe release");
        Assert.Equal([480, 576, 688, 874, 1200], options.Features.Scales.ToArray());
        Assert.Equal((WindowRule.Release, ScaleRule.Side), (options.Features.Rule, options.Features.ScaleRule));
        FineTuningOptions tuning = options.FineTuning;
        Assert.Equal((200_000, 1e-3, 30_000, 60_000, 128), (tuning.Iterations, tuning.LearningRate, Math.Round(tuning.DropAfter * tuning.Iterations), Math.Round(tuning.DropAgainAfter * tuning.Iterations), tuning.BatchSize));
        Assert.Equal((4000, 0.5, 1), (options.Boxes.Lambda, options.Boxes.Overlap, options.Svm.DuplicateOverlap));
        Assert.Equal(BoxSides.Corners, options.BoxSides);
        Assert.Single(lines);
        // R-CNN's crops stay; that they are not the recipe's is said.
        (options, lines) = Detect("--recipe paper --method rcnn");
        Assert.Equal(WindowMethod.Rcnn, options.Features.Method);
        Assert.Equal(["--method: R-CNN's crops instead of the recipe's pooled from maps"], lines.Skip(1));
    }

    private static TrainRequest Train(string line)
    {
        var arguments = new TrainArguments();
        var command = new Command("train");
        arguments.AddTo(command);
        return arguments.Resolve(command.Parse(line));
    }

    private static (DetectorOptions Options, IReadOnlyList<string> Lines) Detect(string line)
    {
        var arguments = new DetectorArguments();
        var command = new Command("train");
        arguments.AddTo(command);
        ParseResult parsed = command.Parse(line);
        DetectorOptions asked = arguments.Asked(parsed);
        return arguments.Followed(parsed, asked with { FineTuning = asked.FineTuning with { Iterations = 10 } }, 224);
    }
}
