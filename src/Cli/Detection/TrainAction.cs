using System.CommandLine;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Cli.Training;
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect train</c>: trains a detector; the same command again goes on with an interrupted run.</summary>
internal static class TrainAction
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "VOC folder, COCO .json or .csv; without it scenes of shapes that are drawn on the spot.", HelpName = "VOC" };
        var set = new Option<string?>("--set") { Description = "Set of a VOC folder; without it trainval, or train, or all.", HelpName = "name" };
        var from = new Option<string?>("--from") { Description = "Classifier to start from; needed with --data. Without both spp-small is trained on drawn shapes first.", HelpName = "MODEL" };
        var output = new Option<string>("--out") { Description = "Run folder.", DefaultValueFactory = _ => Path.Combine("runs", "detect"), HelpName = "RUN" };
        var scales = new Option<string?>("--scales") { Description = "Lengths of the images' shorter side, e.g. 480,576,688,864,1200; without it these in proportion to the network's crop.", HelpName = "list" };
        var features = new Option<string>("--method") { Description = "Where windows get their features: spp, pooled from the image's maps | rcnn, each warped to the network's crop and taken through the convolutions by itself", DefaultValueFactory = _ => "spp", HelpName = "name" };
        var endToEnd = new Option<bool>("--end-to-end") { Description = "Train the convolutions too, with a layer that moves boxes (Fast R-CNN); scores with softmax." };
        var epochs = new Option<double?>("--epochs") { Description = "With --end-to-end: how often every image is seen, instead of --iterations.", HelpName = "n" };
        var frozen = new Option<string?>("--freeze-through") { Description = "With --end-to-end: the last layer that stays as it is, such as conv1, or none; without it the first convolution.", HelpName = "layer" };
        var iterations = new Option<int?>("--iterations") { Description = "Updates of fine-tuning; 0 leaves the network as it is.", HelpName = "n" };
        var rate = new Option<double?>("--lr") { Description = "Learning rate of fine-tuning.", HelpName = "rate" };
        var still = new Option<bool>("--no-flips") { Description = "Do not train the network on mirrored images." };
        var windowScale = new Option<string?>("--train-scale") { Description = "Scale of a window while the network learns: random | best", HelpName = "name" };
        Option<string?> proposals = ProposalSettings.MethodOption("; without it fast");
        Option<int?> most = ProposalSettings.MostOption();
        var scores = new Option<string?>("--scores") { Description = "What scores windows: svm | softmax; svm without --end-to-end.", HelpName = "name" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of everything drawn at random.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var shapes = new Option<int>("--shapes") { Description = "Drawn scenes to train on.", DefaultValueFactory = _ => ShapesScenes.TrainImages, HelpName = "n" };
        var plain = new Option<bool>("--no-box-regression") { Description = "Leave boxes as they are proposed." };
        var quiet = new Option<bool>("--quiet") { Description = "No progress." };
        var device = new DeviceSelection();
        var command = new Command("train", "Train a detector as in the paper's section 4; run the same command again to go on with an interrupted run.")
        {
            data, set, from, output, features, scales, endToEnd, epochs, frozen, iterations, rate, still, windowScale, proposals, most, scores, seed, shapes, plain, quiet,
        };
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string? path = parsed.GetValue(data), start = parsed.GetValue(from);
            if (path is not null && start is null) throw new UsageException("--data needs --from: a classifier to start from, such as best.safetensors of a training run.");
            if (parsed.GetValue(shapes) < 2) throw new UsageException("--shapes must be at least 2.");
            bool whole = parsed.GetValue(endToEnd);
            double? times = parsed.GetValue(epochs);
            if (!whole && (times is not null || parsed.GetValue(frozen) is not null)) throw new UsageException("--epochs and --freeze-through belong to --end-to-end.");
            if (times is not null && parsed.GetValue(iterations) is not null) throw new UsageException("--epochs and --iterations say the same; give one of them.");
            if (times is <= 0 or > 100_000) throw new UsageException("--epochs must be above 0 and at most 100000.");
            TrainingScale trainingScale = WindowScale(parsed.GetValue(windowScale));
            // What is wrong with the command line is said before anything is trained.
            DetectorOptions asked = Asked(parsed.GetValue(features)!, parsed.GetValue(scales), parsed.GetValue(scores) ?? (whole ? "softmax" : "svm"), parsed.GetValue(plain), parsed.GetValue(seed));
            if (whole && asked.Features.Method != WindowMethod.Spp) throw new UsageException("--end-to-end is for --method spp: it learns through the pooling of windows from maps.");
            var warnings = new StandardErrorLogger();
            string run = parsed.GetValue(output)!;
            DetectionDataset images = path is null
                ? ShapesScenes.Create(parsed.GetValue(shapes), ShapesScenes.TestImages, parsed.GetValue(seed)).Train
                : DetectionData.OpenTraining(path, parsed.GetValue(set), warnings);
            ProposalSettings settings = (path is null ? ProposalSettings.Scenes : ProposalSettings.Photographs).With(parsed.GetValue(proposals), parsed.GetValue(most));
            IProposalMethod method = settings.Open(run, warnings);
            method.Check([.. images.Images.Select(image => image.Name)]);

            using IBackend backend = device.Open(parsed);
            using TrainedModel classifier = StartingNetwork.Open(start, run, parsed.GetValue(seed), backend, warnings, interrupt);
            DetectorOptions options = For(classifier, asked, scalesGiven: parsed.GetValue(scales) is not null, parsed.GetValue(iterations), parsed.GetValue(rate));
            options = options with { FineTuning = options.FineTuning with { Flips = !parsed.GetValue(still), Scale = trainingScale } };
            if (whole) options = EndToEnd(options, images.Images.Count, times, parsed.GetValue(iterations), parsed.GetValue(frozen));
            var trainer = new DetectorTrainer(options, method, warnings, new ProgressLines(parsed.GetValue(quiet)));
            string file;
            try
            {
                settings.Write(run);
                file = trainer.Train(classifier.Model, classifier.Preparation, images, run, interrupt);
            }
            catch (IOException error) when (error is not ModelFormatException)
            {
                throw new DetectorRunException(run, $"cannot be written ({error.Message}); mend that and run the same command again to go on.");
            }
            Console.WriteLine($"{file}; test with: ilgpuspp detect test --model {run}{(path is null ? "" : $" --data {path}")}");
            return ExitCode.Done;
        });
        return command;
    }

    private static DetectorOptions Asked(string method, string? scales, string scores, bool plain, ulong seed)
    {
        var features = new WindowFeatureOptions
        {
            Method = method switch
            {
                "spp" => WindowMethod.Spp,
                "rcnn" => WindowMethod.Rcnn,
                _ => throw new UsageException($"--method is spp or rcnn, not '{method}'."),
            },
        };
        if (scales is not null && method == "rcnn") throw new UsageException("--scales is for --method spp: R-CNN's crops have one size.");
        var options = new DetectorOptions
        {
            Features = scales is null ? features : features with { Scales = Scales(scales) },
            Seed = seed,
            Scoring = scores switch
            {
                "svm" => WindowScoring.Svm,
                "softmax" => WindowScoring.Softmax,
                _ => throw new UsageException($"--scores is svm or softmax, not '{scores}'."),
            },
        };
        return options with { Boxes = options.Boxes with { Enabled = !plain } };
    }

    // What was not asked for follows from the network.
    private static DetectorOptions For(TrainedModel classifier, DetectorOptions asked, bool scalesGiven, int? iterations, double? rate)
    {
        WindowFeatureOptions features = asked.Features.Method == WindowMethod.Rcnn ? WindowFeatureOptions.ForRcnn(classifier.InputSize) : WindowFeatureOptions.For(classifier.InputSize);
        // Behind batch normalisation layers take a larger learning rate.
        bool small = classifier.Model.Description.Architecture == "spp-small";
        return asked with
        {
            Features = scalesGiven ? features with { Scales = asked.Features.Scales } : features,
            FineTuning = asked.FineTuning with { Iterations = iterations ?? asked.FineTuning.Iterations, LearningRate = rate ?? (small ? TrainDefaults.LearningRate : asked.FineTuning.LearningRate) },
        };
    }

    // The network's softmax and its box layer do the work of the machines and the regression, unless machines are asked for.
    private static DetectorOptions EndToEnd(DetectorOptions options, int images, double? epochs, int? iterations, string? frozen)
    {
        FineTuningOptions shared = options.FineTuning;
        var endToEnd = new EndToEndOptions { LearningRate = shared.LearningRate, Flips = shared.Flips, Scale = shared.Scale, FrozenThrough = frozen, BoxWeight = options.Boxes.Enabled ? 1 : 0 };
        int updates = epochs is { } times ? Math.Max(1, (int)Math.Round(times * images / endToEnd.ImagesPerBatch)) : iterations ?? endToEnd.Iterations;
        return options with { EndToEnd = endToEnd with { Iterations = updates }, Svm = options.Svm with { Enabled = options.Scoring == WindowScoring.Svm } };
    }

    private static TrainingScale WindowScale(string? name) => name switch
    {
        null or "random" => TrainingScale.Random,
        "best" => TrainingScale.Best,
        _ => throw new UsageException($"--train-scale is random or best, not '{name}'."),
    };

    private static System.Collections.Immutable.ImmutableArray<int> Scales(string list)
    {
        try
        {
            return [.. list.Split(',').Select(part => int.Parse(part, System.Globalization.NumberStyles.None | System.Globalization.NumberStyles.AllowLeadingWhite | System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture)).Order().Distinct()];
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new UsageException($"--scales is a list of lengths such as 480,688, not '{list}'.");
        }
    }
}
