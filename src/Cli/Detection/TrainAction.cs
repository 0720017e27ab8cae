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
        var iterations = new Option<int?>("--iterations") { Description = "Updates of fine-tuning; 0 leaves the network as it is.", HelpName = "n" };
        var rate = new Option<double?>("--lr") { Description = "Learning rate of fine-tuning.", HelpName = "rate" };
        Option<string?> proposals = ProposalSettings.MethodOption("; without it fast");
        Option<int?> most = ProposalSettings.MostOption();
        var scores = new Option<string>("--scores") { Description = "What scores windows: svm | softmax", DefaultValueFactory = _ => "svm", HelpName = "name" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of everything drawn at random.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var shapes = new Option<int>("--shapes") { Description = "Drawn scenes to train on.", DefaultValueFactory = _ => ShapesScenes.TrainImages, HelpName = "n" };
        var plain = new Option<bool>("--no-box-regression") { Description = "Leave boxes as they are proposed." };
        var quiet = new Option<bool>("--quiet") { Description = "No progress." };
        var device = new DeviceSelection();
        var command = new Command("train", "Train a detector as in the paper's section 4; run the same command again to go on with an interrupted run.")
        {
            data, set, from, output, features, scales, iterations, rate, proposals, most, scores, seed, shapes, plain, quiet,
        };
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string? path = parsed.GetValue(data), start = parsed.GetValue(from);
            if (path is not null && start is null) throw new UsageException("--data needs --from: a classifier to start from, such as best.safetensors of a training run.");
            if (parsed.GetValue(shapes) < 2) throw new UsageException("--shapes must be at least 2.");
            // What is wrong with the command line is said before anything is trained.
            DetectorOptions asked = Asked(parsed.GetValue(features)!, parsed.GetValue(scales), parsed.GetValue(scores)!, parsed.GetValue(plain), parsed.GetValue(seed));
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
