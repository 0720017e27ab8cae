using IlgpuSpp.Cli.Detection;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>data</c>: makes data sets and brings them into other formats.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Make data sets and bring them into other formats.") { Shapes(), Crops(), Convert() };

    private static Command Shapes()
    {
        var folder = new Argument<string?>("folder") { Description = "Where train/ and val/ are written; must be empty or not exist.", Arity = ArgumentArity.ZeroOrOne };
        var voc = new Option<string?>("--voc") { Description = "Write scenes of several shapes with their boxes instead, as a VOC folder with the sets trainval and test.", HelpName = "DIR" };
        var train = new Option<int?>("--train") { Description = "Training images; 4000, with --voc 400.", HelpName = "n" };
        var validation = new Option<int?>("--val") { Description = "Validation or test images; 1000, with --voc 150.", HelpName = "n" };
        var seed = new Option<ulong>("--seed") { Description = "Seed: the same seed draws the same images.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var command = new Command("shapes", "Draw textured shapes over clutter: 10 classes, varied sizes and aspect ratios.") { folder, voc, train, validation, seed };
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(train) is < 1 || parsed.GetValue(validation) is < 1) throw new UsageException("--train and --val must be at least 1.");
            string? scenes = parsed.GetValue(voc), classes = parsed.GetValue(folder);
            if ((scenes is null) == (classes is null)) throw new UsageException("name a folder, or --voc with a folder.");
            string target = scenes ?? classes!;
            OutputPlace.CheckFolder(scenes is null ? "<folder>" : "--voc", target);
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
                throw new UsageException($"{target}: is not an empty folder; name one that is empty or does not exist.");
            if (scenes is not null)
                WriteScenes(target, parsed.GetValue(train) ?? ShapesScenes.TrainImages, parsed.GetValue(validation) ?? ShapesScenes.TestImages, parsed.GetValue(seed), interrupt);
            else
                WriteClasses(target, parsed.GetValue(train), parsed.GetValue(validation), parsed.GetValue(seed), interrupt);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Crops()
    {
        var usual = new ObjectCropOptions();
        var folder = new Argument<string>("folder") { Description = "Where the crops are written; must be empty, not exist, or hold what the same command began." };
        var data = new Option<string?>("--data") { Description = $"{AnnotationSelection.Formats}: the images with their boxes.", HelpName = "VOC" };
        var annotations = new AnnotationSelection("trainval, or train, or all");
        var minSide = new Option<int>("--min-side") { Description = "Smaller side to which images are resized first.", DefaultValueFactory = _ => usual.MinSide, HelpName = "px" };
        var crop = new Option<int>("--crop") { Description = "Side of the crops.", DefaultValueFactory = _ => usual.Crop, HelpName = "px" };
        var share = new Option<double>("--share") { Description = "Smallest share of an object that its crops hold.", DefaultValueFactory = _ => usual.Share, HelpName = "share" };
        var perObject = new Option<int>("--per-object") { Description = "Crops of an object, at places drawn at random.", DefaultValueFactory = _ => usual.PerObject, HelpName = "n" };
        var held = new Option<double>("--val-share") { Description = "Share of the images whose crops validate.", DefaultValueFactory = _ => usual.HeldOutShare, HelpName = "share" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the places and of the images that validate.", DefaultValueFactory = _ => usual.Seed, HelpName = "n" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress." };
        var command = new Command("crops", "Cut crops around marked objects, each of its object's class, to pre-train a network on the classes that it is to detect (the paper's section 4.5); run the same command again to go on.") { folder, data, minSide, crop, share, perObject, held, seed, quiet };
        annotations.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string path = parsed.GetValue(data) ?? throw new UsageException("--data is needed: the images with their boxes.");
            var options = new ObjectCropOptions { MinSide = parsed.GetValue(minSide), Crop = parsed.GetValue(crop), Share = parsed.GetValue(share), PerObject = parsed.GetValue(perObject), HeldOutShare = parsed.GetValue(held), Seed = parsed.GetValue(seed) };
            if (options.Crop < 1) throw new UsageException("--crop must be at least 1.");
            if (options.MinSide < options.Crop || options.MinSide > ImageSize.Largest) throw new UsageException($"--min-side must be at least the {options.Crop} of --crop and at most {ImageSize.Largest}.");
            if (!(options.Share is > 0 and <= 1)) throw new UsageException("--share must be above 0 and at most 1.");
            if (options.PerObject < 1) throw new UsageException("--per-object must be at least 1.");
            if (!(options.HeldOutShare is > 0 and < 1)) throw new UsageException("--val-share must be above 0 and below 1.");
            string target = parsed.GetValue(folder)!;
            OutputPlace.CheckFolder("<folder>", target);
            using var display = new StageDisplay(parsed.GetValue(quiet), interrupt);
            var warnings = WarningLogger.OfData(display.Note);
            DetectionDataset images = BackgroundWork.Wait(() => DetectionData.OpenTraining(path, annotations.Options(parsed), warnings), interrupt);
            ObjectCropResult written = ObjectCrops.Write(images, target, options, Environment.ProcessorCount, warnings, new CountedLines(display, images.Images.Count), interrupt);
            display.Clear();
            string left = written.TooLarge == 0 ? "" : $" ({Counted.Of(written.TooLarge, "object")} too large for a crop to hold the share are left out)";
            Say.Line($"{Counted.Of(written.Training, "crop")} to train on and {written.Validation} to validate in {target}{left}; train with: ilgpuspp train --data {written.Manifest}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Convert()
    {
        var data = new Option<string?>("--data") { Description = $"{AnnotationSelection.Formats}.", HelpName = "path" };
        var to = new Option<string?>("--to") { Description = "The format to write.", HelpName = "voc|coco|yolo|csv" };
        var output = new Option<string?>("--out") { Description = "Folder of the outcome; must be empty, not exist, or hold what the same command began.", HelpName = "DIR" };
        var annotations = new AnnotationSelection("all its sets, which the outcome has too");
        var quiet = new Option<bool>("--quiet") { Description = "No progress." };
        var command = new Command("convert", "Write a data set with boxes in another format, its images as they are; what the format has no word for is said.") { data, to, output, quiet };
        annotations.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            string path = parsed.GetValue(data) ?? throw new UsageException("--data is needed: the images with their boxes.");
            string target = parsed.GetValue(output) ?? throw new UsageException("--out is needed: a folder for the outcome.");
            BoxFormat format = parsed.GetValue(to) switch
            {
                "voc" => BoxFormat.Voc,
                "coco" => BoxFormat.Coco,
                "yolo" => BoxFormat.Yolo,
                "csv" => BoxFormat.Csv,
                null => throw new UsageException("--to is needed: voc, coco, yolo or csv."),
                _ => throw new UsageException("--to takes voc, coco, yolo or csv."),
            };
            OutputPlace.CheckFolder("--out", target);
            using var display = new StageDisplay(parsed.GetValue(quiet), interrupt);
            var warnings = WarningLogger.OfData(display.Note);
            DetectionDataset images = BackgroundWork.Wait(() => DetectionData.OpenAll(path, annotations.Options(parsed), warnings), interrupt);
            ConversionResult written = DetectionConversion.Write(images, format, target, new CountedLines(display, images.Images.Count), interrupt);
            display.Clear();
            foreach (string loss in written.Losses) Say.Error($"note: {loss}");
            Say.Line($"{Counted.Of(written.Images, "image")} with {Counted.Of(written.Objects, "object")} of {Counted.Of(images.ClassNames.Count, "class")} in {target}; read with: --data {string.Join(" or ", written.Paths)}");
            return ExitCode.Done;
        });
        return command;
    }

    private sealed class CountedLines(StageDisplay display, int total) : IProgress<int>
    {
        public void Report(int value) => display.Report("images", value, total);
    }

    private static void WriteClasses(string target, int? train, int? validation, ulong seed, CancellationToken interrupt)
    {
        var options = new ShapesOptions { Seed = seed };
        options = options with { TrainImages = train ?? options.TrainImages, ValidationImages = validation ?? options.ValidationImages };
        ShapesDataset.Write(target, options, Environment.ProcessorCount, progress: null, interrupt);
        Say.Line($"{Counted.Of(options.TrainImages + options.ValidationImages, "image")} in {target}; train with: ilgpuspp train --data {target}");
    }

    private static void WriteScenes(string target, int train, int test, ulong seed, CancellationToken interrupt)
    {
        if (train < 2) throw new UsageException("--train must be at least 2.");
        ShapesScenes.WriteVoc(target, train, test, seed, interrupt);
        Say.Line($"{Counted.Of(train + test, "image")} in {target}; train with: ilgpuspp detect train --data {target} --from MODEL");
    }
}
