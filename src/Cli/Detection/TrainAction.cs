using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect train</c>: trains a detector; the same command again goes on with an interrupted run.</summary>
internal static class TrainAction
{
    /// <summary>The run folder where none is named; the commands that use detectors look there too.</summary>
    public static string DefaultRun { get; } = Path.Combine("runs", "detect");

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = $"{AnnotationSelection.Formats}; without it scenes of shapes that are drawn on the spot.", HelpName = "VOC" };
        var annotations = new AnnotationSelection("trainval, or train, or all");
        var objects = new Option<string?>("--objects") { Description = "More images, whose marked objects alone are learnt from: no background, no regression of boxes (the paper's section 4.5, where DET's val is --data and its train --objects).", HelpName = "VOC" };
        var objectsSet = new Option<string?>("--objects-set") { Description = "Set of a VOC folder given to --objects; without it trainval, or train, or all.", HelpName = "name" };
        var from = new Option<string?>("--from") { Description = "Classifier to start from; needed with --data; a name such as resnet18-imagenet takes trained weights (see 'ilgpuspp models pull'), with a pyramid where they have none. Without both spp-small is trained on drawn shapes first.", HelpName = "MODEL|name" };
        var pretrained = new PretrainedSelection();
        var output = new Option<string>("--out") { Description = "Run folder.", DefaultValueFactory = _ => DefaultRun, HelpName = "RUN" };
        Option<string?> proposals = ProposalSettings.MethodOption("; without it fast");
        Option<int?> most = ProposalSettings.MostOption();
        var arguments = new DetectorArguments();
        var shapes = new Option<int>("--shapes") { Description = "Drawn scenes to train on.", DefaultValueFactory = _ => ShapesScenes.TrainImages, HelpName = "n" };
        var mean = new MeanSelection();
        var quiet = new Option<bool>("--quiet") { Description = "No progress." };
        var device = new DeviceSelection();
        var command = new Command("train", "Train a detector as in the paper's section 4; run the same command again to go on with an interrupted run.") { data, from, output, proposals, most };
        arguments.AddTo(command);
        command.Add(shapes);
        mean.AddTo(command);
        command.Add(quiet);
        pretrained.AddTo(command);
        device.AddTo(command);
        annotations.AddTo(command);
        command.Add(objects);
        command.Add(objectsSet);
        CommandAction.SetSaving(command, (parsed, interrupt) =>
        {
            string? path = parsed.GetValue(data), start = parsed.GetValue(from);
            if (path is not null && start is null) throw new UsageException("--data needs --from: a classifier to start from, such as best.safetensors of a training run.");
            string? more = parsed.GetValue(objects);
            if (more is not null && path is null) throw new UsageException("--objects adds to --data, which is missing: images with all their objects marked, to learn the background from.");
            if (more is null && parsed.GetValue(objectsSet) is not null) throw new UsageException("--objects-set names a set of --objects, which is missing.");
            if (more is not null && arguments.IsEndToEnd(parsed)) throw new UsageException("--objects is for the paper's training; --end-to-end draws background from every image, leave one of them out.");
            if (parsed.GetValue(shapes) < 2) throw new UsageException("--shapes must be at least 2.");
            DetectorOptions asked = arguments.Asked(parsed);
            NewHead? head = arguments.Head(parsed);
            float? subtracted = mean.Of(parsed);
            if (start is null && head is not null) throw new UsageException("--at, --levels and --hidden say what becomes of a trained network; name one with --from.");
            OutputPlace.CheckFolder("--out", parsed.GetValue(output));
            if (start is not null) start = pretrained.FileOf(parsed, start, interrupt);
            ulong seed = arguments.Seed(parsed);
            using var display = new StageDisplay(parsed.GetValue(quiet), interrupt);
            var warnings = WarningLogger.OfData(display.Note);
            string run = parsed.GetValue(output)!;
            DetectionDataset images = path is null
                ? ShapesScenes.Create(parsed.GetValue(shapes), ShapesScenes.TestImages, seed).Train
                : BackgroundWork.Wait(() => DetectionData.OpenTraining(path, annotations.Options(parsed), warnings), interrupt);
            if (more is not null) images = BackgroundWork.Wait(() => images.WithObjectsOf(DetectionData.OpenTraining(more, annotations.Options(parsed) with { Set = parsed.GetValue(objectsSet) }, warnings), warnings), interrupt);
            ProposalPlan settings = (path is null ? ProposalSettings.Scenes : ProposalSettings.Photographs).With(parsed.GetValue(proposals), parsed.GetValue(most));
            IProposalMethod method = BackgroundWork.Wait(() => settings.Open(run, warnings), interrupt);
            method.Check([.. images.Images.Where(image => !image.ObjectsOnly).Select(image => image.Name)]);

            using Backend backend = device.Open(parsed);
            using StartingNetwork network = StartingNetwork.Open(start, head, images.ClassNames, asked.SvmLayer, run, seed, backend, warnings, display, interrupt);
            SvmLayers.Check(network.Classifier.Model.Network, asked.SvmLayer);
            (DetectorOptions options, IReadOnlyList<string> recipe) = arguments.Followed(parsed, arguments.For(parsed, asked, network, images.Images.Count, drawn: path is null), network.Classifier.InputSize);
            foreach (string line in recipe) display.Note(line);
            var trainer = new DetectorTrainer(options, method, warnings, new ProgressLines(display));
            settings.Write(run);
            InputPreparation preparation = network.Classifier.Preparation;
            if (subtracted is { } value) preparation = preparation with { Normalisation = preparation.Normalisation.WithMean(value) };
            string file = trainer.Train(network.Classifier.Model, preparation, images, run, interrupt);
            display.Clear();
            Say.Line($"{file}; test with: ilgpuspp detect test --model {run}{(path is null ? "" : $" --data {path}")}");
            return ExitCode.Done;
        });
        return command;
    }
}
