using System.CommandLine;
using IlgpuSpp.Data;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>data</c>: makes data sets.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Make data sets.") { Shapes() };

    private static Command Shapes()
    {
        var folder = new Argument<string>("folder") { Description = "Where train/ and val/ are written; must be empty or not exist." };
        var train = new Option<int>("--train") { Description = "Training images.", DefaultValueFactory = _ => new ShapesOptions().TrainImages, HelpName = "n" };
        var validation = new Option<int>("--val") { Description = "Validation images.", DefaultValueFactory = _ => new ShapesOptions().ValidationImages, HelpName = "n" };
        var seed = new Option<ulong>("--seed") { Description = "Seed: the same seed draws the same images.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var command = new Command("shapes", "Draw textured shapes over clutter: 10 classes, varied sizes and aspect ratios.") { folder, train, validation, seed };
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            var options = new ShapesOptions { Seed = parsed.GetValue(seed), TrainImages = parsed.GetValue(train), ValidationImages = parsed.GetValue(validation) };
            if (options.TrainImages < 1 || options.ValidationImages < 1) throw new UsageException("--train and --val must be at least 1.");
            string target = parsed.GetValue(folder)!;
            if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
                throw new IOException($"{target}: is not an empty folder; name one that is empty or does not exist.");
            ShapesDataset.Write(target, options, Environment.ProcessorCount, progress: null, interrupt);
            Console.WriteLine($"{options.TrainImages + options.ValidationImages} images in {target}; train with: ilgpuspp train --data {target}");
            return ExitCode.Done;
        });
        return command;
    }
}
