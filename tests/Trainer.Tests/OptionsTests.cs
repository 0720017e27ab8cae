namespace IlgpuSpp.Training.Tests;

public class OptionsTests
{
    public static TheoryData<string, TrainerOptions> Unworkable => new()
    {
        { "Sizes", new TrainerOptions { Sizes = [] } },
        { "Sizes", new TrainerOptions { Sizes = [224, 0] } },
        { "Sizes", new TrainerOptions { SizePolicy = SizePolicy.RandomSize } },
        { "ResizeSide", new TrainerOptions { ResizeSide = 223 } },
        { "CropSize", new TrainerOptions { CropSize = -1 } },
        { "Epochs", new TrainerOptions { Epochs = 0 } },
        { "BatchSize", new TrainerOptions { BatchSize = 0 } },
        { "GradientAccumulation", new TrainerOptions { GradientAccumulation = 0 } },
        { "LearningRate", new TrainerOptions { LearningRate = double.NaN } },
        { "LearningRate", new TrainerOptions { LearningRate = 0 } },
        { "Momentum", new TrainerOptions { Momentum = 1 } },
        { "WeightDecay", new TrainerOptions { WeightDecay = -1 } },
        { "Beta2", new TrainerOptions { Beta2 = 1 } },
        { "Epsilon", new TrainerOptions { Epsilon = 0 } },
        { "ClipNorm", new TrainerOptions { ClipNorm = double.PositiveInfinity } },
        { "LabelSmoothing", new TrainerOptions { LabelSmoothing = 1 } },
        { "FocalExponent", new TrainerOptions { FocalExponent = -1 } },
        { "EmaDecay", new TrainerOptions { EmaDecay = 1 } },
        { "LearningRateFactor", new TrainerOptions { LearningRateFactor = 1 } },
        { "PlateauPatience", new TrainerOptions { PlateauPatience = 0 } },
        { "StepEpochs", new TrainerOptions { StepEpochs = 0 } },
        { "CosineFinalShare", new TrainerOptions { CosineFinalShare = 2 } },
        { "WarmupEpochs", new TrainerOptions { Epochs = 3, WarmupEpochs = 3 } },
        { "EarlyStoppingPatience", new TrainerOptions { EarlyStoppingPatience = -1 } },
        { "LoaderThreads", new TrainerOptions { LoaderThreads = -1 } },
        { "CacheBytes", new TrainerOptions { CacheBytes = -1 } },
        { "MaxUndecodableShare", new TrainerOptions { MaxUndecodableShare = 1.1 } },
        { "EvaluateEvery", new TrainerOptions { EvaluateEvery = 0 } },
        { "CheckpointEverySteps", new TrainerOptions { CheckpointEverySteps = -1 } },
        { "Schedule", new TrainerOptions { Schedule = (ScheduleKind)9 } },
    };

    [Theory]
    [MemberData(nameof(Unworkable))]
    public void An_unworkable_option_is_named_in_one_line(string option, TrainerOptions options)
    {
        var refused = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(option, refused.Option);
        Assert.StartsWith(option + " ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void The_defaults_are_the_papers()
    {
        var options = new TrainerOptions();
        options.Validate();
        Assert.Equal((0.01, 0.9, 5e-4), (options.LearningRate, options.Momentum, options.WeightDecay));
        Assert.Equal((224, 256), (options.EffectiveCropSize, options.EffectiveResizeSide));
        Assert.Equal((0.1, 2), (options.LearningRateFactor, options.PlateauDrops));
        Assert.Equal((180, 206), ((options with { Sizes = [180] }).EffectiveCropSize, (options with { Sizes = [180] }).EffectiveResizeSide));
    }

    // The average random resized crop covers more than the minimum side's square of a photograph: evaluation that shrinks the whole
    // minimum side to the network's size shows objects as large as training did. A crop or a side that is asked for stays.
    [Theory]
    [InlineData(null, null, 110, 110)]
    [InlineData(96, null, 96, 110)]
    [InlineData(96, 110, 96, 110)]
    [InlineData(null, 128, 128, 128)]
    public void Random_resized_crops_are_evaluated_at_their_own_scale(int? crop, int? side, int effectiveCrop, int effectiveSide)
    {
        var options = new TrainerOptions { Sizes = [96, 80], CropSize = crop, ResizeSide = side, Augmentation = AugmentationOptions.Paper with { Crop = CropMode.RandomResized } };
        options.Validate();
        Assert.Equal((effectiveCrop, effectiveSide), (options.EffectiveCropSize, options.EffectiveResizeSide));
    }

    [Fact]
    public void Options_survive_json()
    {
        TrainerOptions options = TinyRun.Options with { Sizes = [7, 9, 8], Seed = ulong.MaxValue, LearningRate = 0.1 + 0.2, Schedule = ScheduleKind.Cosine, CropSize = 5, ProgressInterval = TimeSpan.FromSeconds(1.5) };
        TrainerOptions? read = RunJson.Read<TrainerOptions>(RunJson.Write(options));
        Assert.Equal(options, read);
        Assert.NotEqual(options, read! with { Seed = 1 });
        Assert.Equal(options.Augmentation, read.Augmentation);
    }

    // A run of a program that knew fewer options goes on with the defaults of the others.
    [Fact]
    public void Options_missing_in_a_configuration_have_their_defaults()
    {
        var configuration = new RunConfiguration
        {
            Options = TinyRun.Options,
            Model = new() { Architecture = "tiny", Options = new() },
            Data = new("train", 1, "validation", 1, 2, "ab"),
        };
        var json = System.Text.Json.Nodes.JsonNode.Parse(RunJson.Write(configuration))!.AsObject();
        foreach (string name in (string[])["frozenLayers", "momentum", "progressInterval"]) Assert.True(json["options"]!.AsObject().Remove(name));
        Assert.True(json["options"]!["augmentation"]!.AsObject().Remove("minArea"));
        Assert.True(json.Remove("notes"));
        RunConfiguration? read = RunJson.ReadConfiguration(json.ToJsonString());
        var usual = new TrainerOptions();
        Assert.Equal(TinyRun.Options with { FrozenLayers = [], Momentum = usual.Momentum, ProgressInterval = usual.ProgressInterval, Augmentation = TinyRun.Options.Augmentation with { MinArea = usual.Augmentation.MinArea } }, read!.Options);
        Assert.Empty(read.Notes);
    }
}
