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
        var train = new Option<int>("--train") { Description = "Training images.", DefaultValueFactory = _ => ShapesOptions.DefaultTrainImages, HelpName = "n" };
        var validation = new Option<int>("--val") { Description = "Validation images.", DefaultValueFactory = _ => ShapesOptions.DefaultTrainImages / 4, HelpName = "n" };
        var seed = new Option<ulong>("--seed") { Description = "Seed: the same seed draws the same images.", DefaultValueFactory = _ => 1UL, HelpName = "n" };
        var command = new Command("shapes", "Draw textured shapes over clutter: 10 classes, varied sizes and aspect ratios.") { folder, train, validation, seed };
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            var options = new ShapesOptions { Seed = parsed.GetValue(seed), TrainImages = parsed.GetValue(train), ValidationImages = parsed.GetValue(validation) };
            int written = ShapesDataset.Write(options, parsed.GetValue(folder)!, interrupt);
            Console.WriteLine($"{written} images in {parsed.GetValue(folder)}; train with: ilgpuspp train --data {parsed.GetValue(folder)}");
            return ExitCode.Done;
        });
        return command;
    }
}
