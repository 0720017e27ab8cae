using System.Globalization;
using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Detection;

/// <summary><c>detect bench</c>: SPP-net against R-CNN, the times of the paper's Tables 9 and 10.</summary>
internal static class BenchAction
{
    public static Command Create()
    {
        var network = new Option<string>("--network") { Description = "Network of the zoo.", DefaultValueFactory = _ => "zf5", HelpName = "name" };
        var images = new Argument<string[]>("images") { Description = "Photographs, folders or patterns, whose windows selective search finds (not timed); without them noise of 500x375 pixels with drawn windows.", Arity = ArgumentArity.ZeroOrMore };
        var windows = new Option<int>("--windows") { Description = "Windows of an image, of photographs at most.", DefaultValueFactory = _ => 2000, HelpName = "n" };
        var crops = new Option<int>("--measured-crops") { Description = "Crops that are timed for R-CNN; its time is this time multiplied up to all windows. Passes take 16 crops.", DefaultValueFactory = _ => 64, HelpName = "n" };
        var compression = new CompressionSelection();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var device = new DeviceSelection();
        var command = new Command("bench", "Time an image: convolutions once and windows pooled, against each window by itself.") { images, network, windows, crops, json };
        compression.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(windows) < 1 || parsed.GetValue(crops) < 1) throw new UsageException("--windows and --measured-crops must be at least 1.");
            ZooEntry entry = Zoo.Find(parsed.GetValue(network)!);
            using Backend backend = device.Open(parsed);
            using Model model = Network(entry, compression.Read(parsed), backend);
            IReadOnlyList<SpeedImage> timed = parsed.GetValue(images) is { Length: > 0 } photographs
                ? SpeedImage.Photographs(ImagePaths.Expand(photographs), ProposalSettings.Photographs.Open(null, WarningLogger.OfData(Say.Error)), parsed.GetValue(windows), interrupt)
                : [SpeedImage.Drawn(parsed.GetValue(windows))];
            if (timed.Count == 0) throw new UsageException("selective search finds no windows in these images.");
            IReadOnlyList<SpeedRow> rows = new SpeedBench(model, entry.Size, timed, parsed.GetValue(crops)).Run(interrupt);
            int mean = (int)Math.Round(timed.Average(image => image.Windows.Length));
            if (parsed.GetValue(json)) WriteJson(entry.Name, timed.Count, mean, parsed.GetValue(crops), backend, rows);
            else Print(entry.Name, timed.Count, mean, parsed.GetValue(crops), rows);
            return ExitCode.Done;
        });
        return command;
    }

    private static Model Network(ZooEntry entry, CompressionPlan plan, Backend backend)
    {
        var options = new ModelOptions { Classes = 21 };
        if (plan is { Ranks.Count: 0, Int8.Count: 0 }) return Zoo.Create(entry.Name, options, backend, seed: 1);
        return new Model(new ModelDescription { Architecture = entry.Name, Options = options }, LinearCompression.LayersOf(Zoo.Build(entry, options), plan), backend, seed: 1);
    }

    private static void WriteJson(string network, int images, int windows, int crops, Backend backend, IReadOnlyList<SpeedRow> rows) => JsonLine.Write(new SpeedAnswer(
        network, images, windows, crops, backend.Device.Parallelism,
        [.. rows.Select(row => new SpeedAnswer.Row(row.Name, row.Convolutions, row.FullyConnected, row.Total, rows[^1].Total / row.Total, rows[^1].Convolutions / row.Convolutions))]));

    private static void Print(string network, int images, int windows, int crops, IReadOnlyList<SpeedRow> rows)
    {
        var culture = CultureInfo.InvariantCulture;
        Say.Line($"{network}, {Counted.Of(images, "image")}, {Counted.Of(windows, "window")} each; R-CNN's convolutions timed on {Counted.Of(crops, "crop")} and multiplied up");
        Say.Line("method               conv s     fc s    total s  speed-up  conv alone");
        foreach (SpeedRow row in rows)
            Say.Line(string.Create(culture, $"{row.Name,-18} {row.Convolutions,8:0.000} {row.FullyConnected,8:0.000} {row.Total,10:0.000} {rows[^1].Total / row.Total,8:0.0}x {rows[^1].Convolutions / row.Convolutions,10:0.0}x"));
    }
}

internal sealed record SpeedAnswer(string Network, int Images, int Windows, int MeasuredCrops, int Threads, IReadOnlyList<SpeedAnswer.Row> Rows)
{
    internal sealed record Row(string Name, double ConvSeconds, double FcSeconds, double TotalSeconds, double SpeedUp, double ConvSpeedUp);
}
