namespace IlgpuSpp.Cli.Commands;

/// <summary><c>data</c>: makes data sets.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Make data sets.") { Shapes() };

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
